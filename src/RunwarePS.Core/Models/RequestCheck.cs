using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

internal enum FindingKind
{
    Unknown,
    Missing,
    WrongType,
    OutOfRange,
    NotAllowed,
    Incompatible,
}

/// <summary>One thing wrong with a request. <see cref="Path"/> is the key's dotted path on the wire.</summary>
internal sealed record Finding(string Path, FindingKind Kind, string Message, JsonNode? Value)
{
    public long? Min { get; init; }

    public long? Max { get; init; }

    public IReadOnlyList<string>? AllowedValues { get; init; }
}

/// <summary>
/// Holds a request, as it would stand on the wire, against a model's data, in the API's own order: unknown keys, missing keys, prompt, values.
/// The module asks before it spends money; the sandbox asks as the API would.
/// </summary>
internal static class RequestCheck
{
    public static IEnumerable<Finding> Check(this ModelInfo model, JsonObject task)
    {
        var present = Flatten(task, prefix: null, model).ToList();
        foreach (var (path, node) in present)
        {
            if (!model.Parameters.ContainsKey(path))
            {
                yield return Unknown(model, path, node);
            }
        }

        foreach (var (path, rule) in model.Parameters)
        {
            if (rule.Required && task.At(path) is null)
            {
                yield return new Finding(path, FindingKind.Missing, $"'{path}' is required.", Value: null);
            }
        }

        // The prompt first, as the API does it: the sort leaves the others where they are.
        foreach (var (path, node) in present.OrderBy(p => p.Path != "positivePrompt"))
        {
            if (model.Parameters.TryGetValue(path, out var rule) && Value(path, node, rule) is { } finding)
            {
                yield return finding;
            }
        }

        foreach (var finding in Together(model, task))
        {
            yield return finding;
        }
    }

    private static IEnumerable<(string Path, JsonNode? Node)> Flatten(JsonObject node, string? prefix, ModelInfo model)
    {
        foreach (var (key, child) in node)
        {
            var path = prefix is null ? key : prefix + "." + key;
            yield return (path, child);
            if (child is JsonObject inner && model.Parameters.ContainsKey(path))
            {
                foreach (var pair in Flatten(inner, path, model))
                {
                    yield return pair;
                }
            }
        }
    }

    private static Finding Unknown(ModelInfo model, string path, JsonNode? node)
    {
        var dot = path.LastIndexOf('.');
        var siblings = model.Parameters.Keys.Where(k => k.LastIndexOf('.') == dot && k.StartsWith(path[..(dot + 1)], StringComparison.Ordinal)).ToArray();
        return new Finding(path, FindingKind.Unknown, $"{model.Air} has no parameter '{path}'.", node) { AllowedValues = siblings };
    }

    /// <summary>The first thing wrong with a value; null where it is in order.</summary>
    private static Finding? Value(string path, JsonNode? node, ParameterRule rule)
    {
        if (rule.Type == "string" && IsMedia(node))
        {
            return null;
        }

        if (!HasType(node, rule.Type))
        {
            return new Finding(path, FindingKind.WrongType, $"'{path}' must be of type {rule.Type}.", node);
        }

        if (rule.Allowed is { } allowed && !allowed.Contains(node!.GetValue<string>(), StringComparer.Ordinal))
        {
            return new Finding(path, FindingKind.NotAllowed,
                $"'{path}' is '{ViewText.Cut(node!.ToString(), 40)}'; allowed are {string.Join(", ", allowed)}.", node) { AllowedValues = allowed };
        }

        if (Measure(node, rule.Type) is { } measure && (measure < rule.Min || measure > rule.Max))
        {
            var what = rule.Type switch { "string" => "characters", "array" => "items", _ => "" };
            return new Finding(path, FindingKind.OutOfRange, $"'{path}' has {Say(measure, what)}; allowed are {Range(rule, what)}.", node)
            {
                Min = rule.Min,
                Max = rule.Max,
            };
        }

        if (rule.Format is { } format && !HasFormat(node!.GetValue<string>(), format))
        {
            var shape = format == "uuid" ? "a UUID v4" : "an absolute http or https address";
            return new Finding(path, FindingKind.NotAllowed, $"'{path}' must be {shape}.", node);
        }

        return null;
    }

    private static IEnumerable<Finding> Together(ModelInfo model, JsonObject task)
    {
        if (task.Integer("width") is { } width && task.Integer("height") is { } height && !SizeFits(model, width, height))
        {
            var sizes = (model.Sizes ?? []).Select(s => s.ToString()).ToArray();
            yield return new Finding("width", FindingKind.Incompatible,
                FormattableString.Invariant($"{width}x{height} is not a size of {model.Air}; allowed are {AllowedSizes(model)}."), task["width"])
            {
                AllowedValues = model.SizeRule is null ? sizes : null,
            };
        }

        if (task["ttl"] is not null && task.Text("outputType") is { } type && type != "URL")
        {
            yield return new Finding("ttl", FindingKind.Incompatible, $"'ttl' applies only to 'outputType' URL, and that is {type}.", task["ttl"]);
        }
    }

    private static bool SizeFits(ModelInfo model, int width, int height)
    {
        if (model.SizeRule is not { } rule)
        {
            return model.Sizes is null || model.Sizes.Any(s => s.Width == width && s.Height == height);
        }

        var (small, large) = (Math.Min(width, height), Math.Max(width, height));
        var pixels = (long)width * height;
        return small >= Math.Max(1, rule.MinEdge ?? rule.MultipleOf) && large <= rule.MaxEdge
            && width % rule.MultipleOf == 0 && height % rule.MultipleOf == 0
            && (rule.MaxRatio is null || large <= (long)small * rule.MaxRatio)
            && (rule.MinPixels is null || pixels >= rule.MinPixels)
            && (rule.MaxPixels is null || pixels <= rule.MaxPixels);
    }

    /// <summary>The sizes of a model in words, for messages.</summary>
    public static string AllowedSizes(ModelInfo model)
    {
        if (model.SizeRule is not { } rule)
        {
            return string.Join(", ", (model.Sizes ?? []).Select(s => $"{s} ({s.Name})"));
        }

        var text = FormattableString.Invariant($"multiples of {rule.MultipleOf} up to {rule.MaxEdge}");
        return rule.MaxRatio is { } ratio ? text + FormattableString.Invariant($", at most {ratio}:1") : text;
    }

    private static bool HasType(JsonNode? node, string type) => type switch
    {
        "object" => node is JsonObject,
        "array" => node is JsonArray list && list.All(IsTextOrMedia),
        "string" => node?.GetValueKind() == JsonValueKind.String,
        "boolean" => node?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => Whole(node) is not null,
        _ => true,
    };

    // A picture in the request is not asked for its JSON kind: that would write all its bytes out.
    private static bool IsTextOrMedia(JsonNode? item) =>
        IsMedia(item) || (item is JsonValue value && value.GetValueKind() == JsonValueKind.String);

    private static bool IsMedia(JsonNode? item) => item is JsonValue value && value.TryGetValue<MediaReference>(out _);

    private static bool HasFormat(string text, string format) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _) && text[14] == '4' && "89abAB".Contains(text[19], StringComparison.Ordinal),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
        _ => true,
    };

    private static long? Measure(JsonNode? node, string type) => type switch
    {
        "integer" => Whole(node),
        "string" => node!.GetValue<string>().Length,
        "array" => ((JsonArray)node!).Count,
        _ => null,
    };

    private static long? Whole(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.TryGetValue<long>(out var whole) ? whole : value.TryGetValue<int>(out var small) ? small : null
            : null;

    private static string Say(long measure, string what) => what.Length == 0
        ? $"the value {measure.ToString(CultureInfo.InvariantCulture)}"
        : $"{measure.ToString(CultureInfo.InvariantCulture)} {(measure == 1 ? what[..^1] : what)}";

    private static string Range(ParameterRule rule, string what) => (rule.Min, rule.Max) switch
    {
        ({ } min, { } max) => FormattableString.Invariant($"{min} to {max} {what}").TrimEnd(),
        ({ } min, null) => FormattableString.Invariant($"{min} {what}").TrimEnd() + " or more",
        (null, { } max) => FormattableString.Invariant($"{max} {what}").TrimEnd() + " or fewer",
        _ => "any",
    };
}
