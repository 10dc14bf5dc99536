using System.Management.Automation;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>Lets the core look into any object of the pipeline.</summary>
internal static class PropertyBag
{
    /// <summary>The object inside PowerShell's own wrapping. A property bag has none: it stays as it is.</summary>
    public static object? Unwrap(object? value) => value is PSObject { BaseObject: var inner and not PSCustomObject } ? inner : value;

    public static Lookup Lookup(object value)
    {
        if (Unwrap(value) is System.Collections.IDictionary table)
        {
            return names => Array.ConvertAll(names, name => Entry(table, name)).FirstOrDefault(v => v is not null);
        }

        var properties = PSObject.AsPSObject(value).Properties;
        return names => Array.ConvertAll(names, name => Value(properties[name])).FirstOrDefault(v => v is not null);
    }

    private static object? Entry(System.Collections.IDictionary table, string name) =>
        table.Keys.OfType<string>().FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } key ? Unwrap(table[key]) : null;

    private static object? Value(PSPropertyInfo? property) =>
        property is { IsGettable: true } ? Unwrap(property.Value) : null;
}
