using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>An image as New-RunwareImage asks for it, without an engine: its parameters and their keys.</summary>
internal sealed record ImageRequest
{
    private static readonly RequestKey[] s_keys =
    [
        new("Prompt", ["positivePrompt"]), new("Width", ["width"]), new("Height", ["height"]), new("Count", ["numberResults"]),
        new("ReferenceImage", ["inputs.referenceImages"], IsMedia: true), new("SeedImage", ["inputs.seedImage", "inputs.image"], IsMedia: true),
        new("MaskImage", ["inputs.maskImage", "inputs.mask"], IsMedia: true), new("Quality", ["providerSettings.*.quality", "settings.quality", "quality"]),
        new("Background", ["providerSettings.*.background", "settings.background", "background"]), new("NegativePrompt", ["negativePrompt"]), new("Seed", ["seed"]), new("Steps", ["steps"]),
        new("CfgScale", ["CFGScale"]), new("Scheduler", ["scheduler"]), new("Strength", ["strength"]), new("OutputType", ["outputType"]),
        new("OutputFormat", ["outputFormat"]), new("OutputQuality", ["outputQuality"]), new("TimeToLive", ["ttl"]), new("CheckContent", ["safety.checkContent"]),
        new("SafetyMode", ["safety.mode"]), new("WebhookUrl", ["webhookURL"]), new("UploadEndpoint", ["uploadEndpoint"]),
    ];

    public required Guid TaskUuid { get; init; }

    public required string Prompt { get; init; }

    public string? Model { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public int? Count { get; init; }

    public IReadOnlyList<MediaInput> ReferenceImages { get; init; } = [];

    public MediaInput? SeedImage { get; init; }

    public MediaInput? MaskImage { get; init; }

    public string? NegativePrompt { get; init; }

    public string? Quality { get; init; }

    public string? Background { get; init; }

    public string? OutputType { get; init; }

    public string? OutputFormat { get; init; }

    public int? OutputQuality { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    public bool CheckContent { get; init; }

    public string? SafetyMode { get; init; }

    public bool? IncludeCost { get; init; }

    public Uri? WebhookUrl { get; init; }

    public Uri? UploadEndpoint { get; init; }

    public JsonObject? Additional { get; init; }

    public bool Async { get; init; }

    public bool SkipValidation { get; init; }

    public string? Tag { get; init; }

    public int InputIndex { get; init; }

    public bool IsIdGiven { get; init; }

    public ImageRequest WithSize(string? size, int? width, int? height)
    {
        var body = new JsonObject();
        foreach (var (key, edge) in new[] { ("width", width), ("height", height) })
        {
            if (edge is not null)
            {
                body[key] = edge;
            }
        }

        RequestSize.Put(body, size, ModelCatalog.Default.Find(Model ?? ModelCatalog.Default.DefaultModel.Air));
        RequestSize.RequirePair(body);
        return this with { Width = body.Integer("width"), Height = body.Integer("height") };
    }

    public TaskRequest ToTask() => Build(SkipValidation);

    public JsonObject ToWire() => Build(skipValidation: true).Body;

    /// <summary>Holds a task as it is on the wire against its model, in terms of the parameters.</summary>
    public static void Check(JsonObject task)
    {
        var request = new TaskRequest(task);
        new ParameterCheck(request, [.. s_keys.Select(key => (key, key.PathFor(request.ModelInfo, request.Model), false))], "AdditionalParameter").Check("Prompt");
    }

    private TaskRequest Build(bool skipValidation)
    {
        var task = new TaskBuilder
        {
            TaskType = TaskTypes.ImageInference,
            Model = Model,
            DefaultModel = ModelCatalog.Default.DefaultModel.Air,
            TaskUuid = TaskUuid,
            Keys = s_keys,
            Values = [.. Values()],
            Words = "Prompt",
            IsAsync = Async,
            NoCost = IncludeCost is false,
            SkipValidation = skipValidation,
            Tag = Tag,
            InputIndex = InputIndex,
            Given = Additional?.DeepClone().AsObject() ?? [],
            GivenBy = "AdditionalParameter",
        }.Build().Task;
        return IsIdGiven ? task : new TaskRequest(task.Body) { Tag = Tag, InputIndex = InputIndex };
    }

    private IEnumerable<RequestValue> Values()
    {
        var values = new (string Parameter, JsonNode? Value)[]
        {
            ("Prompt", Prompt), ("Width", Width), ("Height", Height), ("Count", Count),
            ("ReferenceImage", ReferenceImages.Count == 0 ? null : new JsonArray([.. ReferenceImages.Select(r => r.ToNode())])),
            ("SeedImage", SeedImage?.ToNode()), ("MaskImage", MaskImage?.ToNode()), ("NegativePrompt", NegativePrompt), ("Quality", Quality), ("Background", Background), ("OutputType", OutputType), ("OutputFormat", OutputFormat), ("OutputQuality", OutputQuality),
            ("TimeToLive", (int?)TimeToLive?.TotalSeconds), ("CheckContent", CheckContent ? true : null), ("SafetyMode", SafetyMode),
            ("WebhookUrl", WebhookUrl?.OriginalString), ("UploadEndpoint", UploadEndpoint?.OriginalString),
        };
        return from value in values
               where value.Value is not null
               select new RequestValue(Array.Find(s_keys, k => k.Parameter == value.Parameter)!, value.Value);
    }
}
