using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>How much the catalog knows of a model, and so what it can refuse.</summary>
internal enum ModelKnowledge
{
    /// <summary>Only that there is such a model: requests are sent as given.</summary>
    None,

    /// <summary>The keys of a request: a missing one is refused, an unknown one only warned about.</summary>
    Keys,

    /// <summary>The model's document: every parameter and rule.</summary>
    Full,
}

/// <summary>What the catalog knows of one model. A model is data: nothing in code depends on which one it is.</summary>
internal sealed class ModelInfo
{
    private const int StaleAfterDays = 90;

    private readonly Lazy<ModelDocument?> _document;
    private readonly Lazy<Dictionary<string, ParameterRule>> _parameters;
    private readonly ConcurrentDictionary<string, string?> _paths = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private readonly string? _gone;

    public ModelInfo(string air, string slug, string taskType, Func<ModelDocument?> document, TimeProvider clock)
    {
        (Air, Slug, TaskType, _clock) = (air, slug, taskType, clock);
        _document = new Lazy<ModelDocument?>(document);
        _parameters = new Lazy<Dictionary<string, ParameterRule>>(() =>
            Document is { } known ? ParameterRule.Of(known.Schema) : new Dictionary<string, ParameterRule>(StringComparer.Ordinal));
    }

    /// <summary>Runware's identifier, such as <c>openai:1@1</c>.</summary>
    public string Air { get; }

    public string Slug { get; }

    public string TaskType { get; }

    public ModelKnowledge Knowledge =>
        Described is { IsKeyTable: false } ? ModelKnowledge.Full : HasKeys ? ModelKnowledge.Keys : ModelKnowledge.None;

    /// <summary>Whether the table has the model's keys.</summary>
    public bool HasKeys { get; init; }

    /// <summary>
    /// The keys of <c>inputs</c> that take the model's media, as far as the table has them. They're needed where no document is known.
    /// </summary>
    public string[] Inputs { get; init; } = [];

    /// <summary>False where no document is known: then nothing is read for the model's name and status.</summary>
    public bool HasDocument { get; init; } = true;

    /// <summary>True for the model that is used by default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>When a list of Runware's models no longer had it, as yyyy-MM-dd; null where it still has it.</summary>
    public string? Gone
    {
        get => _gone ?? Described?.Gone;
        init => _gone = value;
    }

    public string Name => Described?.Name ?? Slug;

    public string? Creator => Described?.Creator;

    /// <summary>
    /// <c>live</c>, <c>coming-soon</c> or <c>deprecated</c> as Runware reports; <c>removed</c> where its list no longer has the model;
    /// <c>unknown</c> otherwise.
    /// </summary>
    public string Status => Gone is not null ? "removed" : Described?.Status ?? DisplayText.Unknown;

    public string? Released => Described?.Released;

    public string? Lifecycle => ModelLifecycle.Describe(this);

    public string Documentation => $"https://runware.ai/docs/models/{Slug}";

    public string[] Capabilities => [.. Described?.Capabilities ?? []];

    /// <summary>The sizes by name. They are the only ones, unless <see cref="SizeLimits"/> is set.</summary>
    public ModelSize[]? Sizes => OwnSizes ?? (Document is null ? null : ModelSizes.Of(Document.Schema));

    /// <summary>Set where sizes are free within limits; the edges' own limits stand with <c>width</c> and <c>height</c>.</summary>
    public SizeLimits? SizeLimits => Document is null ? null : SizeLimits.Of(Document.Limits);

    public string[]? AlphaFormats =>
        Described?.Own.Member("alphaFormats") is { ValueKind: System.Text.Json.JsonValueKind.Array } formats ? [.. formats.Texts()] : null;

    /// <summary>Every key that a request can carry, by its dotted path.</summary>
    public Dictionary<string, ParameterRule> Parameters => _parameters.Value;

    /// <summary>How many parts of the document this module can't check.</summary>
    public int UncheckedRules => Document?.Schema.Unread ?? 0;

    public PriceList? Prices => Described?.Prices;

    /// <summary>When the data was read, as yyyy-MM-dd.</summary>
    public string? AsOf => Described?.AsOf ?? KeysAsOf;

    /// <summary>When the table of keys was read, as yyyy-MM-dd.</summary>
    public string? KeysAsOf { get; init; }

    /// <summary>The AIR or slug of the model to use instead; null where none is named.</summary>
    public string? ReplacedBy => Described?.ReplacedBy;

    public string? DeactivatesAt => Described?.DeactivatesAt;

    /// <summary>The document, or its replacement if only the keys are known.</summary>
    public ModelDocument? Document => _document.Value;

    private ModelDocument? Described => HasDocument ? Document : null;

    private ModelSize[]? OwnSizes => Document?.Own.Member("sizes").Items().Select(s => new ModelSize(
        s.Member("name").AsText() ?? "", (int)(s.Member("width").AsNumber() ?? 0), (int)(s.Member("height").AsNumber() ?? 0)))
            .ToArray() is { Length: > 0 } sizes
            ? sizes
            : null;

    // Runware changes documents without notice, so an old one may only warn, unless the module promises what it refuses.
    private bool IsStale => Document?.Own.Member("refusesAlways").ValueKind != System.Text.Json.JsonValueKind.True
        && DateOnly.TryParseExact(AsOf, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.AddDays(StaleAfterDays) < DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);

    /// <summary>Where on the wire this model takes an option; null where it doesn't take it.</summary>
    /// <param name="candidates">
    /// A name such as <c>quality</c>, which is looked for everywhere, or paths in the order of preference, such as
    /// <c>providerSettings.*.quality</c>; the star stands for the provider.
    /// </param>
    public string? PathOf(params string[] candidates) =>
        Knowledge == ModelKnowledge.Full ? candidates.Select(Exact).FirstOrDefault(path => path is not null)
            : Array.Find(candidates, IsKnownInput)
                ?? (Knowledge == ModelKnowledge.None ? Expand(candidates[0])
                    : candidates.Select(Likely).FirstOrDefault(path => path is not null));

    /// <summary>What the API takes where a key is absent; null where the document names nothing.</summary>
    public JsonNode? DefaultOf(string path)
    {
        var schema = Document?.Schema;
        foreach (var key in path.Split('.'))
        {
            schema = schema?.Properties.GetValueOrDefault(key);
        }

        return schema?.Default;
    }

    /// <summary>The API's spelling of a value that differs only in case; any other value as it is.</summary>
    public string NormalizeCase(string path, string value) =>
        Parameters.TryGetValue(path, out var rule) && rule.Allowed is { } allowed
            ? Array.Find(allowed, a => a.Equals(value, StringComparison.OrdinalIgnoreCase)) ?? value
            : value;

    /// <summary>Everything in which a task differs from what is known of the model, the first thing to fix first.</summary>
    public IEnumerable<Finding> Findings(JsonObject task)
    {
        if (Document is not { } document)
        {
            return [];
        }

        var findings = RequestValidator.Validate(Air, document.Schema, task).ToList();
        foreach (var finding in document.Limits.Select(limit => limit.Check(task, this)).Append(ModelMode.Check([.. document.Modes], task))
            .OfType<Finding>())
        {
            if (!findings.Exists(f => f.Paths.Any(p => finding.Paths.Any(q => p == q || p.StartsWith(q + ".", StringComparison.Ordinal)))))
            {
                findings.Add(finding);
            }
        }

        return findings;
    }

    /// <summary>What is wrong with a task for certain, so that it is refused.</summary>
    public IEnumerable<Finding> Check(JsonObject task) => Findings(task).Where(f => Knowledge switch
    {
        ModelKnowledge.Full => !(IsDoubtful(f) && IsStale),
        ModelKnowledge.Keys => f.Kind == FindingKind.Missing,
        _ => false,
    });

    /// <summary>What may be wrong with a task, as far as old or incomplete data tells.</summary>
    public IEnumerable<Finding> Warnings(JsonObject task) => Knowledge switch
    {
        ModelKnowledge.Full when IsStale => Findings(task).Where(IsDoubtful),
        // the table has one form of a key where there are several
        ModelKnowledge.Keys => Findings(task).Where(f => IsDoubtful(f)
            && (f.Value is not (JsonObject or JsonArray) || f.Kind == FindingKind.Unknown)),
        _ => [],
    };

    /// <summary>The price in USD of one image, or null where the catalog doesn't state it.</summary>
    public decimal? Price(int width, int height, string? quality) =>
        Prices?.Entries.FirstOrDefault(e => e.IsStated && e.Covers(width, height)
            && string.Equals(e.Quality, quality, StringComparison.OrdinalIgnoreCase))?.Usd;

    /// <summary>The highest price in USD, stated or inferred, of one image of this size; null where the catalog has none.</summary>
    public decimal? HighestPrice(int width, int height) =>
        Prices?.Entries.Where(e => e.IsBound && e.Covers(width, height)).Max(e => (decimal?)e.Usd);

    /// <summary>The sizes in words, for messages.</summary>
    public string AllowedSizes
    {
        get
        {
            if (SizeLimits is not { } limits)
            {
                return string.Join(", ", (Sizes ?? []).Select(s => s.Label));
            }

            return string.Join(", ", new[]
            {
                Document!.Schema.Properties.GetValueOrDefault("width") is { } edge && edge.Range != Bounds.None
                    ? Strings.EdgesOf.With(SchemaText.Range(edge, JsonValue.Create(0)))
                    : null,
                limits.Pixels == Bounds.None ? null : Strings.PixelsInAll.With(limits.Pixels.ToString("pixels")),
                limits.Ratio,
            }.OfType<string>());
        }
    }

    private static bool IsDoubtful(Finding finding) => finding.Kind is FindingKind.Unknown or FindingKind.NotAllowed;

    // The provider is the part of an AIR before the colon.
    private string Expand(string candidate) =>
        candidate.Replace("*", Air[..Math.Max(0, Air.IndexOf(':', StringComparison.Ordinal))], StringComparison.Ordinal);

    // For each record, each parameter of a cmdlet asks for it.
    private string? Exact(string candidate) => _paths.GetOrAdd(candidate, FindPath);

    private string? FindPath(string candidate)
    {
        var (prefix, name) = candidate.Split('*') is [var before, var after] ? (before, after) : ("", candidate);
        var isPath = prefix.Length > 0 || name.Contains('.', StringComparison.Ordinal);
        return Parameters.Keys.Where(path => path == candidate
            || (prefix.Length > 0 && path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith(name, StringComparison.Ordinal))
                || (!isPath && path.EndsWith("." + name, StringComparison.Ordinal)))
            .MinBy(path => path.Count(c => c == '.'));
    }

    private bool IsKnownInput(string candidate) =>
        candidate.Split('.') is ["inputs", var key] && Inputs.Contains(key, StringComparer.Ordinal);

    // Of nested objects the key table only has the name.
    private string? Likely(string candidate) => Parameters.ContainsKey(candidate.Split('.')[0]) ? Expand(candidate) : null;
}

/// <summary>Limits that concern both edges.</summary>
/// <param name="Pixels">The bounds of their product.</param>
/// <param name="Quotient">The bounds of width divided by height.</param>
internal sealed record SizeLimits(Bounds Pixels, Bounds Quotient)
{
    public static SizeLimits? Of(IEnumerable<ModelLimit> limits)
    {
        var ofSize = limits.Where(l => l.IsOfSize).ToArray();
        return ofSize.Length == 0 ? null : new SizeLimits(
            Array.Find(ofSize, l => l.Operation == "area")?.Bounds ?? Bounds.None,
            Array.Find(ofSize, l => l.Operation == "ratio")?.Bounds ?? Bounds.None);
    }

    /// <summary>The allowed ratio in words; null for any.</summary>
    public string? Ratio => Quotient switch
    {
        { Min: null, Max: null } => null,
        { Min: { } least, Max: { } most } when Math.Abs((least * most) - 1) < 0.001m =>
            Strings.RatioAtMost.With(most),
        _ => "a ratio of " + Quotient.ToString(""),
    };

    public bool Allow(int width, int height) => Pixels.Hold((decimal)width * height) && Quotient.Hold((decimal)width / height);
}
