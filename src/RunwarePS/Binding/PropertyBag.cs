using System.Management.Automation;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>Lets the core look into any object of the pipeline.</summary>
internal static class PropertyBag
{
    public static Lookup Lookup(object value)
    {
        var properties = PSObject.AsPSObject(value).Properties;
        return names => Array.ConvertAll(names, name => Value(properties[name])).FirstOrDefault(v => v is not null);
    }

    private static object? Value(PSPropertyInfo? property) =>
        property is { IsGettable: true } ? property.Value is PSObject { BaseObject: var inner and not PSCustomObject } ? inner : property.Value : null;
}
