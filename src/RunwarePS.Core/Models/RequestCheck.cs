using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

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
    /// <summary>All keys that the finding concerns, <see cref="Path"/> first.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [Path];

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public IReadOnlyList<string>? AllowedValues { get; init; }
}

/// <summary>
/// Holds a request, as it would stand on the wire, against a model's data, in the API's own order: unknown keys, missing keys, prompt,
/// values, and what keys demand of each other. The module asks before it spends money; the sandbox asks as the API would.
/// </summary>
internal static class RequestCheck
{
    private static readonly TimeSpan s_patternTimeout = TimeSpan.FromSeconds(1);

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

        foreach (var finding in model.Rules.SelectMany(rule => Relation(rule, task)))
        {
            yield return finding;
        }

        if (Size(model, task) is { } size)
        {
            yield return size;
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
        var siblings = model.Parameters.Keys
            .Where(k => k.LastIndexOf('.') == dot && k.StartsWith(path[..(dot + 1)], StringComparison.Ordinal)).ToArray();
        return new Finding(path, FindingKind.Unknown, $"{model.Air} doesn't have the parameter '{path}'.", node)
        {
            AllowedValues = siblings,
        };
    }

    /// <summary>The first thing wrong with a value; null where it is in order.</summary>
    private static Finding? Value(string path, JsonNode? node, ParameterRule rule)
    {
        if (rule.Type == "string" && IsMedia(node))
        {
            return null;
        }

        if (!HasType(node, rule))
        {
            return new Finding(path, FindingKind.WrongType, $"'{path}' must be of type {rule.Type}.", node);
        }

        if (rule.Allowed is { } allowed && !allowed.Contains(node!.GetValue<string>(), StringComparer.Ordinal))
        {
            return NotAllowed(path, node, allowed);
        }

        if (Measure(node, rule) is { } measure && !InRange(measure, rule))
        {
            var what = rule.Type switch { "string" => "characters", "array" => "items", _ => "" };
            return new Finding(path, FindingKind.OutOfRange, $"'{path}' has {Say(measure, what)}; allowed are {Range(rule, what)}.", node)
            {
                Min = rule.Min,
                Max = rule.Max,
            };
        }

        if (rule.Format is { } format && !HasFormat(node!, format))
        {
            var shape = format == "uuid" ? "a UUID v4" : "an absolute http or https address";
            return new Finding(path, FindingKind.NotAllowed, $"'{path}' must be {shape}.", node);
        }

        return rule.Pattern is { } pattern
            && !Regex.IsMatch(node!.GetValue<string>(), pattern, RegexOptions.CultureInvariant, s_patternTimeout)
            ? new Finding(path, FindingKind.NotAllowed, $"'{path}' is '{Cut(node)}'; it must match {pattern}.", node)
            : null;
    }

    private static Finding NotAllowed(string path, JsonNode? node, string[] allowed) =>
        new(path, FindingKind.NotAllowed, $"'{path}' is '{Cut(node)}'; allowed are {string.Join(", ", allowed)}.", node)
        {
            AllowedValues = allowed,
        };

    private static string Cut(JsonNode? node) => DisplayText.Cut(node!.ToString(), 40);

    private static bool InRange(decimal measure, ParameterRule rule) =>
        !(measure < rule.Min) && !(measure > rule.Max) && (rule.MultipleOf is not { } step || measure % step == 0);

    private static IEnumerable<Finding> Relation(RelationRule rule, JsonObject task)
    {
        if (task.At(rule.If) is null || (rule.Is is { } values && !values.Contains(task.Text(rule.If), StringComparer.Ordinal)))
        {
            yield break;
        }

        var cause = rule.Is is null ? $"'{rule.If}'" : $"'{rule.If}' {task.Text(rule.If)}";
        foreach (var path in rule.Require.Where(path => task.At(path) is null))
        {
            yield return new Finding(path, FindingKind.Missing, $"{cause} requires '{path}'{OneOf(rule, path)}.", Value: null)
            {
                AllowedValues = rule.Allow.GetValueOrDefault(path),
            };
        }

        foreach (var (path, allowed) in rule.Allow)
        {
            if (task.At(path) is { } node && !allowed.Contains(task.Text(path), StringComparer.Ordinal))
            {
                yield return Incompatible(path, $"{cause} requires '{path}'{OneOf(rule, path)}, not {Cut(node)}.", node, rule.If)
                    with { AllowedValues = allowed };
            }
        }

        foreach (var path in rule.Forbid)
        {
            if (task.At(path) is { } node)
            {
                yield return Incompatible(path, $"'{path}' can't be given with {cause}.", node, rule.If);
            }
        }

        if (rule.ExactlyOne.Length > 0 && rule.ExactlyOne.Count(path => task.At(path) is not null) != 1)
        {
            var names = string.Join(" and ", rule.ExactlyOne.Select(path => $"'{path}'"));
            yield return Incompatible(rule.If, $"{cause} takes exactly one of {names}.", task.At(rule.If), rule.ExactlyOne);
        }
    }

    private static string OneOf(RelationRule rule, string path) =>
        rule.Allow.TryGetValue(path, out var allowed) ? " to be " + string.Join(" or ", allowed) : "";

    private static Finding Incompatible(string path, string message, JsonNode? node, params string[] others) =>
        new(path, FindingKind.Incompatible, message, node) { Paths = [path, .. others] };

    private static Finding? Size(ModelInfo model, JsonObject task)
    {
        if (task.Integer("width") is not { } width || task.Integer("height") is not { } height || SizeFits(model, width, height))
        {
            return null;
        }

        var message = FormattableString.Invariant($"{width}x{height} is not a size of {model.Air}; allowed are {AllowedSizes(model)}.");
        return Incompatible("width", message, task["width"], "height")
            with { AllowedValues = model.SizeLimits is null ? (model.Sizes ?? []).Select(s => s.ToString()).ToArray() : null };
    }

    private static bool SizeFits(ModelInfo model, int width, int height) => model.SizeLimits is { } limits
        ? !EdgesFit(model, width, height) || limits.Allow(width, height) // an edge that doesn't fit is a finding of its own
        : model.Sizes is null || model.Sizes.Any(s => s.Width == width && s.Height == height);

    private static bool EdgesFit(ModelInfo model, int width, int height) =>
        InRange(width, model.Parameters["width"]) && InRange(height, model.Parameters["height"]);

    /// <summary>The sizes of a model in words, for messages.</summary>
    public static string AllowedSizes(ModelInfo model)
    {
        if (model.SizeLimits is not { } limits)
        {
            return string.Join(", ", (model.Sizes ?? []).Select(s => $"{s} ({s.Name})"));
        }

        var edge = model.Parameters["width"];
        return string.Join(", ", new[]
        {
            "edges of " + Range(edge, ""),
            limits.MinPixels is null && limits.MaxPixels is null ? null : Bounds(limits.MinPixels, limits.MaxPixels, "pixels") + " in all",
            limits.MaxRatio is { } ratio ? FormattableString.Invariant($"a ratio of at most {ratio}:1") : null,
        }.OfType<string>());
    }

    private static bool HasType(JsonNode? node, ParameterRule rule) => rule.Type switch
    {
        "object" => node is JsonObject,
        "array" => node is JsonArray list && list.All(IsTextOrMedia),
        "string" => rule.Format == "media" ? IsTextOrMedia(node) : node?.GetValueKind() == JsonValueKind.String,
        "boolean" => node?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => Whole(node) is not null,
        "number" => Number(node) is not null,
        _ => true,
    };

    // Media in the request isn't asked for its JSON kind: that would write all its bytes out.
    private static bool IsTextOrMedia(JsonNode? item) =>
        IsMedia(item) || (item is JsonValue value && value.GetValueKind() == JsonValueKind.String);

    private static bool IsMedia(JsonNode? item) => item is JsonValue value && value.TryGetValue<IMediaValue>(out _);

    // Media isn't told by its form: a path looks like base64.
    private static bool HasFormat(JsonNode node, string format) => format switch
    {
        "uuid" => node.GetValue<string>() is var text && Guid.TryParseExact(text, "D", out _)
            && text[14] == '4' && "89abAB".Contains(text[19], StringComparison.Ordinal),
        "uri" => Uri.TryCreate(node.GetValue<string>(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
        _ => true,
    };

    private static decimal? Measure(JsonNode? node, ParameterRule rule) => rule switch
    {
        { Type: "integer" } => Whole(node),
        { Type: "number" } => Number(node),
        { Type: "string", Format: not "media" } => node!.GetValue<string>().Length,
        { Type: "array" } => ((JsonArray)node!).Count,
        _ => null,
    };

    private static long? Whole(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.TryGetValue<long>(out var whole) ? whole : value.TryGetValue<int>(out var small) ? small : null
            : null;

    // By its text, whatever it was made from: decimals keep 0.07 a multiple of 0.01.
    private static decimal? Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
            && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Say(decimal measure, string what) => what.Length == 0
        ? $"the value {measure.ToString(CultureInfo.InvariantCulture)}"
        : $"{measure.ToString(CultureInfo.InvariantCulture)} {(measure == 1 ? what[..^1] : what)}";

    private static string Range(ParameterRule rule, string what)
    {
        var bounds = Bounds(rule.Min, rule.Max, what);
        return rule.MultipleOf is { } step ? FormattableString.Invariant($"{bounds} in steps of {step}") : bounds;
    }

    private static string Bounds(decimal? min, decimal? max, string what) => (min, max) switch
    {
        (not null, not null) => FormattableString.Invariant($"{min} to {max} {what}").TrimEnd(),
        (not null, null) => FormattableString.Invariant($"{min} {what}").TrimEnd() + " or more",
        (null, not null) => FormattableString.Invariant($"{max} {what}").TrimEnd() + " or fewer",
        _ => "any",
    };
}
