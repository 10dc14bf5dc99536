using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>
/// The engine drops a by-name value that it cannot convert and turns an empty cell into 0. These attributes stand before that:
/// they read the value by the module's own rules, and throw where it cannot be read.
/// </summary>
internal abstract class ValueTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return Read(PropertyReader.Unwrap(inputData));
        }
        catch (RunwareException e)
        {
            return Refuse(e);
        }
    }

    /// <exception cref="RunwareException">The value cannot be read.</exception>
    public abstract object? Read(object? value);

    // Any inner exception but an invalid cast: that one alone the engine would swallow.
    private protected virtual object Refuse(RunwareException reason) =>
        throw new ArgumentTransformationMetadataException(reason.Message, reason);
}

/// <summary>
/// Reads a cell of a row. For a cell that cannot be read, the engine skips the parameter, not the row: the cmdlet must report it.
/// </summary>
internal abstract class CellTransformationAttribute : ValueTransformationAttribute
{
    /// <summary>
    /// Whether an explicit nothing on the command line is an error. In a row, nothing always means that there is no such cell.
    /// </summary>
    public bool RequiresValue { get; set; }

    private protected override object Refuse(RunwareException reason) => new Unreadable(reason);
}

internal sealed class TextTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => Text(value);

    /// <summary>The text that a value is. A custom object calls itself formattable, and is none all the same.</summary>
    public static string? Text(object? value) => PropertyReader.Unwrap(value) is PSObject
        ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, Strings.ObjectNotText)
        : ReadValue.Text(PropertyReader.Unwrap(value));

    private protected override object Refuse(RunwareException reason) => new UnreadableText(reason);
}

/// <summary>A list of texts; one text is a list of one, and a file is its path.</summary>
internal sealed class TextsTransformationAttribute : ValueTransformationAttribute
{
    /// <summary>The property that identifies an object, such as the ID of a model.</summary>
    public string? Property { get; set; }

    public override object? Read(object? value) =>
        value is System.Collections.IEnumerable list and not string ? list.Cast<object?>().Select(Text).OfType<string>().ToArray()
        : Text(value) is { } text ? new[] { text } : null;

    private string? Text(object? value) => PropertyReader.Unwrap(value) switch
    {
        FileSystemInfo file => file.FullName,
        { } item when Property is not null && item is not string && PropertyReader.Lookup(item)(Property) is { } named =>
            TextTransformationAttribute.Text(named),
        var plain => TextTransformationAttribute.Text(plain),
    };
}

internal sealed class IntegerTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Integer(value);
}

internal sealed class LongTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Long(value);
}

internal sealed class NumberTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Number(value);
}

/// <summary>An amount in USD. Text is read with a point, never with a comma that would make nine of 0,9.</summary>
internal sealed class MoneyTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Money(value);
}

internal sealed class GuidTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Id(value);
}

/// <summary>A date is the same in every culture: text is read in the order year, month, day, or refused.</summary>
internal sealed class TimeTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.LocalTime(value);
}

/// <summary>A day: what has no offset is a day as it is written, and anything else the day in UTC.</summary>
internal sealed class DayTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Day(value);
}

internal sealed class DurationTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => ReadValue.Duration(value);
}

/// <summary>A duration of media in seconds, or the word <c>auto</c>.</summary>
internal sealed class SecondsTransformationAttribute : CellTransformationAttribute
{
    private const string Auto = "auto";

    public override object? Read(object? value) =>
        value is string text && text.Trim().Equals(Auto, StringComparison.OrdinalIgnoreCase) ? Auto
        : ReadValue.Duration(value) is { } span ? ReadValue.Number((decimal)span.Ticks / TimeSpan.TicksPerSecond)
        : null;
}

/// <summary>A URL: absolute, http or https. The message does not repeat it, because it may hold a password or a signature.</summary>
internal sealed class UriTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value)
    {
        var text = ReadValue.Text(value);
        return text is null ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, Strings.NotAnHttpUrl);
    }
}

/// <summary>For a switch that can also be unspecified.</summary>
internal sealed class FlagTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) =>
        value is SwitchParameter ? value : ReadValue.Flag(value) is { } flag ? new SwitchParameter(flag) : null;
}

/// <summary>For switches: absent and empty mean off, text is true or false.</summary>
internal sealed class SwitchTransformationAttribute : CellTransformationAttribute
{
    public override object Read(object? value) =>
        value is SwitchParameter given ? given : new SwitchParameter(ReadValue.Flag(value) ?? false);
}
