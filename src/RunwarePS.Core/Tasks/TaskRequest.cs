using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>
/// A task of any type as it will go over the wire, with what its user wants to know of it and the API doesn't hear. It was checked, and
/// nothing of it changes any more. Media can be anywhere in its body, each as a <see cref="MediaInput"/>.
/// </summary>
internal sealed class TaskRequest
{
    private string? _requestHash;
    private GenerationMetadata? _metadata;

    public TaskRequest(JsonObject body)
    {
        Body = body;
        TaskUuid = Guid.Parse(body.Text("taskUUID")!);
        TaskType = body.Text("taskType")!;
        ModelInfo = ModelCatalog.Default.Find(Model);
        Forecast = PriceForecast.Of(body, ModelInfo);
    }

    public JsonObject Body { get; }

    public Guid TaskUuid { get; }

    public string TaskType { get; }

    /// <summary>The catalog's data of the model; null if there is none, and then the request isn't validated.</summary>
    public ModelInfo? ModelInfo { get; }

    public PriceForecast Forecast { get; }

    /// <summary>The user's own mark on this task; it never leaves this machine.</summary>
    public string? Tag { get; init; }

    /// <summary>The position of the record in the pipeline, from 0.</summary>
    public int InputIndex { get; init; }

    /// <summary>True where the id is the user's own, and not made for this request.</summary>
    public bool IsIdGiven { get; init; }

    /// <summary>True where the id follows from the request: the API's "seen before" then always means accepted.</summary>
    public bool IsDerived { get; private init; }

    /// <summary>True where an earlier session may have sent it, and the API may have it.</summary>
    public bool IsResumed { get; private init; }

    /// <summary>Whether the request returns before the results are available.</summary>
    public bool IsAsync => Body.Text("deliveryMethod") == "async";

    /// <summary>Whether its text arrives in pieces, as it is written.</summary>
    public bool IsStream => Body.Text("deliveryMethod") == "stream";

    /// <summary>
    /// Whether the task is a utility, which generates nothing: its result is in the response, it's free, and it isn't in the journal.
    /// </summary>
    public bool IsUtility => TaskTypes.IsUtility(TaskType);

    /// <summary>The words that it is about; null where it has none.</summary>
    public string? Prompt => Body.Text("positivePrompt") ?? Body.Text("prompt") ?? Body.Text("speech.text") ?? LastMessage;

    // Of a conversation, the last message is the prompt.
    private string? LastMessage =>
        Body["messages"] is JsonArray { Count: > 0 } messages ? (messages[^1] as JsonObject)?.Text("content") : null;

    public string? Model => Body.Text("model");

    /// <summary>How many results were asked for.</summary>
    public int Expected => Body.Integer("numberResults") ?? Body.Integer("promptVersions") ?? 1;

    /// <summary>The format asked for, or the model's own default.</summary>
    public string? OutputFormat => Body.Text("outputFormat") ?? ModelInfo?.Parameters.GetValueOrDefault("outputFormat")?.Default;

    /// <summary>What its results and the journal keep of the request.</summary>
    public GenerationMetadata Metadata => _metadata ??= GenerationMetadata.OfWire(Body) with
    {
        TaskType = TaskType,
        Prompt = Prompt,
        OutputFormat = OutputFormat,
        Quality = Option("quality"),
        Background = Option("background"),
        InputIndex = InputIndex,
        Tag = Tag,
        RequestHash = RequestHash,
    };

    /// <summary>The hash of the requested content, without the ID.</summary>
    public string RequestHash => _requestHash ??= Convert.ToHexString(RequestFingerprint.Of(Body));

    private string? Option(string name) => ModelInfo is { } model ? Body.Option(model, name) : null;

    /// <summary>A task from the journal, as it was sent or was about to be.</summary>
    public static TaskRequest Resumed(JsonObject body, GenerationMetadata metadata)
    {
        var task = new TaskRequest(body)
        { InputIndex = metadata.InputIndex ?? 0, Tag = metadata.Tag, IsResumed = true, _requestHash = metadata.RequestHash };
        if (task.IsStream
            || task.ModelInfo?.Parameters.GetValueOrDefault("deliveryMethod")?.Allowed?.Contains("async", StringComparer.Ordinal) == true)
        {
            body["deliveryMethod"] = "async"; // the result is retrieved by polls
        }

        return task;
    }

    /// <summary>The same task under the id that its key gives it. On such an id "seen before" always means accepted.</summary>
    public TaskRequest WithId(DeterministicTaskId key)
    {
        var id = key.Next(RequestHash);
        Body["taskUUID"] = id.ToString("D");
        return new TaskRequest(Body) { Tag = Tag, InputIndex = InputIndex, IsDerived = true, _requestHash = RequestHash };
    }

    /// <summary>What it is about, for ShouldProcess: its words, else its media.</summary>
    public string Target => Prompt is { } prompt ? DisplayText.Cut(prompt, 60)
        : Media(Body).ToArray() is { Length: > 0 } media
        ? (media is [{ Text: { } text }] ? DisplayText.Cut(text, 60) : Plural(media.Length, "input"))
        : Model ?? TaskType;

    /// <summary>What is done, for ShouldProcess: how many results, what they are like, and the price.</summary>
    public string Action(string verb)
    {
        var noun = TaskType switch { TaskTypes.VideoInference => "video", TaskTypes.AudioInference => "audio file",
            TaskTypes.TextInference => "text", _ => $"{TaskType} task" };
        var size = Body.Integer("width") is { } width
            ? FormattableString.Invariant($"{width}x{Body.Integer("height")}")
            : Body.Text("resolution");
        var duration = Body["duration"] is JsonValue seconds
            ? $"{seconds.ToJsonString()} s".Replace("\"", "", StringComparison.Ordinal)
            : null;
        var price = IsUtility ? null : Forecast.Exact is null ? $"price {Forecast}" : $"estimated USD {Forecast}";
        return $"{verb} {Plural(Expected, noun)} ({string.Join(", ", new[] { size, duration, Model, price }.OfType<string>())})";
    }

    private static string Plural(int count, string noun) => FormattableString.Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    private static IEnumerable<MediaInput> Media(JsonNode? node) => node switch
    {
        JsonObject table => table.SelectMany(p => Media(p.Value)),
        JsonArray list => list.SelectMany(Media),
        JsonValue value when value.TryGetValue<MediaInput>(out var media) => [media],
        _ => [],
    };

    /// <summary>The text of <c>-WhatIf</c> for an image: model, size, count, references, price.</summary>
    public override string ToString()
    {
        var references = (Body.At("inputs.referenceImages") as JsonArray)?.Count ?? 0;
        var size = Body.Integer("width") is { } width
            ? FormattableString.Invariant($"{width}x{Body.Integer("height")}")
            : Strings.DefaultSize;
        return Strings.ImageInBrief.With(Model, size, Plural(Expected, "image"), Plural(references, "reference"), Forecast,
            Target);
    }
}
