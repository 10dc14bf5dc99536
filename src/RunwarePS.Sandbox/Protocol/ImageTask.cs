using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Pictures;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>An imageInference that was accepted.</summary>
internal sealed class ImageTask
{
    /// <summary>The sandbox's own choice for a model that doesn't require a size.</summary>
    private const int DefaultEdge = 1024;

    private readonly Guid[] _images;
    private volatile bool _isDone;

    /// <param name="id">The sandbox's own, by which addresses of its pictures are made.</param>
    /// <param name="request">A request that passed the model's check.</param>
    /// <param name="model">Whose price and settings it has.</param>
    public ImageTask(Guid id, JsonObject request, ModelInfo model)
    {
        Id = id;
        Request = request;
        Model = model;
        TaskUuid = (string)request["taskUUID"]!;
        Prompt = (string)request["positivePrompt"]!;
        Width = (int?)request["width"] ?? DefaultEdge;
        Height = (int?)request["height"] ?? DefaultEdge;
        Count = (int?)request["numberResults"] ?? 1;
        IsAsync = (string?)request["deliveryMethod"] == "async";
        OutputType = (string?)request["outputType"] ?? "URL";
        Format = Enum.Parse<PictureFormat>((string?)request["outputFormat"] ?? nameof(PictureFormat.Jpg), ignoreCase: true);
        Webhook = (string?)request["webhookURL"];
        Upload = (string?)request["uploadEndpoint"];

        Transparent = request.Option(model, "background") == "transparent";

        var quality = request.Option(model, "quality");
        Price = model.Price(Width, Height, quality is null or "auto" ? "high" : quality);
        IncludeCost = (bool?)request["includeCost"] ?? false;

        _images = new Guid[Count];
        for (var i = 0; i < _images.Length; i++)
        {
            _images[i] = Guid.NewGuid();
        }
    }

    public Guid Id { get; }

    public string TaskUuid { get; }

    public JsonObject Request { get; }

    public ModelInfo Model { get; }

    public string Prompt { get; }

    public int Width { get; }

    public int Height { get; }

    public int Count { get; }

    public bool IsAsync { get; }

    public string OutputType { get; }

    public PictureFormat Format { get; }

    public bool Transparent { get; }

    public string? Webhook { get; }

    public string? Upload { get; }

    /// <summary>USD for one image, where the catalogue has it.</summary>
    public decimal? Price { get; }

    public bool IncludeCost { get; }

    /// <summary>Why the last image failed, if it did.</summary>
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

    public byte[] Render(int index) => new Placeholder(Width, Height, Format, Transparent, Prompt, Id, index).Render();

    public void WritePlaceholder(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("taskType", TaskTypes.ImageInference);
        json.WriteString("taskUUID", TaskUuid);
        json.WriteEndObject();
    }

    public void WriteProgress(Utf8JsonWriter json, int? progress)
    {
        json.WriteStartObject();
        json.WriteString("taskType", TaskTypes.ImageInference);
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
        json.WriteString("taskType", TaskTypes.ImageInference);
        json.WriteString("taskUUID", TaskUuid);
        if (withStatus)
        {
            json.WriteString("status", "success");
        }

        json.WriteString("imageUUID", _images[index]);
        switch (OutputType)
        {
            case "base64Data":
                json.WriteBase64String("imageBase64Data", Render(index));
                break;
            case "dataURI":
                json.WriteString("imageDataURI", $"data:{Format.MediaType()};base64,{Convert.ToBase64String(Render(index))}");
                break;
            default:
                json.WriteString("imageURL", FormattableString.Invariant($"{origin}image/{Id}-{index}.{Format.Extension()}"));
                break;
        }

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
