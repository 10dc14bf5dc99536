using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>What a schema allows, in words.</summary>
internal static class SchemaText
{
    private const int LongestValue = 40;

    public static string Say(JsonNode? value) =>
        value.AsMedia() is not null
            ? value.AsText() is { } text
            ? DisplayText.Cut(text, LongestValue)
            : "bytes"
            : DisplayText.Cut(value?.ToString() ?? "null", LongestValue);

    /// <summary>A value as a message quotes it: text in quotation marks.</summary>
    public static string Quote(JsonNode? value) => value.AsText() is null && value.AsMedia() is null ? Say(value) : $"'{Say(value)}'";

    /// <summary>Texts as alternatives, such as <c>a, b, or c</c>.</summary>
    public static string Or(IEnumerable<string> texts) => texts.ToArray() switch
    {
        [var first, var second] => $"{first} or {second}",
        [.. { Length: > 1 } all, var last] => $"{string.Join(", ", all)}, or {last}",
        var few => string.Concat(few),
    };

    public static string Unit(JsonNode? value) =>
        value switch { JsonArray => "items", _ when value.AsText() is not null => "characters", _ => "" };

    /// <summary>A number, length or count and its unit.</summary>
    public static string Measure(JsonNode? value)
    {
        var measure = value.AsNumber() ?? (value is JsonArray list ? list.Count : Schema.CountCharacters(value.AsText() ?? ""));
        var text = measure.ToString(CultureInfo.InvariantCulture);
        return Unit(value) is { Length: > 0 } unit ? $"{text} {(measure == 1 ? unit[..^1] : unit)}" : text;
    }

    public static Bounds BoundsOf(Schema schema, JsonNode? value) => value switch
    {
        JsonArray => schema.Count,
        _ when value.AsText() is not null => schema.Length,
        _ => schema.Range,
    };

    public static string Range(Schema schema, JsonNode? value)
    {
        var bounds = BoundsOf(schema, value).ToString(Unit(value));
        return schema.MultipleOf is { } step && value.AsNumber() is not null
            ? FormattableString.Invariant($"{bounds} in steps of {step}")
            : bounds;
    }

    /// <summary>A range after the word be, such as <c>from 1 to 20</c>.</summary>
    public static string From(string range) => range.Contains(" to ", StringComparison.Ordinal) ? "from " + range : range;

    /// <summary>The closed list of a schema, also where it's written as alternatives; null where there is none.</summary>
    public static IReadOnlyList<string>? Values(Schema schema) =>
        schema.Values is { } values ? [.. values.Select(Say)]
        : schema.OneOf.Concat(schema.AnyOf).ToArray() is { Length: > 0 } parts && Array.TrueForAll(parts, p => p.Values is not null)
        ? [.. parts.SelectMany(p => p.Values!).Select(Say)]
        : null;

    /// <summary>The alternatives for a single value, such as <c>from 4 to 30</c> and <c>auto</c>; null for others.</summary>
    public static string[]? Alternatives(IEnumerable<Schema> parts)
    {
        var texts = parts.Select(Alternative).ToArray();
        return texts.Length == 0 || Array.Exists(texts, t => t is null) ? null : [.. texts.OfType<IReadOnlyList<string>>().SelectMany(t => t)];
    }

    /// <summary>The forms that a text can have, such as <c>a UUID, a URL, or base64</c>; null for other alternatives.</summary>
    public static string? Forms(IReadOnlyList<Schema> parts)
    {
        var forms = parts.Select(TextFormat.Describe).ToArray();
        return forms.Length == 0 || Array.Exists(forms, f => f is null) ? null
            : Or(forms!);
    }

    private static IReadOnlyList<string>? Alternative(Schema part) =>
        part.Values is not null ? Values(part)
        : part.Range != Bounds.None && part.Properties.Count == 0
        ? [From(part.Range.ToString("")) + (part.MultipleOf is { } step ? FormattableString.Invariant($" in steps of {step}") : "")]
        : null;
}
