using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>
/// What one key of a request can hold. <see cref="Min"/> and <see cref="Max"/> bound a number, a text's length or a list's count.
/// </summary>
internal sealed record ParameterRule(string Type, bool Required)
{
    /// <summary>Of a text: <c>uuid</c>, <c>uri</c>, or <c>media</c> for a UUID, a URL, a data URI or base64.</summary>
    public string? Format { get; init; }

    /// <summary>A regular expression that a text has to match.</summary>
    public string? Pattern { get; init; }

    public string? Default { get; init; }

    /// <summary>The values in the API's spelling: the only ones, or beside a range the words that are allowed too.</summary>
    public string[]? Allowed { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public decimal? MultipleOf { get; init; }

    /// <summary>Every key of a request by its dotted path, in the order of the schema. Keys of a list's items follow the list.</summary>
    public static Dictionary<string, ParameterRule> Of(Schema task)
    {
        var rules = new Dictionary<string, ParameterRule>(StringComparer.Ordinal);
        Collect(task, path: "", rules);
        return rules;
    }

    private static void Collect(Schema parent, string path, Dictionary<string, ParameterRule> rules)
    {
        foreach (var (key, schema) in parent.Properties)
        {
            var inner = Condition.Join(path, key);
            rules[inner] = Of(schema, parent.Required.Contains(key, StringComparer.Ordinal));
            foreach (var part in Objects(schema).Concat(schema.Items is null ? [] : Objects(schema.Items)))
            {
                Collect(part, inner, rules);
            }
        }
    }

    // An object can stand beside other forms of the same key, such as a URL.
    private static IEnumerable<Schema> Objects(Schema schema) =>
        schema.AnyOf.Concat(schema.OneOf).Where(p => p.Properties.Count > 0 && p.Types.Length > 0).Prepend(schema)
            .Where(p => p.Properties.Count > 0);

    private static ParameterRule Of(Schema schema, bool required)
    {
        var parts = schema.AnyOf.Concat(schema.OneOf).Prepend(schema).ToArray();
        var measured = Array.Find(parts, p => BoundsOf(p) != Bounds.None || p.MultipleOf is not null) ?? schema;
        var values = parts.Where(p => p.Values is not null).SelectMany(p => p.Values!).Select(v => v?.ToString() ?? "null").ToArray();
        return new ParameterRule(TypeOf(parts), required)
        {
            Format = schema.Format
                ?? (Array.Exists(parts, p => p.Format == "uri") || schema.Items?.AnyOf.Any(p => p.Format == "uri") == true
                    ? "media"
                    : null),
            Pattern = schema.Format is null ? schema.Pattern?.ToString() : null,
            Default = Say(schema.Default),
            Allowed = values.Length > 0 ? values : null,
            Min = BoundsOf(measured).Min ?? BoundsOf(measured).Above,
            Max = BoundsOf(measured).Max ?? BoundsOf(measured).Below,
            MultipleOf = measured.MultipleOf,
        };
    }

    private static Bounds BoundsOf(Schema schema) =>
        schema.Range != Bounds.None ? schema.Range : schema.Count != Bounds.None ? schema.Count : schema.Length;

    private static string TypeOf(Schema[] parts)
    {
        var types = parts[0].Types.Length > 0 ? parts[0].Types
            : parts.SelectMany(p => p.Types.Length > 0 ? p.Types : p.Values?.Select(JsonFacts.TypeOf) ?? [])
            .Distinct(StringComparer.Ordinal).ToArray();
        return types.Length == 0 ? "any" : string.Join(" or ", types);
    }

    private static string? Say(JsonNode? value) => value switch
    {
        null => null,
        JsonValue => value.AsNumber()?.ToString(CultureInfo.InvariantCulture) ?? value.ToString(),
        _ => value.ToJsonString(),
    };
}
