using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>The limits of a model that JSON schemas can't state: areas, ratios, and what media inputs may be like.</summary>
/// <param name="Operation">What is measured: <c>area</c>, <c>ratio</c>, <c>width</c>, <c>height</c>, <c>fileSize</c>, or
/// <c>duration</c>.</param>
/// <param name="Parameters">Of what: <c>width</c> and <c>height</c>, or a media input.</param>
/// <param name="Bounds">What is allowed.</param>
internal sealed record ModelLimit(string Operation, string[] Parameters, Bounds Bounds)
{
    public bool IsOfSize => Parameters is ["width", "height"];

    public static IEnumerable<ModelLimit> Read(JsonElement list) =>
        from item in list.Items()
        where item.Member("operation").AsText() is not null
        select new ModelLimit(item.Member("operation").AsText()!, [.. item.Member("parameters").Texts()],
            new Bounds(item.Member("minimum").AsNumber(), item.Member("maximum").AsNumber()));

    /// <summary>What exceeds the limit; null where nothing does, or where it can't be known before the request is sent.</summary>
    public Finding? Check(JsonObject task, ModelInfo model)
    {
        if (IsOfSize)
        {
            // What is beyond every size is refused by the limits of the edges.
            return task.Integer("width") is not { } width || task.Integer("height") is not { } height || height == 0
                || Bounds.Hold(Operation == "ratio" ? (decimal)width / height : (decimal)width * height)
                ? null
                : new Finding("width", FindingKind.Incompatible,
                    Strings.SizeNotAllowed.With(width, height, model.Air, model.AllowedSizes),
                        task["width"])
                {
                    Paths = ["width", "height"],
                };
        }

        var path = Parameters.Length == 1 ? Parameters[0] : "";
        IEnumerable<JsonNode?> media = task.At(path) is { } given ? given is JsonArray list ? list.AsEnumerable() : [given] : [];
        return media.Select(Measure).FirstOrDefault(m => m is { } measure && !Bounds.Hold(measure)) is { } exceeding
            ? new Finding(path, FindingKind.OutOfRange,
                Operation == "ratio" ? Strings.RatioExceeded.With(path, exceeding, Bounds.ToString(""))
                    : Strings.LimitExceeded.With(path, exceeding, Unit, Bounds.ToString(Unit)), Value: null)
            {
                Min = Bounds.Min,
                Max = Bounds.Max,
            }
            : null;
    }

    private string Unit => Operation switch
    {
        "area" => "pixels",
        "width" => "pixels in width",
        "height" => "pixels in height",
        "fileSize" => "bytes",
        "duration" => "seconds",
        _ => Operation,
    };

    private decimal? Measure(JsonNode? media) => (Operation, InlineMedia.SizeOf(media)) switch
    {
        ("area", { } size) => (decimal)size.Width * size.Height,
        ("width", { } size) => size.Width,
        ("height", { } size) => size.Height,
        ("ratio", { Height: > 0 } size) => (decimal)size.Width / size.Height,
        ("fileSize", _) => InlineMedia.LengthOf(media),
        _ => null,
    };
}

/// <summary>One of the sets of inputs that a model takes.</summary>
internal sealed record ModelMode(string Id, string[] Inputs, string[]? Frames)
{
    public static IEnumerable<ModelMode> Read(JsonElement list) =>
        from item in list.Items()
        where item.Member("id").AsText() is not null
        select new ModelMode(item.Member("id").AsText()!, [.. item.Member("inputs").Texts()],
            item.Member("frames").Items().Any() ? [.. item.Member("frames").Texts()] : null);

    /// <summary>What is wrong with the inputs of a task as a whole; null where a mode takes them.</summary>
    public static Finding? Check(IReadOnlyList<ModelMode> modes, JsonObject task)
    {
        if (modes.Count == 0)
        {
            return null;
        }

        var known = modes.SelectMany(m => m.Inputs).ToHashSet(StringComparer.Ordinal);
        var inputs = task["inputs"] as JsonObject ?? [];
        var given = inputs.Select(p => p.Key).Where(known.Contains).ToArray();
        var alike = modes.Where(m => m.Inputs.Length == given.Length
            && Array.TrueForAll(given, g => m.Inputs.Contains(g, StringComparer.Ordinal))).ToArray();
        if (alike.Length == 0)
        {
            var sets = string.Join(", ",
                modes.Select(m => m.Inputs.Length == 0 ? "none" : string.Join(" with ", m.Inputs.Select(i => $"'inputs.{i}'")))
                    .Distinct(StringComparer.Ordinal));
            var first = given.Length == 0 ? "inputs" : "inputs." + given[0];
            return new Finding(first, given.Length == 0 ? FindingKind.Missing : FindingKind.Incompatible,
                given.Length == 0
                    ? Strings.InputRequired.With(sets)
                    : Strings.InputsNotAllowed.With(string.Join("' with '", given.Select(g => "inputs." + g)), sets), task.At(first))
            {
                Paths = [.. given.Select(g => "inputs." + g).DefaultIfEmpty("inputs")],
            };
        }

        return alike.Any(m => m.TakesFrames(inputs)) ? null
            : new Finding("inputs.frameImages", FindingKind.Incompatible,
                Strings.FramesNotAllowed.With(Given(inputs), string.Join(", or ", alike.Select(m => string.Join(" and ", m.Frames ?? [])))),
                    inputs["frameImages"]);
    }

    // A frame without a name takes the remaining position; a frame at a time stamp can't be checked.
    private bool TakesFrames(JsonObject inputs)
    {
        if (Frames is null || inputs["frameImages"] is not JsonArray list)
        {
            return true;
        }

        var left = Frames.ToList();
        return list.Count == Frames.Length && list.OfType<JsonObject>().Select(Name).OfType<string>().All(left.Remove);
    }

    private static string Given(JsonObject inputs) =>
        string.Join(" and ", (inputs["frameImages"] as JsonArray ?? [])
            .Select(f => (f is JsonObject frame ? Name(frame) : null) ?? Strings.UnnamedFrame));

    private static string? Name(JsonObject frame) =>
        frame["frame"].AsText() ?? frame["frame"].AsNumber() switch { 0 => "first", -1 => "last", _ => null };
}

/// <summary>What is known of media that a request holds itself.</summary>
internal static class InlineMedia
{
    private const int HeaderLength = 512 * 1024; // of base64: an image states its size before that, even behind a color profile

    public static ImageSize? SizeOf(JsonNode? media)
    {
        if (media.AsMedia()?.Bytes is { } bytes)
        {
            return ImageSize.Read(bytes.Span);
        }

        var data = Base64(media);
        data = data[..(Math.Min(data.Length, HeaderLength) / 4 * 4)];
        var buffer = new byte[data.Length / 4 * 3];
        return Convert.TryFromBase64Chars(data, buffer, out var length) ? ImageSize.Read(buffer.AsSpan(0, length)) : null;
    }

    public static decimal? LengthOf(JsonNode? media) =>
        media.AsMedia()?.Bytes is { } bytes ? bytes.Length
        : Base64(media) is { Length: > 0 } data ? (data.Length / 4 * 3) - Padding(data)
        : null;

    private static int Padding(ReadOnlySpan<char> base64) => base64.EndsWith("==") ? 2 : base64.EndsWith("=") ? 1 : 0;

    // Short texts are UUIDs and the like.
    private static ReadOnlySpan<char> Base64(JsonNode? media)
    {
        var text = media.AsText() ?? "";
        return text.StartsWith("data:", StringComparison.Ordinal) ? text.AsSpan(text.IndexOf(',', StringComparison.Ordinal) + 1)
            : text.Length > 64 && !text.Contains(':', StringComparison.Ordinal) ? text : default;
    }
}
