using System.Globalization;
using System.Text.Json.Serialization;

namespace RunwarePS.Models;

/// <summary>What the catalogue knows of one model. A model is data: nothing in code depends on which one it is.</summary>
internal sealed class ModelInfo
{
    /// <summary>Runware's identifier, such as <c>openai:1@1</c>.</summary>
    public required string Air { get; set; }

    public required string Slug { get; set; }

    /// <summary>True for the one model that is used where none is named.</summary>
    public bool IsDefault { get; set; }

    public required string Name { get; set; }

    public string? Creator { get; set; }

    /// <summary><c>live</c> where Runware lists it, <c>reported</c> where only its users do, <c>retired</c> where it is gone.</summary>
    public required string Status { get; set; }

    public string? Released { get; set; }

    public string? Lifecycle { get; set; }

    public string? Documentation { get; set; }

    public string[] Capabilities { get; set; } = [];

    /// <summary>The AIR of the model whose parameters, sizes and formats this one shares. Prices are never shared.</summary>
    public string? Extends { get; set; }

    /// <summary>The block under <c>providerSettings</c> that this model reads.</summary>
    public string? Provider { get; set; }

    public ModelSize[]? Sizes { get; set; }

    /// <summary>Set where sizes are free within limits; then <see cref="Sizes"/> are only names for convenience.</summary>
    public SizeRule? SizeRule { get; set; }

    public string[]? AlphaFormats { get; set; }

    /// <summary>Every key a request may carry, by its dotted path.</summary>
    public Dictionary<string, ParameterRule> Parameters { get; set; } = new(StringComparer.Ordinal);

    public PriceList? Prices { get; set; }

    internal void Inherit(ModelInfo parent)
    {
        Provider ??= parent.Provider;
        Sizes ??= parent.Sizes;
        AlphaFormats ??= parent.AlphaFormats;
        foreach (var (path, rule) in parent.Parameters)
        {
            Parameters.TryAdd(path, rule);
        }
    }

    /// <summary>The path under which this model takes a key, by the last part of the path; null where it does not take it.</summary>
    public string? PathOf(string key) =>
        Parameters.ContainsKey(key) ? key : Parameters.Keys.FirstOrDefault(path => path.EndsWith("." + key, StringComparison.Ordinal));

    /// <summary>The API's spelling of a value that differs only in case; any other value as it is.</summary>
    public string Spell(string path, string value) =>
        Parameters.TryGetValue(path, out var rule) && rule.Allowed is { } allowed
            ? Array.Find(allowed, a => a.Equals(value, StringComparison.OrdinalIgnoreCase)) ?? value
            : value;

    /// <summary>The price in USD of one image, or null where the catalogue does not state it.</summary>
    public decimal? Price(int width, int height, string? quality) =>
        Prices?.Entries.FirstOrDefault(e => e.IsStated && e.Covers(width, height)
            && string.Equals(e.Quality, quality, StringComparison.OrdinalIgnoreCase))?.Usd;

    /// <summary>The dearest price in USD that the catalogue has for one image of this size, stated or inferred; null where it has none.</summary>
    public decimal? DearestPrice(int width, int height) =>
        Prices?.Entries.Where(e => e.Covers(width, height)).Max(e => (decimal?)e.Usd);
}

internal sealed record ModelSize(string Name, int Width, int Height)
{
    public override string ToString() => FormattableString.Invariant($"{Width}x{Height}");
}

internal sealed record SizeRule(int MultipleOf, int? MinEdge, int MaxEdge, int? MaxRatio, int? MinPixels, int? MaxPixels);

/// <summary>What one key of a request may hold. <see cref="Min"/> and <see cref="Max"/> bound a number, a text's length or a list's count.</summary>
internal sealed class ParameterRule
{
    public required string Type { get; set; }

    public bool Required { get; set; }

    public string? Format { get; set; }

    public string? Default { get; set; }

    public string[]? Allowed { get; set; }

    public long? Min { get; set; }

    public long? Max { get; set; }
}

internal sealed record PriceList(string Date, PriceEntry[] Entries);

/// <param name="Size">As <c>1536x1024</c>.</param>
/// <param name="Quality">Null where the price holds for any.</param>
/// <param name="Usd">For one image.</param>
/// <param name="Basis"><c>stated</c> by Runware, or <c>inferred</c>: good as a bound, never as a forecast.</param>
/// <param name="Source">Where it was read.</param>
internal sealed record PriceEntry(string Size, string? Quality, decimal Usd, string Basis, string Source)
{
    private readonly int[] _edges = Array.ConvertAll(Size.Split('x'), edge => int.Parse(edge, CultureInfo.InvariantCulture));

    [JsonIgnore]
    public bool IsStated => Basis == "stated";

    public bool Covers(int width, int height) => _edges[0] == width && _edges[1] == height;
}
