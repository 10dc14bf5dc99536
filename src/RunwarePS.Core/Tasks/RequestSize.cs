using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>The size of a request: by a name, by <c>WxH</c>, or by its two edges.</summary>
internal static class RequestSize
{
    private const int DefaultEdge = 1024;

    /// <summary>Puts a size into a request.</summary>
    /// <param name="body">The request.</param>
    /// <param name="size">A name that the model has for it, or <c>WxH</c>; null for none.</param>
    /// <param name="model">What the catalog knows of the model.</param>
    /// <exception cref="RunwareException"><c>ParameterConflict</c> or <c>ParameterOutOfRange</c>.</exception>
    public static void Put(JsonObject body, string? size, ModelInfo? model)
    {
        if (size is null)
        {
            return;
        }

        if (body.ContainsKey("width") || body.ContainsKey("height"))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Size",
                Strings.SizeTwice.With(size));
        }

        (body["width"], body["height"]) = Read(size, model);
    }

    /// <summary>The size that is sent if none is specified: a model that requires a size doesn't have a default.</summary>
    public static void PutDefault(JsonObject body, ModelInfo? model)
    {
        if (!body.ContainsKey("width") && !body.ContainsKey("height")
            && (model is null or { Knowledge: ModelKnowledge.None } || model.Parameters.GetValueOrDefault("width")?.Required == true))
        {
            (body["width"], body["height"]) = (DefaultEdge, DefaultEdge);
        }
    }

    /// <exception cref="RunwareException"><c>ParameterOutOfRange</c>: one edge is given without the other.</exception>
    public static void RequirePair(JsonObject body)
    {
        if (body.ContainsKey("width") != body.ContainsKey("height"))
        {
            var (given, missing, key) = body.ContainsKey("width") ? ("Width", "Height", "width") : ("Height", "Width", "height");
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, missing,
                Strings.EdgeMissing.With(given, body[key], missing));
        }
    }

    private static (int Width, int Height) Read(string size, ModelInfo? model)
    {
        if (model?.Sizes?.FirstOrDefault(s => s.Name.Equals(size, StringComparison.OrdinalIgnoreCase)) is { } named)
        {
            return (named.Width, named.Height);
        }

        var parts = size.Split('x', 'X', '×');
        return parts.Length == 2 && Pixels(parts[0]) is { } width && Pixels(parts[1]) is { } height
            ? (width, height)
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Size",
                Names(model) is { Length: > 0 } names
                    ? Strings.SizeUnreadableWithNames.With(size, names)
                    : Strings.SizeUnreadable.With(size));
    }

    private static string Names(ModelInfo? model) =>
        string.Join(", ", (model?.Sizes ?? []).Select(s => s.Name));

    private static int? Pixels(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pixels)
            ? pixels
            : null;
}
