using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Text to image, image to image, inpainting, outpainting, editing, try-on.</summary>
internal sealed class ImageInference() : MediaInference(
    TaskTypes.ImageInference, SharedKeys.Quality | SharedKeys.Safety | SharedKeys.Results,
    "positivePrompt", "negativePrompt", "width", "height", "inputs", "seed", "providerSettings", "settings", "steps", "CFGScale",
    "trueCFGScale", "acceleratorOptions",
    "scheduler", "lora", "ultralytics", "outpaint", "strength", "maskMargin", "controlNet", "resolution", "ipAdapters", "acceleration",
    "promptWeighting", "hiresFix",
    "layerDiffuse", "pulid", "clipSkip", "refiner", "photoMaker", "acePlusPlus", "upscaleFactor", "watermark", "advancedFeatures", "vae",
    "embeddings", "seedImage", "maskImage")
{
    /// <summary>The sandbox's own choice for a request without a size.</summary>
    private const int DefaultEdge = 1024;

    private const int LargestEdge = 8192;

    public override decimal? NominalPrice => null;

    public override FileFormat[] Formats(JsonObject task) => [.. Images, FileFormat.Tiff];

    public override byte[] Render(SandboxTask task, int index) =>
        task.Picture(index, Edge(task, "width"), Edge(task, "height"), IsTransparent(task));

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        base.WriteResult(task, index, json);
        if (task.Model is "ideogram:4@0" or "ideogram:4@remix")
        {
            json.WriteStartObject("structuredPrompt");
            json.WriteString("description", task.Prompt);
            json.WriteEndObject();
        }
        else if (task.Model == "ideogram:layerize-text@0")
        {
            task.WriteFile(index, json);
        }
    }

    protected override string Prefix(JsonObject task) => "image";

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Text(task, "positivePrompt")
        ?? Rule.Pair(task, "width", "height")
        ?? Rule.Whole(task, "width", 1, LargestEdge)
        ?? Rule.Whole(task, "height", 1, LargestEdge)
        ?? Rule.Exclusive(task, "resolution", "width");

    private static int Edge(SandboxTask task, string key) => task.Request.Integer(key) ?? DefaultEdge;

    private static bool IsTransparent(SandboxTask task) =>
        task.Option("background") == "transparent" || task.Request["layerDiffuse"]?.GetValueKind() == JsonValueKind.True;
}
