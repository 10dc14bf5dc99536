using System.Globalization;

namespace RunwarePS;

/// <summary>What the catalog knows of a model, as far as it is known and no further.</summary>
public sealed class RunwareModel
{
    // Rules and parameters are read on demand, so that a list of all models doesn't read them.
    private ModelInfo? _source;
    private string[]? _allowedSize;
    private RunwareModelParameter[]? _parameter;
    private RunwareModelPrice[]? _price;
    private RunwareModelRate[]? _rate;
    private int? _uncheckedRule;

    /// <summary>The AIR, which goes to <c>-Model</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>The name in the API's documentation, such as <c>openai-gpt-image-1</c>; <c>-Model</c> takes it too.</summary>
    public string Slug { get; set; } = "";

    /// <summary>The name for people, such as <c>GPT Image 1</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The creator of the model; null if not known. Source: https://runware.ai/docs/models/openai-gpt-image-1.</summary>
    public string? Creator { get; set; }

    /// <summary>The task type that the model is for, such as <c>videoInference</c>.</summary>
    public string TaskType { get; set; } = "";

    /// <summary>
    /// <c>live</c>, <c>coming-soon</c> or <c>deprecated</c> as Runware states it; <c>removed</c> if Runware no longer lists the model;
    /// otherwise <c>unknown</c>.
    /// </summary>
    public string Status { get; set; } = "";

    /// <summary>
    /// What is known of the model: <c>Full</c> for its document, <c>Keys</c> for the names of its parameters, <c>None</c> for nothing. Only
    /// a document can refuse unknown parameters.
    /// </summary>
    public string Knowledge { get; set; } = "";

    /// <summary>When the data was read, as yyyy-MM-dd; null where there is none.</summary>
    public string? AsOf { get; set; }

    /// <summary>The number of parts of the model's document that this module can't check.</summary>
    public int UncheckedRule
    {
        get => _uncheckedRule ??= _source?.UncheckedRules ?? 0;
        set => _uncheckedRule = value;
    }

    /// <summary>The model to use instead; null where Runware names none.</summary>
    public string? ReplacedBy { get; set; }

    /// <summary>When Runware switches the model off, as yyyy-MM-dd; null where no date is known.</summary>
    public string? DeactivatesAt { get; set; }

    /// <summary>True for the one model that is used where none is named.</summary>
    public bool IsDefault { get; set; }

    /// <summary>The release date as yyyy-MM-dd; null if not known. Source: https://runware.ai/docs/models/openai-gpt-image-1.</summary>
    public string? Released { get; set; }

    /// <summary>The capabilities of the model, in Runware's terms. Source: https://runware.ai/docs/models/openai-gpt-image-1.</summary>
    public string[] Capability { get; set; } = [];

    /// <summary>The sizes it makes, with the names that <c>-Size</c> takes, or the rule they follow.</summary>
    public string[] AllowedSize
    {
        get =>
            _allowedSize ??= _source is { SizeLimits: not null } limited
                ? [limited.AllowedSizes]
                : [.. (_source?.Sizes ?? []).Select(s => $"{s} {s.Name}".TrimEnd())];
        set => _allowedSize = value;
    }

    /// <summary>The output formats that can be transparent.</summary>
    public string[] AlphaFormat { get; set; } = [];

    /// <summary>Every key of a request with what it can hold.</summary>
    public RunwareModelParameter[] Parameter
    {
        get => _parameter ??= [.. (_source?.Parameters ?? []).Select(p => RunwareModelParameter.From(p.Key, p.Value))];
        set => _parameter = value;
    }

    /// <summary>What is known of its price per image. Empty means unknown, not free.</summary>
    public RunwareModelPrice[] Price
    {
        get => _price ??= [.. (_source?.Prices?.Entries ?? []).Select(RunwareModelPrice.From)];
        set => _price = value;
    }

    /// <summary>
    /// What the model charges for units other than images, such as tokens. Empty where it charges by image, or nothing is known.
    /// </summary>
    public RunwareModelRate[] Rate
    {
        get => _rate ??= [.. (_source?.Prices?.Rates ?? []).Select(RunwareModelRate.From)];
        set => _rate = value;
    }

    /// <summary>The lifecycle or the limitations of the model in a sentence; null if there are none.</summary>
    public string? Lifecycle { get; set; }

    /// <summary>Runware's own page about it.</summary>
    public Uri? Documentation { get; set; }

    internal static RunwareModel From(ModelInfo model) => new()
    {
        _source = model,
        Model = model.Air,
        Slug = model.Slug,
        Name = model.Name,
        Creator = model.Creator,
        TaskType = model.TaskType,
        Status = model.Status,
        Knowledge = model.Knowledge.ToString(),
        AsOf = model.AsOf,
        ReplacedBy = model.ReplacedBy,
        DeactivatesAt = model.DeactivatesAt,
        IsDefault = model.IsDefault,
        Released = model.Released,
        Capability = model.Capabilities,
        AlphaFormat = model.AlphaFormats ?? [],
        Lifecycle = model.Lifecycle,
        Documentation = new Uri(model.Documentation),
    };

    /// <summary>The AIR.</summary>
    public override string ToString() => Model;
}

/// <summary>One key of a model's requests.</summary>
public sealed class RunwareModelParameter
{
    /// <summary>The key's dotted path on the wire.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// JSON's kind of value: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>array</c> or <c>object</c>.
    /// </summary>
    public string Type { get; set; } = "";

    /// <summary>True where the API refuses a request without it.</summary>
    public bool Required { get; set; }

    /// <summary>What the API takes where the key is absent; null where it names nothing.</summary>
    public string? Default { get; set; }

    /// <summary>The least number, or the fewest characters or items.</summary>
    public decimal? Min { get; set; }

    /// <summary>The greatest number, or the most characters or items.</summary>
    public decimal? Max { get; set; }

    /// <summary>The number that the value has to be a multiple of; null where any will do.</summary>
    public decimal? MultipleOf { get; set; }

    /// <summary>The only values, in the API's spelling. Empty means any.</summary>
    public string[] Allowed { get; set; } = [];

    internal static RunwareModelParameter From(string path, ParameterRule rule) => new()
    {
        Name = path,
        Type = rule.Type,
        Required = rule.Required,
        Default = rule.Default,
        Min = rule.Min,
        Max = rule.Max,
        MultipleOf = rule.MultipleOf,
        Allowed = rule.Allowed ?? [],
    };

    /// <summary>The key's dotted path.</summary>
    public override string ToString() => Name;
}

/// <summary>The price of one image.</summary>
public sealed class RunwareModelPrice
{
    /// <summary>In pixels, as <c>1536x1024</c>; null where the source doesn't give it.</summary>
    public string? Size { get; set; }

    /// <summary>The quality that this price is for; null for any, or where the source doesn't give it.</summary>
    public string? Quality { get; set; }

    /// <summary>Per image.</summary>
    public decimal Usd { get; set; }

    /// <summary>
    /// <c>stated</c> by Runware; <c>inferred</c>: an upper bound, never a forecast; <c>example</c>: what one image cost or is estimated to
    /// cost, neither a forecast nor a bound.
    /// </summary>
    public string Basis { get; set; } = "";

    /// <summary>Where the price was read.</summary>
    public string Source { get; set; } = "";

    /// <summary>When that was read, as yyyy-MM-dd.</summary>
    public string Date { get; set; } = "";

    internal static RunwareModelPrice From(PriceEntry entry) => new()
    {
        Size = entry.Size,
        Quality = entry.Quality,
        Usd = entry.Usd,
        Basis = entry.Basis,
        Source = entry.Source,
        Date = entry.Date,
    };

    /// <summary>Size, quality and USD; an inferred price reads as <c>at most</c>, an example as <c>about</c>.</summary>
    public override string ToString()
    {
        var (prefix, name) = (Basis switch { "stated" => "", "example" => "about ", _ => "at most " }, $"{Size} {Quality}".Trim());
        return string.Create(CultureInfo.InvariantCulture, $"{name} {prefix}{Usd}").TrimStart();
    }
}

/// <summary>The price of one unit that a model counts, such as a token.</summary>
public sealed class RunwareModelRate
{
    /// <summary>The unit in the API's words, such as <c>inputToken</c> or <c>outputToken</c>.</summary>
    public string Unit { get; set; } = "";

    /// <summary>What distinguishes rates of the same unit, such as <c>Image input</c>; null if the unit is enough.</summary>
    public string? Label { get; set; }

    /// <summary>Per unit.</summary>
    public decimal Usd { get; set; }

    /// <summary>Where the rate was read.</summary>
    public string Source { get; set; } = "";

    /// <summary>When that was read, as yyyy-MM-dd.</summary>
    public string Date { get; set; } = "";

    internal static RunwareModelRate From(PriceRate rate) => new()
    {
        Unit = rate.Unit,
        Label = rate.Label,
        Usd = rate.Usd,
        Source = rate.Source,
        Date = rate.Date,
    };

    /// <summary>Label, USD, and unit; of characters and tokens, for a million of them.</summary>
    public override string ToString() => (Label is null ? "" : Label + ": ") + ModelText.Rate(Unit, Usd);
}
