using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>A request that was checked and stands as it will go over the wire. Nothing of it changes any more.</summary>
internal sealed class ImageTask
{
    private string? _requestHash;
    private ImageFacts? _facts;

    private ImageTask(ImageRequest request, JsonObject wire)
    {
        Request = request;
        Wire = wire;
        Forecast = PriceForecast.Of(wire, request.ModelInfo);
    }

    public ImageRequest Request { get; }

    public JsonObject Wire { get; }

    public PriceForecast Forecast { get; }

    /// <summary>True where the id follows from the request: the API's "seen before" then always means accepted.</summary>
    public bool IsDerived { get; private init; }

    /// <summary>True where an earlier session may have sent it, and the API may have it.</summary>
    public bool IsResumed { get; private init; }

    /// <summary>True where the id was made for this task, so that nobody has seen it before.</summary>
    public bool IsNew => !Request.IsIdGiven && !IsDerived && !IsResumed;

    public Guid TaskUuid => Request.TaskUuid;

    public string? Model => Wire.Text("model");

    /// <summary>How many results were asked for.</summary>
    public int Expected => Wire.Integer("numberResults") ?? 1;

    /// <summary>The format asked for, or the model's own default.</summary>
    public string? OutputFormat => Wire.Text("outputFormat") ?? Request.ModelInfo?.Parameters["outputFormat"].Default;

    /// <summary>What is written onto its pictures.</summary>
    public ImageFacts Facts => _facts ??= new ImageFacts
    {
        Prompt = Request.Prompt,
        Model = Model,
        Width = Wire.Integer("width"),
        Height = Wire.Integer("height"),
        OutputFormat = OutputFormat,
        Quality = Option("quality"),
        Background = Option("background"),
        InputIndex = Request.InputIndex,
        Tag = Request.Tag,
        RequestHash = RequestHash,
    };

    /// <summary>The hash of what is asked for, whatever its id.</summary>
    public string RequestHash => _requestHash ??= Convert.ToHexString(JournalRequest.Hash(Wire));

    private string? Option(string name) => Request.ModelInfo is { } model ? Wire.Option(model, name) : null;

    /// <exception cref="RunwareException">The first thing wrong with the request, found before anything is sent.</exception>
    public static ImageTask Prepare(ImageRequest request)
    {
        var wire = request.ToWire();
        ImageRequestCheck.Check(request, wire);
        return new ImageTask(request, wire);
    }

    /// <summary>A task from the journal, as it was sent or was about to be.</summary>
    public static ImageTask Resumed(JsonObject wire, ImageFacts facts)
    {
        var request = new ImageRequest
        {
            TaskUuid = Guid.Parse(wire.Text("taskUUID")!),
            Prompt = wire.Text("positivePrompt") ?? "",
            Model = wire.Text("model"),
            Async = wire.Text("deliveryMethod") == "async",
            InputIndex = facts.InputIndex ?? 0,
            Tag = facts.Tag,
        };
        if (request.ModelInfo?.Parameters.GetValueOrDefault("deliveryMethod")?.Allowed?.Contains("async", StringComparer.Ordinal) == true)
        {
            wire["deliveryMethod"] = "async"; // nobody waits on the line any more
        }

        return new ImageTask(request, wire) { IsResumed = true };
    }

    /// <summary>The same task under the id that its key gives it. On such an id "seen before" always means accepted.</summary>
    public ImageTask Under(DerivedId key)
    {
        var id = key.Next(RequestHash);
        Wire["taskUUID"] = id.ToString("D");
        return new ImageTask(Request with { TaskUuid = id }, Wire) { IsDerived = true, _requestHash = RequestHash };
    }

    private static string Plural(int count, string noun) => FormattableString.Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>What <c>-WhatIf</c> says: model, size, count, references, price.</summary>
    public override string ToString()
    {
        var references = (Wire.At("inputs.referenceImages") as JsonArray)?.Count ?? 0;
        var size = Wire.Integer("width") is { } width ? FormattableString.Invariant($"{width}x{Wire.Integer("height")}") : "default size";
        return FormattableString.Invariant(
            $"{Model}, {size}, {Plural(Expected, "image")}, {Plural(references, "reference")}, price {Forecast}: {ViewText.Cut(Request.Prompt, 60)}");
    }
}
