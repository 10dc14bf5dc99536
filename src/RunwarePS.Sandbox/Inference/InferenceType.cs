using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Keys that several task types share.</summary>
[Flags]
internal enum SharedKeys
{
    None = 0,

    /// <summary>outputType, outputFormat, ttl, uploadEndpoint.</summary>
    Files = 1,

    /// <summary>outputQuality.</summary>
    Quality = 2,

    /// <summary>safety.</summary>
    Safety = 4,

    /// <summary>numberResults.</summary>
    Results = 8,

    /// <summary>deliveryMethod.</summary>
    Delivery = 16,

    /// <summary>model.</summary>
    Model = 32,
}

/// <summary>A task type that generates something: it's charged, takes time, and can be repeated only under another taskUUID.</summary>
internal abstract class InferenceType(string name, SharedKeys shared, params string[] ownKeys) : TaskType(name)
{
    private const int MostResults = 20;
    private const int ShortestTtl = 60;

    private readonly string[] _keys =
    [
        "taskType", "taskUUID", "webhookURL", "includeCost", .. Expand(shared), .. ownKeys,
    ];

    protected static string[] Inline { get; } = ["URL", "base64Data", "dataURI"];

    protected static string[] LinkOnly { get; } = ["URL"];

    protected static FileFormat[] Images { get; } = [FileFormat.Jpg, FileFormat.Png, FileFormat.Webp];

    protected static FileFormat[] Videos { get; } = [FileFormat.Mp4, FileFormat.Webm, FileFormat.Mov];

    /// <summary>Nominal, so that costs can be tested where no price is known.</summary>
    public virtual decimal? NominalPrice => 0.01m;

    /// <summary>Whether the results of one task are finished one after the other.</summary>
    public virtual bool FinishesOneByOne => false;

    /// <summary>Whether it runs a model. What doesn't is free.</summary>
    public bool HasModel { get; } = shared.HasFlag(SharedKeys.Model);

    protected virtual int MaxResults => MostResults;

    public override TaskError? Check(JsonObject task) =>
        Rule.Closed(task, path: null, _keys)
        ?? CheckShared(task)
        ?? CheckOwn(task);

    /// <summary>The delivery methods that such a task can have; the first is the default.</summary>
    public virtual string[] Deliveries(JsonObject task) => ["sync", "async"];

    /// <summary>The values of outputType; the first is the default.</summary>
    public virtual string[] OutputTypes(JsonObject task) => Inline;

    /// <summary>The formats of its files; the first is the default. Empty if it doesn't return files.</summary>
    public virtual FileFormat[] Formats(JsonObject task) => [];

    /// <summary>How many results the task has.</summary>
    public virtual int Count(JsonObject task) => task.Integer("numberResults") ?? 1;

    /// <summary>The status of a finished result, and of one in progress.</summary>
    public virtual string Status(int? progress, bool isDone) => isDone ? "success" : "processing";

    /// <summary>The file of one result: the same bytes every time.</summary>
    public virtual byte[] Render(SandboxTask task, int index) => SampleFile.Render(task.Format!, task.Seed(index));

    /// <summary>Writes the fields that make one result what it is.</summary>
    public abstract void WriteResult(SandboxTask task, int index, Utf8JsonWriter json);

    /// <summary>What holds for the type besides the shared keys.</summary>
    protected virtual TaskError? CheckOwn(JsonObject task) => null;

    private TaskError? CheckShared(JsonObject task) =>
        Rule.Boolean(task, "includeCost")
        ?? Rule.Text(task, "webhookURL", "uploadEndpoint")
        ?? Rule.Among(task, "deliveryMethod", Deliveries(task))
        ?? Rule.Among(task, "outputType", OutputTypes(task))
        ?? (Formats(task) is { Length: > 0 } formats ? Rule.Among(task, "outputFormat", [.. formats.Select(f => f.Name)]) : null)
        ?? Rule.Whole(task, "outputQuality", 20, 99)
        ?? Rule.Whole(task, "numberResults", 1, MaxResults)
        ?? Rule.Whole(task, "ttl", ShortestTtl, int.MaxValue)
        ?? Rule.Object(task, "safety", "inputs", "settings", "providerSettings")
        ?? Rule.Closed(task, "safety", ["checkContent", "mode"])
        ?? Rule.Boolean(task, "safety.checkContent")
        ?? Rule.Among(task, "safety.mode", "none", "fast", "full");

    private static IEnumerable<string> Expand(SharedKeys shared) =>
    [
        .. shared.HasFlag(SharedKeys.Files) ? (string[])["outputType", "outputFormat", "ttl", "uploadEndpoint"] : [],
        .. shared.HasFlag(SharedKeys.Quality) ? (string[])["outputQuality"] : [],
        .. shared.HasFlag(SharedKeys.Safety) ? (string[])["safety"] : [],
        .. shared.HasFlag(SharedKeys.Results) ? (string[])["numberResults"] : [],
        .. shared.HasFlag(SharedKeys.Model) ? (string[])["model"] : [],
        .. shared.HasFlag(SharedKeys.Delivery) ? (string[])["deliveryMethod"] : [],
    ];
}
