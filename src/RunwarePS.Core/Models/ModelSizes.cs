namespace RunwarePS.Models;

/// <summary>One size that a model makes, under the name that its document gives it.</summary>
internal sealed record ModelSize(string Name, int Width, int Height)
{
    /// <summary>The size and, where it is short, its name.</summary>
    public string Label => Name.Length == 0 || Name.Contains('(', StringComparison.Ordinal) ? ToString() : $"{this} ({Name})";

    public override string ToString() => FormattableString.Invariant($"{Width}x{Height}");
}

/// <summary>Reads the lists of sizes in a model's rules.</summary>
internal static class ModelSizes
{
    /// <summary>The sizes of a schema, from the rule that lists most; null where no rule lists them.</summary>
    public static ModelSize[]? Of(Schema schema) =>
        schema.AllOf.Prepend(schema).Select(rule => Read((rule.Then ?? rule).OneOf)).OfType<IReadOnlyList<ModelSize>>()
            .MaxBy(sizes => sizes.Count)?.ToArray();

    /// <summary>The pairs of width and height that alternatives state; null where they state something else.</summary>
    public static IReadOnlyList<ModelSize>? Read(IReadOnlyList<Schema> parts) =>
        parts.Count > 0 && parts.All(p => p.Properties.Count == 2 && Edge(p, "width") is not null && Edge(p, "height") is not null)
            ? [.. parts.Select(p => new ModelSize(p.Title ?? "", Edge(p, "width")!.Value, Edge(p, "height")!.Value))]
            : null;

    /// <summary>What sizes are allowed instead of one that isn't: all, or of many the nearest.</summary>
    public static string Say(IReadOnlyList<ModelSize> sizes, decimal width, decimal height)
    {
        const int Many = 24;
        const int Nearest = 6;
        var labels = sizes.Select(s => s.Label).Distinct(StringComparer.Ordinal).ToArray();
        if (labels.Length <= Many)
        {
            return Strings.SupportedSizes.With(string.Join(", ", labels));
        }

        var nearest = sizes.OrderBy(s => Math.Abs(s.Width - width) + Math.Abs(s.Height - height))
            .Select(s => s.Label).Distinct(StringComparer.Ordinal).Take(Nearest);
        return Strings.NearestSizes.With(labels.Length, string.Join(", ", nearest));
    }

    private static int? Edge(Schema part, string key) =>
        part.Properties.TryGetValue(key, out var edge) && edge.Values is [var value] && value.AsNumber() is { } number
            && number == (int)number
            ? (int)number
            : null;
}
