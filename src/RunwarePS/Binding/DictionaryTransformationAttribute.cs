using System.Collections;
using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>A nested object of the API's JSON, as a hashtable or as <c>ConvertFrom-Json</c> makes it, down to its leaves.</summary>
internal sealed class DictionaryTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => value switch
    {
        null => null,
        string text when string.IsNullOrWhiteSpace(text) => null,
        IDictionary or PSObject => Plain(value),
        _ =>
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
                Strings.ObjectUnreadable.With(value.GetType().Name)),
    };

    /// <summary>Takes PowerShell's own wrapping off.</summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: it's nested too deeply, or contains itself.</exception>
    public static object? Plain(object? value) => Plain(value, depth: 0);

    private static object? Plain(object? value, int depth)
    {
        if (depth > DictionaryConverter.MaxDepth)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, Strings.ObjectTooDeep);
        }

        switch (PropertyReader.Unwrap(value))
        {
            case IDictionary table:
                var copy = new Hashtable(StringComparer.Ordinal);
                foreach (DictionaryEntry entry in table)
                {
                    copy[entry.Key] = Plain(entry.Value, depth + 1);
                }

                return copy;
            case byte[] bytes:
                return bytes;
            case PSObject item when Media(item) is { } media:
                return media;
            case PSObject item:
                return item.Properties.Aggregate(new Hashtable(StringComparer.Ordinal), (properties, property) =>
                {
                    properties[property.Name] = Plain(property.Value, depth + 1);
                    return properties;
                });
            case IEnumerable list and not string:
                return list.Cast<object?>().Select(item => Plain(item, depth + 1)).ToArray();
            case SwitchParameter given:
                return given.IsPresent;
            case var plain:
                return plain;
        }
    }

    /// <summary>The result of a task that came back from CLIXML, remoting or a job; null of anything else.</summary>
    private static RunwareMedia? Media(PSObject item)
    {
        const string Prefix = "Deserialized.RunwarePS.";
        var name = item.TypeNames.FirstOrDefault(type => type.StartsWith(Prefix, StringComparison.Ordinal));
        RunwareMedia? media = name?[Prefix.Length..] switch
        {
            nameof(RunwareImage) => ObjectReader.Image(PropertyReader.Lookup(item)) ?? new RunwareImage(),
            nameof(RunwareVideo) => new RunwareVideo(),
            nameof(RunwareAudio) => new RunwareAudio(),
            nameof(RunwareFile) => new RunwareFile(),
            nameof(RunwareMediaReference) => new RunwareMediaReference(),
            _ => null,
        };
        if (media is not null)
        {
            media.Uuid = ReadValue.Id(PropertyReader.Unwrap(item.Properties["Uuid"]?.Value)) ?? media.Uuid;
            media.Url = Uri.TryCreate(item.Properties["Url"]?.Value?.ToString(), UriKind.Absolute, out var url) ? url : media.Url;
        }

        return media;
    }
}
