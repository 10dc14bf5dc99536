using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>A task that was accepted and generates something.</summary>
internal abstract class SandboxTask
{
    private volatile bool _isDone;

    /// <param name="id">The sandbox's own, by which addresses of its results are made.</param>
    /// <param name="request">A request that passed the check.</param>
    protected SandboxTask(Guid id, JsonObject request)
    {
        Id = id;
        Request = request;
        TaskType = (string)request["taskType"]!;
        TaskUuid = (string)request["taskUUID"]!;
        Prompt = (request["positivePrompt"] as JsonValue)?.ToString() ?? "";
        Count = request.Integer("numberResults") ?? 1;
        IsAsync = (string?)request["deliveryMethod"] == "async" || TaskTypes.IsAsyncOnly(TaskType);
        Webhook = (string?)request["webhookURL"];
        Upload = (string?)request["uploadEndpoint"];
        IncludeCost = (bool?)request["includeCost"] ?? false;
        ResultIds = [.. Enumerable.Range(0, Count).Select(_ => Guid.NewGuid())];
    }

    public Guid Id { get; }

    public string TaskType { get; }

    public string TaskUuid { get; }

    public JsonObject Request { get; }

    public abstract string Model { get; }

    public string Prompt { get; }

    public int Count { get; }

    public bool IsAsync { get; }

    public string? Webhook { get; }

    public string? Upload { get; }

    /// <summary>USD for one result, where it has a price.</summary>
    public abstract decimal? Price { get; }

    public bool IncludeCost { get; }

    /// <summary>Why the last result failed, if it did.</summary>
    public TaskError? Failure { get; init; }

    public bool NeverFinishes { get; init; }

    /// <summary>The clock's timestamp of its acceptance.</summary>
    public long Accepted { get; init; }

    /// <summary>Set by whoever waited for it, whose clock may be a moment ahead.</summary>
    public bool IsDone
    {
        get => _isDone;
        set => _isDone = value;
    }

    public int Successes => Failure is null ? Count : Count - 1;

    /// <summary>Of the files: jpg, mp4 and so on.</summary>
    public abstract string Extension { get; }

    /// <summary>Of the files.</summary>
    public abstract string MediaType { get; }

    protected IReadOnlyList<Guid> ResultIds { get; }

    /// <summary>The file of one result: the same bytes every time.</summary>
    public abstract byte[] Render(int index);

    /// <summary>Writes the fields that make one result what it is.</summary>
    protected abstract void WriteOutput(Utf8JsonWriter json, int index, Uri origin);

    /// <summary>Where the file of one result can be downloaded.</summary>
    protected string Address(Uri origin, int index) => FormattableString.Invariant($"{origin}image/{Id}-{index}.{Extension}");

    public void WritePlaceholder(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("taskType", TaskType);
        json.WriteString("taskUUID", TaskUuid);
        json.WriteEndObject();
    }

    public void WriteProgress(Utf8JsonWriter json, int? progress)
    {
        json.WriteStartObject();
        json.WriteString("taskType", TaskType);
        json.WriteString("taskUUID", TaskUuid);
        json.WriteString("status", "processing");
        if (progress is { } percent)
        {
            json.WriteNumber("progress", percent);
        }

        json.WriteEndObject();
    }

    public void WriteResult(Utf8JsonWriter json, int index, Uri origin, bool withStatus)
    {
        json.WriteStartObject();
        json.WriteString("taskType", TaskType);
        json.WriteString("taskUUID", TaskUuid);
        if (withStatus)
        {
            json.WriteString("status", "success");
        }

        WriteOutput(json, index, origin);
        if (IncludeCost && Price is { } price)
        {
            json.WriteNumber("cost", price);
        }

        json.WriteEndObject();
    }

    public void AddResults(Envelope envelope, Uri origin, bool withStatus)
    {
        for (var i = 0; i < Successes; i++)
        {
            var index = i;
            envelope.Add(json => WriteResult(json, index, origin, withStatus));
        }

        if (Failure is { } failure)
        {
            envelope.Add(failure, withStatus);
        }
    }
}
