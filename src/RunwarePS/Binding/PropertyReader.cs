using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RunwarePS.Binding;

/// <summary>Lets the core look into any object of the pipeline.</summary>
internal static class PropertyReader
{
    /// <summary>
    /// The object inside a PSObject; null for DBNull and NullString. A custom object doesn't contain another object and is returned as is.
    /// </summary>
    public static object? Unwrap(object? value) =>
        (value is PSObject { BaseObject: var inner and not PSCustomObject } ? inner : value) is var plain and not (DBNull or NullString)
            ? plain
            : null;

    /// <summary>
    /// The items of a value, each in its PSObject: the members of its lists, and of nested lists, else the value itself. Text and tables
    /// aren't lists, and a byte array is one item, however it is wrapped.
    /// </summary>
    public static IEnumerable<object?> Each(object? value) => Unwrap(value) switch
    {
        string or IDictionary or byte[] => [value],
        object[] { Length: > 0 } bytes when Array.TrueForAll(bytes, b => Unwrap(b) is byte) =>
            [Array.ConvertAll(bytes, b => (byte)Unwrap(b)!)],
        IEnumerable list => list.Cast<object?>().SelectMany(Each),
        _ => [value],
    };

    public static Lookup Lookup(object value)
    {
        if (Unwrap(value) is IDictionary table)
        {
            return names => Array.ConvertAll(names, name => Entry(table, name)).FirstOrDefault(v => v is not null);
        }

        var properties = PSObject.AsPSObject(value).Properties;
        return names => Array.ConvertAll(names, name => Value(properties[name])).FirstOrDefault(v => v is not null);
    }

    private static object? Entry(IDictionary table, string name) =>
        table.Keys.OfType<string>().FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } key
            ? Plain(table[key])
            : null;

    private static object? Value(PSPropertyInfo? property) =>
        property is { IsGettable: true } ? Plain(property.Value) : null;

    // The core reads dictionaries and doesn't depend on PowerShell's custom objects.
    private static object? Plain(object? value) =>
        Unwrap(value) is var plain && plain is PSObject or IDictionary ? DictionaryTransformationAttribute.Plain(plain) : plain;
}
