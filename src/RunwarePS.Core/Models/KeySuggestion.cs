using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>
/// Finds the key that a key outside a model's schema was probably meant for: the same name elsewhere, or a name that is nearly the same.
/// </summary>
internal static class KeySuggestion
{
    public static string? For(Schema schema, string path, JsonNode? value)
    {
        var keys = Paths(schema, "").ToArray();
        var names = value is JsonObject table ? Leaves(table).Prepend(Name(path)).ToArray() : [Name(path)];
        return names.Select(name => Same(keys, name, path)).FirstOrDefault(key => key is not null) ?? Near(keys, path);
    }

    /// <summary>Every key of a schema by its dotted path.</summary>
    private static IEnumerable<string> Paths(Schema schema, string path) =>
        from property in schema.Properties
        let inner = Condition.Join(path, property.Key)
        from key in Paths(property.Value, inner).Prepend(inner)
        select key;

    private static IEnumerable<string> Leaves(JsonObject table) =>
        table.SelectMany(p => p.Value is JsonObject inner ? Leaves(inner) : [p.Key]);

    private static string? Same(string[] keys, string name, string path) =>
        Array.Find(keys, k => k != path && Name(k).Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string? Near(string[] keys, string path)
    {
        var name = Name(path).ToLowerInvariant();
        return (from key in keys
                let distance = EditDistance.Between(name, Name(key).ToLowerInvariant())
                where distance <= Math.Max(1, name.Length / 4)
                orderby distance, Parent(key) != Parent(path)
                select key).FirstOrDefault();
    }

    private static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('.'))];
}

/// <summary>The keys that a rule is about.</summary>
internal static class RuleKeys
{
    /// <summary>The first key of a rule that a task holds; else the first key of the rule.</summary>
    public static string? First(Schema rule, JsonObject task)
    {
        var keys = All(rule, "").ToArray();
        return Array.Find(keys, k => task.At(k) is not null && task.At(k) is not JsonObject) ?? keys.FirstOrDefault();
    }

    private static IEnumerable<string> All(Schema schema, string path)
    {
        var inner = schema.Properties.SelectMany(p => All(p.Value, Condition.Join(path, p.Key))
            .DefaultIfEmpty(Condition.Join(path, p.Key)));
        var required = schema.Required.Where(k => !schema.Properties.ContainsKey(k)).Select(k => Condition.Join(path, k));
        var parts = new[] { schema.If, schema.Not, schema.Then, schema.Else }.OfType<Schema>().Concat(schema.AllOf).Concat(schema.AnyOf)
            .Concat(schema.OneOf);
        return required.Concat(inner).Concat(parts.SelectMany(p => All(p, path)));
    }
}
