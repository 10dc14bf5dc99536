using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Inference;
using RunwarePS.Sandbox.SampleMedia;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>A task that was accepted and generates something.</summary>
internal sealed class SandboxTask
{
    private readonly Uri _origin;
    private readonly ModelInfo? _model;
    private volatile bool _isDone;

    /// <param name="id">The task's ID, which the URLs of its results contain.</param>
    /// <param name="type">The type, which the request was checked against.</param>
    /// <param name="request">A request that passed the check.</param>
    /// <param name="model">What the catalog knows of the model.</param>
    /// <param name="origin">Where the sandbox can be reached.</param>
    public SandboxTask(Guid id, InferenceType type, JsonObject request, ModelInfo? model, Uri origin)
    {
        (Id, Type, Request, _model, _origin) = (id, type, request, model, origin);
        TaskUuid = (string)request["taskUUID"]!;
        Model = model?.Air ?? request.Text("model") ?? "";
        Prompt = request.Prompt() ?? "";
        Count = type.Count(request);
        var delivery = request.Text("deliveryMethod");
        IsStream = delivery == "stream";
        IsAsync = delivery == "async" || type.Deliveries(request) is ["async"];
        var formats = type.Formats(request);
        Format = Array.Find(formats, f => f.Name == request.Text("outputFormat")) ?? formats.FirstOrDefault();
        Webhook = request.Text("webhookURL");
        Upload = Format is null ? null : request.Text("uploadEndpoint");
        IncludeCost = request["includeCost"]?.GetValueKind() == JsonValueKind.True;
        Price = TaskPrice.Of(request, model, Count) ?? type.NominalPrice;
        ResultIds = [.. Enumerable.Range(0, Count).Select(_ => Guid.NewGuid())];
    }

    public Guid Id { get; }

    public InferenceType Type { get; }

    public string TaskUuid { get; }

    public JsonObject Request { get; }

    public string Model { get; }

    public string Prompt { get; }

    public int Count { get; }

    public bool IsAsync { get; }

    public bool IsStream { get; }

    public string? Webhook { get; }

    public string? Upload { get; }

    /// <summary>USD for one result, if it has a price.</summary>
    public decimal? Price { get; }

    public bool IncludeCost { get; }

    /// <summary>The format of its files; null if it has none.</summary>
    public FileFormat? Format { get; }

    public IReadOnlyList<Guid> ResultIds { get; }

    /// <summary>Why the last result failed, if it did.</summary>
    public TaskError? Failure { get; init; }

    public bool NeverFinishes { get; init; }

    /// <summary>What goes wrong with the calls of its webhook.</summary>
    public IReadOnlyList<SandboxFault> WebhookFaults { get; init; } = [];

    /// <summary>How many bytes its files have at least; null if they're as small as possible.</summary>
    public long? FileSize { get; init; }

    /// <summary>The clock's timestamp of its acceptance.</summary>
    public long Accepted { get; init; }

    /// <summary>Set by whatever waited for it, whose clock may be a moment ahead.</summary>
    public bool IsDone
    {
        get => _isDone;
        set => _isDone = value;
    }

    public int Successes => Failure is null ? Count : Count - 1;

    public FileSeed Seed(int index) => new(Prompt, Id, index);

    public SandboxFault? WebhookFault(SandboxFaultKind kind) => WebhookFaults.FirstOrDefault(f => f.Kind == kind);

    /// <summary>The file of one result.</summary>
    public byte[] Render(int index) => Type.Render(this, index);

    public byte[] Picture(int index, int width, int height, bool isTransparent) =>
        new Placeholder(
            width, height, Enum.Parse<SandboxImageFormat>(Format!.Name, ignoreCase: true), isTransparent, Prompt, Id, index).Render();

    /// <summary>Where the file of one result can be downloaded.</summary>
    public string Url(int index) => FormattableString.Invariant($"{_origin}{Format!.Kind}/{Id}-{index}.{Format.Extension}");

    /// <summary>An option such as the background, from where the model takes it.</summary>
    public string? Option(string name) => _model is null ? null : Request.Option(_model, name);

    /// <summary>The UUID of an input: the one that was given, or the one under which an inline medium was stored.</summary>
    public string InputId(string path) =>
        Request.Text(path) is { } text && TaskFields.TryReadUuid(text, out _) ? text : new Guid(Seed(0).Hash()[..16]).ToString();

    /// <summary>Writes <c>outputs.files</c> with the file of one result.</summary>
    public void WriteFile(int index, Utf8JsonWriter json)
    {
        json.WriteStartObject("outputs");
        json.WriteStartArray("files");
        json.WriteStartObject();
        json.WriteString("uuid", ResultIds[index]);
        json.WriteString("url", Url(index));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void WriteAcknowledgment(Utf8JsonWriter json)
    {
        WriteStart(json);
        json.WriteEndObject();
    }

    public void WriteProgress(Utf8JsonWriter json, int? progress)
    {
        WriteStart(json);
        json.WriteString("status", Type.Status(progress, isDone: false));
        if (progress is { } percent)
        {
            json.WriteNumber("progress", percent);
        }

        json.WriteEndObject();
    }

    public void WriteResult(Utf8JsonWriter json, int index, bool withStatus)
    {
        WriteStart(json);
        if (withStatus)
        {
            json.WriteString("status", Type.Status(progress: null, isDone: true));
        }

        Type.WriteResult(this, index, json);
        if (IncludeCost && Price is { } price)
        {
            json.WriteNumber("cost", price);
        }

        json.WriteEndObject();
    }

    public void AddResults(Envelope envelope, bool withStatus)
    {
        for (var i = 0; i < Successes; i++)
        {
            AddResult(envelope, i, withStatus);
        }

        AddFailure(envelope, withStatus);
    }

    public void AddResult(Envelope envelope, int index, bool withStatus) => envelope.Add(json => WriteResult(json, index, withStatus));

    public void AddFailure(Envelope envelope, bool withStatus)
    {
        if (Failure is { } failure)
        {
            envelope.Add(failure, withStatus);
        }
    }

    private void WriteStart(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("taskType", Type.Name);
        json.WriteString("taskUUID", TaskUuid);
    }
}
