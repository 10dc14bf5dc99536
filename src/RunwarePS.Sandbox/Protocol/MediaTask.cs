using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Pictures;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>A task of any other type that was accepted: a video, audio, a text, a file, or an image that was made of another.</summary>
internal sealed class MediaTask(Guid id, JsonObject request) : SandboxTask(id, request)
{
    private const int Edge = 256;

    /// <summary>Nominal, so that costs can be tested; no price list has these models.</summary>
    private const decimal NominalPrice = 0.01m;

    public override string Model => Request.Text("model") ?? "";

    public override decimal? Price => NominalPrice;

    public override string Extension => TaskType switch
    {
        TaskTypes.VideoInference => "mp4",
        TaskTypes.AudioInference => "wav",
        TaskTypes.Inference3D => "glb",
        _ => SandboxImageFormat.Png.Extension(),
    };

    public override string MediaType => TaskType switch
    {
        TaskTypes.VideoInference => "video/mp4",
        TaskTypes.AudioInference => "audio/wav",
        TaskTypes.Inference3D => "model/gltf-binary",
        _ => SandboxImageFormat.Png.MediaType(),
    };

    /// <summary>The task types of these, in the API's spelling.</summary>
    public static string[] Types { get; } =
    [
        TaskTypes.AudioInference, TaskTypes.Caption, TaskTypes.ControlNetPreprocess, TaskTypes.ImageMasking, TaskTypes.Inference3D,
        TaskTypes.PromptEnhance, TaskTypes.RemoveBackground, TaskTypes.TextInference, TaskTypes.Upscale, TaskTypes.VideoInference,
    ];

    public override byte[] Render(int index) => TaskType switch
    {
        TaskTypes.VideoInference => MediaFiles.Mp4(),
        TaskTypes.AudioInference => MediaFiles.Wav(),
        TaskTypes.Inference3D => MediaFiles.Glb(),
        _ => new Placeholder(Edge, Edge, SandboxImageFormat.Png, Transparent: false, Prompt, Id, index).Render(),
    };

    protected override void WriteOutput(Utf8JsonWriter json, int index, Uri origin)
    {
        switch (TaskType)
        {
            case TaskTypes.Caption or TaskTypes.PromptEnhance or TaskTypes.TextInference:
                json.WriteString("text", $"The sandbox doesn't write. It was asked: {Request.Text("positivePrompt") ?? Request.Text("prompt") ?? "nothing in words"}");
                if (TaskType == TaskTypes.TextInference)
                {
                    json.WriteString("finishReason", "stop");
                }

                break;
            case TaskTypes.Inference3D:
                json.WriteStartObject("outputs");
                json.WriteStartArray("files");
                json.WriteStartObject();
                json.WriteString("uuid", ResultIds[index]);
                json.WriteString("url", Address(origin, index));
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            default:
                var prefix = TaskType switch
                {
                    TaskTypes.VideoInference => "video",
                    TaskTypes.AudioInference => "audio",
                    TaskTypes.ImageMasking => "maskImage",
                    TaskTypes.ControlNetPreprocess => "guideImage",
                    _ => "image",
                };
                json.WriteString(prefix + "UUID", ResultIds[index]);
                json.WriteString(prefix + "URL", Address(origin, index));
                break;
        }
    }
}
