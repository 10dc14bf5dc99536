using System.ComponentModel;
using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>
/// What a transformation hands to the engine for a value that it can't read. The engine can't convert it to the parameter's type. On the
/// command line, that is an error. For a property of a pipeline record, the engine then leaves the parameter alone and calls the cmdlet,
/// which reports the record itself (<see cref="RowReader"/>); an exception would make the engine drop the whole record.
/// </summary>
[TypeConverter(typeof(Converter))]
internal class Unreadable(RunwareException reason)
{
    // The engine shows it in its message, and the value may hold a secret.
    public override string ToString() => "…";

    /// <summary>Why it can't be read.</summary>
    public RunwareException Reason => reason;

    private sealed class Converter : PSTypeConverter
    {
        public override bool CanConvertFrom(object sourceValue, Type destinationType) => false;

        public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            throw new PSInvalidCastException();

        public override bool CanConvertTo(object sourceValue, Type destinationType) => true;

        public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            throw new PSInvalidCastException(((Unreadable)sourceValue).Reason.Message);
    }
}

/// <summary>The same for a parameter that takes text, to which the engine converts everything that has a <see cref="ToString"/>.</summary>
internal sealed class UnreadableText(RunwareException reason) : Unreadable(reason)
{
    public override string ToString() => throw Reason;
}
