using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>
/// The engine drops a by-name value that it cannot convert and turns an empty cell into 0. These attributes stand before that:
/// they read the value by the module's own rules, and throw where it cannot be read.
/// </summary>
internal abstract class ReadAttribute : ArgumentTransformationAttribute
{
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return Read(PropertyBag.Unwrap(inputData));
        }
        catch (RunwareException e)
        {
            // Any inner exception but an invalid cast: that one alone the engine would swallow.
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    protected abstract object? Read(object? value);
}

internal sealed class ReadTextAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Text(value);
}

/// <summary>A list of texts; one text is a list of one, and a file is its path.</summary>
internal sealed class ReadTextsAttribute : ReadAttribute
{
    protected override object? Read(object? value) =>
        value is System.Collections.IEnumerable list and not string ? list.Cast<object?>().Select(Text).OfType<string>().ToArray()
        : Text(value) is { } text ? new[] { text } : null;

    private static string? Text(object? value) => PropertyBag.Unwrap(value) is var plain && plain is FileSystemInfo file ? file.FullName : ReadValue.Text(plain);
}

internal sealed class ReadIntegerAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Integer(value);
}

/// <summary>An amount in USD. Text is read with a point, never with a comma that would make nine of 0,9.</summary>
internal sealed class ReadMoneyAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Money(value);
}

internal sealed class ReadIdAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Id(value);
}

/// <summary>A date is the same in every culture: text is read in the order year, month, day, or refused.</summary>
internal sealed class ReadTimeAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.LocalTime(value);
}

internal sealed class ReadDurationAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Duration(value);
}

/// <summary>An address: absolute, http or https. The message does not repeat it, because it may hold a password or a signature.</summary>
internal sealed class ReadAddressAttribute : ReadAttribute
{
    protected override object? Read(object? value)
    {
        var text = ReadValue.Text(value);
        return text is null ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, "This is no absolute http or https address.");
    }
}

internal sealed class ReadFlagAttribute : ReadAttribute
{
    protected override object? Read(object? value) => ReadValue.Flag(value is SwitchParameter given ? given.IsPresent : value);
}

/// <summary>For switches: absent and empty mean off, text says true or false.</summary>
internal sealed class ReadSwitchAttribute : ReadAttribute
{
    protected override object Read(object? value) => value is SwitchParameter given ? given : new SwitchParameter(ReadValue.Flag(value) ?? false);
}

/// <summary>A prompt is a text, or the <c>Prompt</c> or <c>positivePrompt</c> of an object. Anything else is none: a file or a number is never bought as text.</summary>
internal sealed class ReadPromptAttribute : ReadAttribute
{
    protected override object? Read(object? value) => value switch
    {
        null or string => value,
        System.Collections.IDictionary => null,
        _ => PropertyBag.Lookup(value)("Prompt", "PositivePrompt") is { } prompt ? ReadValue.Text(prompt) : null,
    };
}
