using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RunwarePS.Binding;

/// <summary>Lets the core look into any object of the pipeline.</summary>
internal static class PropertyReader
{
    /// <summary>
    /// The object inside PowerShell's own wrapping; null for what databases and the language use in its place. A property bag has no
    /// object inside: it stays as it is.
    /// </summary>
    public static object? Unwrap(object? value) =>
        (value is PSObject { BaseObject: var inner and not PSCustomObject } ? inner : value) is var plain and not (DBNull or NullString)
            ? plain
            : null;

    /// <summary>
    /// What a value holds, each in PowerShell's own wrapping: the members of its lists, and of theirs, else itself. A text and a table are
    /// no lists, and bytes are one thing, however they are wrapped.
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

    // The core reads tables, and knows nothing of PowerShell's property bags.
    private static object? Plain(object? value) =>
        Unwrap(value) is var plain && plain is PSObject or IDictionary ? DictionaryTransformationAttribute.Plain(plain) : plain;
}
