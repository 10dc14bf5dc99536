using System.Collections;
using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>A nested object of the API's JSON, as a hashtable or as <c>ConvertFrom-Json</c> makes it, down to its leaves.</summary>
internal sealed class ReadBagAttribute : ReadAttribute
{
    protected override object? Read(object? value) => value switch
    {
        null or "" => null,
        IDictionary or PSObject => Plain(value),
        _ => throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, $"A {value.GetType().Name} cannot be read as an object; give a hashtable."),
    };

    /// <summary>Takes PowerShell's own wrapping off.</summary>
    public static object? Plain(object? value)
    {
        switch (PropertyBag.Unwrap(value))
        {
            case IDictionary table:
                var copy = new Hashtable(StringComparer.Ordinal);
                foreach (DictionaryEntry entry in table)
                {
                    copy[entry.Key] = Plain(entry.Value);
                }

                return copy;
            case PSObject bag:
                return bag.Properties.Aggregate(new Hashtable(StringComparer.Ordinal), (properties, property) =>
                {
                    properties[property.Name] = Plain(property.Value);
                    return properties;
                });
            case IEnumerable list and not string:
                return list.Cast<object?>().Select(Plain).ToArray();
            case SwitchParameter given:
                return given.IsPresent;
            case var plain:
                return plain;
        }
    }
}
