using System.Globalization;
using System.Text.Json.Serialization;

namespace RunwarePS.Models;

/// <summary>What the catalog knows of one model. A model is data: nothing in code depends on which one it is.</summary>
internal sealed class ModelInfo
{
    /// <summary>Runware's identifier, such as <c>openai:1@1</c>.</summary>
    public required string Air { get; set; }

    public required string Slug { get; set; }

    /// <summary>True for the model that is used by default.</summary>
    public bool IsDefault { get; set; }

    public required string Name { get; set; }

    public string? Creator { get; set; }

    /// <summary><c>live</c> where Runware lists it, <c>reported</c> where only its users do, <c>retired</c> where it is gone.</summary>
    public required string Status { get; set; }

    public string? Released { get; set; }

    public string? Lifecycle { get; set; }

    public string? Documentation { get; set; }

    public string[] Capabilities { get; set; } = [];

    /// <summary>The AIR of the model whose parameters, rules, sizes and formats this one shares. Prices are never shared.</summary>
    public string? Extends { get; set; }

    /// <summary>The sizes by name. They are the only ones, unless <see cref="SizeLimits"/> is set.</summary>
    public ModelSize[]? Sizes { get; set; }

    /// <summary>Set where sizes are free within limits; the edges' own limits stand with <c>width</c> and <c>height</c>.</summary>
    public SizeLimits? SizeLimits { get; set; }

    public string[]? AlphaFormats { get; set; }

    /// <summary>
    /// Every key a request may carry, by its dotted path. In a data file, null takes away what the model would inherit; after loading no
    /// value is null.
    /// </summary>
    public Dictionary<string, ParameterRule> Parameters { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What keys demand of each other.</summary>
    public RelationRule[] Rules { get; set; } = [];

    public PriceList? Prices { get; set; }

    internal void Inherit(ModelInfo parent)
    {
        Sizes ??= parent.Sizes;
        SizeLimits ??= parent.SizeLimits;
        AlphaFormats ??= parent.AlphaFormats;
        Rules = [.. parent.Rules, .. Rules];
        foreach (var (path, rule) in parent.Parameters)
        {
            Parameters.TryAdd(path, rule);
        }
    }

    /// <summary>Where on the wire this model takes an option such as <c>quality</c>; null where it doesn't take it.</summary>
    /// <remarks>Models differ: <c>settings.quality</c>, <c>providerSettings.openai.quality</c> or <c>quality</c> itself.</remarks>
    public string? PathOf(string option) =>
        Parameters.Keys.Where(path => path == option || path.EndsWith("." + option, StringComparison.Ordinal))
            .MinBy(path => path.Count(c => c == '.'));

    /// <summary>The API's spelling of a value that differs only in case; any other value as it is.</summary>
    public string NormalizeCase(string path, string value) =>
        Parameters.TryGetValue(path, out var rule) && rule.Allowed is { } allowed
            ? Array.Find(allowed, a => a.Equals(value, StringComparison.OrdinalIgnoreCase)) ?? value
            : value;

    /// <summary>The price in USD of one image, or null where the catalog does not state it.</summary>
    public decimal? Price(int width, int height, string? quality) =>
        Prices?.Entries.FirstOrDefault(e => e.IsStated && e.Covers(width, height)
            && string.Equals(e.Quality, quality, StringComparison.OrdinalIgnoreCase))?.Usd;

    /// <summary>The highest price in USD, stated or inferred, of one image of this size; null where the catalog has none.</summary>
    public decimal? HighestPrice(int width, int height) =>
        Prices?.Entries.Where(e => e.IsBound && e.Covers(width, height)).Max(e => (decimal?)e.Usd);
}

internal sealed record ModelSize(string Name, int Width, int Height)
{
    public override string ToString() => FormattableString.Invariant($"{Width}x{Height}");
}

/// <summary>Limits that concern both edges: <see cref="MaxRatio"/> is the longer edge divided by the shorter one.</summary>
internal sealed record SizeLimits(long? MinPixels, long? MaxPixels, decimal? MaxRatio)
{
    public bool Allow(int width, int height)
    {
        var pixels = (long)width * height;
        return pixels >= (MinPixels ?? 1) && pixels <= (MaxPixels ?? long.MaxValue)
            && (MaxRatio is not { } ratio || Math.Max(width, height) <= ratio * Math.Min(width, height));
    }
}

/// <summary>
/// What one key of a request may hold. <see cref="Min"/> and <see cref="Max"/> bound a number, a text's length or a list's count.
/// </summary>
internal sealed class ParameterRule
{
    /// <summary>One of JSON's types: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>array</c>, <c>object</c>.</summary>
    public required string Type { get; set; }

    public bool Required { get; set; }

    /// <summary>Of a text: <c>uuid</c>, <c>uri</c>, or <c>media</c> for a UUID, a URL, a data URI or base64.</summary>
    public string? Format { get; set; }

    /// <summary>A regular expression that a text has to match.</summary>
    public string? Pattern { get; set; }

    public string? Default { get; set; }

    public string[]? Allowed { get; set; }

    public decimal? Min { get; set; }

    public decimal? Max { get; set; }

    public decimal? MultipleOf { get; set; }
}

/// <summary>
/// What one key demands of others. It applies where the request itself holds the key <see cref="If"/> (defaults are never filled in), and,
/// where <see cref="Is"/> is given, holds one of these values.
/// </summary>
internal sealed class RelationRule
{
    public required string If { get; set; }

    public string[]? Is { get; set; }

    /// <summary>Keys that then have to be there.</summary>
    public string[] Require { get; set; } = [];

    /// <summary>Keys that then must not be there.</summary>
    public string[] Forbid { get; set; } = [];

    /// <summary>Keys of which exactly one has to be there.</summary>
    public string[] ExactlyOne { get; set; } = [];

    /// <summary>The values that keys may then have, if they are there.</summary>
    public Dictionary<string, string[]> Allow { get; set; } = new(StringComparer.Ordinal);
}

/// <param name="Date">When the prices were read, as yyyy-MM-dd.</param>
/// <param name="Entries">Prices of one image.</param>
/// <param name="Rates">Prices of what a model counts otherwise, such as tokens.</param>
internal sealed record PriceList(string Date, PriceEntry[] Entries, PriceRate[]? Rates = null);

/// <param name="Size">As <c>1536x1024</c>; null where the source does not give it.</param>
/// <param name="Quality">Null where the price holds for any, or the source does not give it.</param>
/// <param name="Usd">For one image.</param>
/// <param name="Basis">
/// <c>stated</c> by Runware; <c>inferred</c>: good as a bound, never as a forecast; <c>example</c>: what one image cost or is estimated to
/// cost, neither a forecast nor a bound.
/// </param>
/// <param name="Source">Where it was read.</param>
internal sealed record PriceEntry(string? Size, string? Quality, decimal Usd, string Basis, string Source)
{
    private readonly int[] _edges =
        Size is null ? [0, 0] : Array.ConvertAll(Size.Split('x'), edge => int.Parse(edge, CultureInfo.InvariantCulture));

    [JsonIgnore]
    public bool IsStated => Basis == "stated";

    [JsonIgnore]
    public bool IsBound => IsStated || Basis == "inferred";

    public bool Covers(int width, int height) => _edges[0] == width && _edges[1] == height;
}

/// <param name="Usd">For one unit.</param>
/// <param name="Unit">In the API's words, such as <c>outputToken</c>.</param>
/// <param name="Label">What tells rates of the same unit apart.</param>
/// <param name="Source">Where it was read.</param>
internal sealed record PriceRate(decimal Usd, string Unit, string? Label, string Source);
