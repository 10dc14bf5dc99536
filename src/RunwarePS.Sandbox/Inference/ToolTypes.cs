using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>A task type that makes one image of another, or one video of another. Videos are asynchronous only.</summary>
internal abstract class ToolType(string name, SharedKeys shared, params string[] ownKeys)
    : MediaInference(name, shared, ["inputs", .. ownKeys])
{
    protected const int Edge = 256;

    protected static bool HasVideo(JsonObject task) => task.At("inputs.video") is not null;

    public override string[] Deliveries(JsonObject task) => HasVideo(task) ? ["async"] : base.Deliveries(task);

    public override string[] OutputTypes(JsonObject task) => HasVideo(task) ? LinkOnly : Inline;

    public override FileFormat[] Formats(JsonObject task) => HasVideo(task) ? Videos : Images;

    public override byte[] Render(SandboxTask task, int index) =>
        HasVideo(task.Request) ? base.Render(task, index) : task.Picture(index, Edge, Edge, isTransparent: false);

    protected override string Prefix(JsonObject task) => HasVideo(task) ? "video" : "image";

    protected override TaskError? CheckOwn(JsonObject task) => OneMedium(task);

    /// <summary>Exactly one medium, as one string.</summary>
    public static TaskError? OneMedium(JsonObject task) =>
        Rule.Required(task, "inputs")
        ?? Rule.Closed(task, "inputs", ["image", "video"])
        ?? Rule.OneOf(task, "inputs.image", "inputs.video")
        ?? Rule.Text(task, "inputs.image", "inputs.video");

    /// <summary>One image.</summary>
    public static TaskError? OneImage(JsonObject task) =>
        Rule.Required(task, "inputs")
        ?? Rule.Closed(task, "inputs", ["image"])
        ?? Rule.Required(task, "inputs.image")
        ?? Rule.Text(task, "inputs.image");
}

/// <summary>Enlarges an image or a video.</summary>
internal sealed class Upscale() : ToolType(
    TaskTypes.Upscale, SharedKeys.Quality,
    "upscaleFactor", "targetMegapixels", "width", "height", "fps", "settings", "providerSettings", "positivePrompt")
{
    private const int DefaultFactor = 2;

    public override byte[] Render(SandboxTask task, int index)
    {
        var factor = task.Request["upscaleFactor"] is JsonValue value && value.TryGetValue<double>(out var given) ? given : DefaultFactor;
        var edge = (int)Math.Round(Edge * factor);
        return HasVideo(task.Request) ? base.Render(task, index) : task.Picture(index, edge, edge, isTransparent: false);
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        base.CheckOwn(task)
        ?? Rule.Number(task, "upscaleFactor", 1, 8)
        ?? Rule.Exclusive(task, "upscaleFactor", "targetMegapixels")
        ?? Rule.Pair(task, "width", "height");
}

/// <summary>Cuts out the subject. PNG and WEBP, WEBM and MOV keep the transparency; JPG and MP4 don't.</summary>
internal sealed class RemoveBackground() : ToolType(TaskTypes.RemoveBackground, SharedKeys.Quality, "settings", "providerSettings")
{
    public override FileFormat[] Formats(JsonObject task) => HasVideo(task) ? [FileFormat.Webm, FileFormat.Mov, FileFormat.Mp4] : Images;

    public override byte[] Render(SandboxTask task, int index) =>
        HasVideo(task.Request) ? SampleFile.Render(task.Format!, task.Seed(index), transparent: true)
            : task.Picture(index, Edge, Edge, isTransparent: true);
}

/// <summary>Finds faces, hands, or persons, and returns a mask and where they are.</summary>
internal sealed class ImageMasking() : ToolType(TaskTypes.ImageMasking, SharedKeys.None, "settings")
{
    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        base.WriteResult(task, index, json);
        json.WriteString("inputImageUUID", task.InputId("inputs.image"));
        json.WriteStartArray("detections");
        json.WriteStartObject();
        json.WriteNumber("x_min", Edge / 4);
        json.WriteNumber("y_min", Edge / 4);
        json.WriteNumber("x_max", Edge / 2);
        json.WriteNumber("y_max", Edge / 2);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    protected override string Prefix(JsonObject task) => "maskImage";

    protected override TaskError? CheckOwn(JsonObject task) =>
        OneImage(task)
        ?? Rule.Closed(task, "settings", ["confidence", "maxDetections", "maskPadding", "maskBlur"])
        ?? Rule.Number(task, "settings.confidence", 0, 1)
        ?? Rule.Whole(task, "settings.maxDetections", 1, 20)
        ?? Rule.Whole(task, "settings.maskPadding", -40, 40)
        ?? Rule.Whole(task, "settings.maskBlur", 0, 20);
}

/// <summary>Makes a guide image for ControlNet.</summary>
internal sealed class ControlNetPreprocess() : ToolType(TaskTypes.ControlNetPreprocess, SharedKeys.None, "settings")
{
    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        base.WriteResult(task, index, json);
        json.WriteString("inputImageUUID", task.InputId("inputs.image"));
    }

    protected override string Prefix(JsonObject task) => "guideImage";

    protected override TaskError? CheckOwn(JsonObject task) => OneImage(task);
}

/// <summary>Converts an image to a vector graphic, or generates one from a prompt.</summary>
internal sealed class Vectorize()
    : MediaInference("vectorize", SharedKeys.None, "inputs", "positivePrompt", "width", "height", "providerSettings")
{
    public override FileFormat[] Formats(JsonObject task) => [FileFormat.Svg];

    protected override string Prefix(JsonObject task) => "image";

    protected override TaskError? CheckOwn(JsonObject task) =>
        task["inputs"] is null
            ? Rule.Required(task, "positivePrompt") ?? Rule.Text(task, "positivePrompt") ?? Rule.Pair(task, "width", "height")
            : Rule.Exclusive(task, "inputs", "positivePrompt") ?? ToolType.OneImage(task);
}
