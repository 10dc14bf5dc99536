using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>One image task as its user asked for it: a builder of a <see cref="TaskRequest"/>. What is null was not asked for and stays off the wire, size, model and cost aside.</summary>
internal sealed record ImageRequest
{
    private const int DefaultEdge = 1024;

    public required Guid TaskUuid { get; init; }

    /// <summary>True where the id is the user's own, and not made for this request.</summary>
    public bool IsIdGiven { get; init; }

    public required string Prompt { get; init; }

    /// <summary>AIR or slug; null for the catalog's default.</summary>
    public string? Model { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public int? Count { get; init; }

    public IReadOnlyList<MediaInput> ReferenceImages { get; init; } = [];

    public string? Quality { get; init; }

    public string? Background { get; init; }

    public string? NegativePrompt { get; init; }

    public long? Seed { get; init; }

    /// <summary>True where the seed is that of an earlier result. It is then the API's choice, and goes only to models that take a seed.</summary>
    public bool IsSeedReported { get; init; }

    public int? Steps { get; init; }

    public decimal? CfgScale { get; init; }

    public string? Scheduler { get; init; }

    public decimal? Strength { get; init; }

    public MediaInput? SeedImage { get; init; }

    public MediaInput? MaskImage { get; init; }

    public string? OutputType { get; init; }

    public string? OutputFormat { get; init; }

    public int? OutputQuality { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    public bool CheckContent { get; init; }

    public string? SafetyMode { get; init; }

    /// <summary>Sent as true unless the user said no: ledger and caps need the cost.</summary>
    public bool? IncludeCost { get; init; }

    public Uri? WebhookUrl { get; init; }

    public Uri? UploadEndpoint { get; init; }

    /// <summary>Any other key of the API, nested as on the wire.</summary>
    public JsonObject? Additional { get; init; }

    public bool Async { get; init; }

    /// <summary>True to send what the local rules would refuse.</summary>
    public bool SkipValidation { get; init; }

    /// <summary>The user's own mark on this task; it never leaves this machine.</summary>
    public string? Tag { get; init; }

    /// <summary>The position of the record in the pipeline, from 0.</summary>
    public int InputIndex { get; init; }

    /// <summary>What the catalog knows of the model; null where it knows nothing, and then nothing is checked.</summary>
    public ModelInfo? ModelInfo => ModelCatalog.Default.Find(ModelName);

    private string ModelName => Model ?? Additional?.Text("model") ?? ModelCatalog.Default.DefaultModel.Air;

    /// <summary>The same request with a size: a name or <c>WxH</c>, or the pair, or none.</summary>
    /// <exception cref="RunwareException"><c>ParameterConflict</c> or <c>ParameterOutOfRange</c>.</exception>
    public ImageRequest WithSize(string? size, int? width, int? height)
    {
        if (size is null)
        {
            return (width is null) == (height is null) || SkipValidation
                ? this with { Width = width, Height = height }
                : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, width is null ? "Width" : "Height",
                    FormattableString.Invariant($"{(width is null ? "Height" : "Width")} is {width ?? height} and {(width is null ? "Width" : "Height")} is not given: they go together."));
        }

        if ((width ?? height) is not null)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Size", $"Size '{size}' is given together with Width or Height; give one or the other.");
        }

        if (ModelInfo?.Sizes?.FirstOrDefault(s => s.Name.Equals(size, StringComparison.OrdinalIgnoreCase)) is { } named)
        {
            return this with { Width = named.Width, Height = named.Height };
        }

        var parts = size.Split('x', 'X', '×');
        return parts.Length == 2 && Pixels(parts[0]) is { } sizeWidth && Pixels(parts[1]) is { } sizeHeight
            ? this with { Width = sizeWidth, Height = sizeHeight }
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Size", $"Size is '{size}'; allowed are {SizeNames()} and sizes such as 1536x1024.");
    }

    /// <summary>The task, once it passed the check.</summary>
    /// <exception cref="RunwareException">The first thing wrong with the request, found before anything is sent.</exception>
    public TaskRequest ToTask()
    {
        var wire = ToWire();
        ImageRequestCheck.Check(this, wire);
        return new TaskRequest(wire) { Tag = Tag, InputIndex = InputIndex, IsIdGiven = IsIdGiven };
    }

    /// <summary>The task as it stands on the wire, in the order of the API's page.</summary>
    /// <exception cref="RunwareException"><c>ParameterConflict</c>: an additional key says again what a parameter says.</exception>
    public JsonObject ToWire()
    {
        var model = ModelInfo;
        var wire = new JsonObject
        {
            ["taskType"] = TaskTypes.ImageInference,
            ["taskUUID"] = TaskUuid.ToString("D"),
        };
        if (Model is not null)
        {
            wire["model"] = model?.Air ?? Model;
        }

        wire["positivePrompt"] = Prompt;
        Text(Place("negativePrompt"), NegativePrompt);
        Number("width", Width);
        Number("height", Height);
        Text("outputType", OutputType);
        Text("outputFormat", OutputFormat);
        Number("outputQuality", OutputQuality);
        Text("webhookURL", WebhookUrl?.OriginalString);
        Text("uploadEndpoint", UploadEndpoint?.OriginalString);
        Flag("safety.checkContent", CheckContent ? true : null);
        Text("safety.mode", SafetyMode);
        Number("ttl", Seconds(TimeToLive));
        Number("numberResults", Count);
        Flag("includeCost", IncludeCost is false ? false : null);
        Text("deliveryMethod", Async ? "async" : null);
        Node(Place("seed"), IsSeedReported && model is not null && model.PathOf("seed") is null ? null : Seed);
        Number(Place("steps"), Steps);
        Node(Place("CFGScale"), CfgScale);
        Text(Place("scheduler"), Scheduler);
        Node(Place("strength"), Strength);
        if (ReferenceImages.Count > 0)
        {
            wire.Put("inputs.referenceImages", new JsonArray([.. ReferenceImages.Select(Media)]));
        }

        Node(Place("inputs.seedImage", "inputs.image"), Media(SeedImage));
        Node(Place("inputs.maskImage", "inputs.mask"), Media(MaskImage));
        Text(PathOf("quality", model), Quality);
        Text(PathOf("background", model), Background);

        if (Additional is not null)
        {
            wire.Merge(Additional, model);
        }

        Defaults(wire, model);
        return wire;

        // Where the model's data says; else where most models have it.
        string Place(string path, string? other = null) =>
            model?.PathOf(path) ?? (other is null ? null : model?.PathOf(other)) ?? path;

        void Node(string path, JsonNode? value)
        {
            if (value is not null)
            {
                wire.Put(path, value);
            }
        }

        void Text(string path, string? value)
        {
            if (value is not null)
            {
                wire.Put(path, model?.NormalizeCase(path, value) ?? value);
            }
        }

        void Number(string path, int? value)
        {
            if (value is { } number)
            {
                wire.Put(path, number);
            }
        }

        void Flag(string path, bool? value)
        {
            if (value is { } flag)
            {
                wire.Put(path, flag);
            }
        }
    }

    private static JsonValue? Media(MediaInput? reference) =>
        reference?.ToNode();

    private void Defaults(JsonObject wire, ModelInfo? model)
    {
        if (wire["model"] is null)
        {
            wire["model"] = model?.Air ?? ModelName;
        }

        // A model that doesn't require a size has a default of its own.
        if (wire["width"] is null && wire["height"] is null && (model is null or { Knowledge: ModelKnowledge.None } || model.Parameters.GetValueOrDefault("width")?.Required == true))
        {
            wire["width"] = DefaultEdge;
            wire["height"] = DefaultEdge;
        }

        // Off is how the API behaves without the key.
        if (wire["includeCost"] is null)
        {
            wire["includeCost"] = true;
        }
        else if (IncludeCost is false)
        {
            wire.Remove("includeCost");
        }
    }

    // Where the model takes an option. An option that it doesn't take stands at the top, where the check finds it. For a model outside the
    // catalog, the part of its AIR before the colon names the provider whose settings it reads.
    private string PathOf(string option, ModelInfo? model) => model is null
        ? $"providerSettings.{ModelName[..(ModelName.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? colon : ModelName.Length)]}.{option}"
        : model.PathOf($"providerSettings.*.{option}", $"settings.{option}", option) ?? option;

    private string SizeNames() => string.Join(", ", (ModelInfo?.Sizes ?? []).Select(s => s.Name)) is { Length: > 0 } names ? names : "no names for this model";

    private static int? Pixels(string text) => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pixels) ? pixels : null;

    private static int? Seconds(TimeSpan? span) => span switch
    {
        null => null,
        { } s when s.TotalSeconds == Math.Truncate(s.TotalSeconds) && s.TotalSeconds <= int.MaxValue => (int)s.TotalSeconds,
        { } s => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TimeToLive", FormattableString.Invariant($"TimeToLive is {s.TotalSeconds} s; allowed are whole seconds, 60 or more.")),
    };
}
