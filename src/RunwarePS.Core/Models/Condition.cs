using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>A condition of a rule in words: keys that are present, or have certain values.</summary>
/// <param name="Terms">The single conditions.</param>
/// <param name="IsAny">Whether one of them is enough.</param>
internal sealed record Condition(IReadOnlyList<ConditionTerm> Terms, bool IsAny)
{
    public static readonly Condition None = new([], IsAny: false);

    /// <summary>As the cause of something, such as <c>'a' and 'b' high</c>.</summary>
    public string AsCause => string.Join(IsAny ? " or " : " and ", Terms.Select(t => t.AsCause));

    /// <summary>As a clause, such as <c>'a' or 'b' is specified</c>.</summary>
    public string AsClause => Terms.All(t => t.Value is null)
        ? $"{AsCause} {(Terms.Count > 1 && !IsAny ? "are" : "is")} specified"
        : string.Join(IsAny ? " or " : " and ", Terms.Select(t => t.AsClause));

    /// <summary>The keys of the condition.</summary>
    public IEnumerable<string> Paths => Terms.Select(t => t.Path);

    /// <summary>Reads a condition.</summary>
    /// <param name="schema">The condition.</param>
    /// <param name="path">The path of the schema.</param>
    /// <returns>Null if it has a form that can't be expressed in a few words.</returns>
    public static Condition? Of(Schema schema, string path) => Read(schema, path, value: null, isLive: false);

    /// <summary>Reads a condition that a value meets: of alternatives, only those that it meets.</summary>
    public static Condition? Of(Schema schema, string path, JsonNode? value) => Read(schema, path, value, isLive: true);

    public static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;

    private static Condition? Read(Schema schema, string path, JsonNode? value, bool isLive)
    {
        if ((schema.Not ?? schema.If ?? schema.Contains ?? schema.Items) is not null || schema.Pattern is not null
            || schema.Format is not null)
        {
            return null;
        }

        var all = new List<ConditionTerm>();
        foreach (var key in schema.Required.Concat(schema.Properties.Keys.Where(k => isLive && Child(value, k) is not null))
            .Distinct(StringComparer.Ordinal))
        {
            var inner = schema.Properties.TryGetValue(key, out var property)
                ? Read(property, Join(path, key), Child(value, key), isLive)
                : None;
            if (inner is null)
            {
                return null;
            }

            if (inner.IsAny && inner.Terms.Count > 1)
            {
                return schema.Required.Length <= 1 && schema.Properties.Count <= 1 ? inner : null;
            }

            all.AddRange(inner.Terms.Count > 0 ? inner.Terms : [new ConditionTerm(Join(path, key), Value: null)]);
        }

        if (Own(schema, path, isLive ? value : null) is { } own)
        {
            all.Add(own);
        }

        foreach (var part in schema.AllOf)
        {
            if (Read(part, path, value, isLive) is not { IsAny: false } inner)
            {
                return null;
            }

            all.AddRange(inner.Terms);
        }

        var alternatives = schema.AnyOf.Concat(schema.OneOf).ToArray();
        return alternatives.Length == 0 ? new Condition([.. all.Distinct()], IsAny: false)
            : isLive ? Array.Find(alternatives, a => a.Accepts(value) is true) is { } met && Read(met, path, value, isLive) is { } known
                ? new Condition([.. all.Concat(known.Terms).Distinct()], IsAny: false) : null
            : all.Count == 0 ? Alternatives(alternatives, path) : null;
    }

    private static Condition? Alternatives(Schema[] alternatives, string path)
    {
        var parts = alternatives.Select(a => Of(a, path)).ToArray();
        return Array.TrueForAll(parts, p => p is { Terms.Count: 1 } or { IsAny: true })
            ? new Condition([.. parts.SelectMany(p => p!.Terms).Distinct()], IsAny: true)
            : null;
    }

    // Of several values that are enough, a request has one.
    private static ConditionTerm? Own(Schema schema, string path, JsonNode? value) =>
        schema.Values is { } values
            ? new ConditionTerm(path, value is null ? SchemaText.Or(values.Select(SchemaText.Say)) : SchemaText.Say(value))
        : schema.Range != Bounds.None ? new ConditionTerm(path, schema.Range.ToString(""))
        : schema.Count.Min is > 1 and var count ? new ConditionTerm(path, FormattableString.Invariant($"with {count} or more items"))
        : null;

    private static JsonNode? Child(JsonNode? value, string key) => (value as JsonObject)?[key];
}

/// <param name="Path">A key.</param>
/// <param name="Value">What it has to be; null where it only has to be present.</param>
internal sealed record ConditionTerm(string Path, string? Value)
{
    public string AsCause => Value is null ? $"'{Path}'" : $"'{Path}' {Value}";

    public string AsClause => Value is null ? $"'{Path}' is specified" : $"'{Path}' is {Value}";
}
