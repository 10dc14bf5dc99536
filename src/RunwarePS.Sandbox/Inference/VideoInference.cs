using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Text to video, image to video, video to video, lip sync, avatars. Asynchronous only.</summary>
internal sealed class VideoInference() : MediaInference(
    TaskTypes.VideoInference, SharedKeys.Quality | SharedKeys.Safety | SharedKeys.Results,
    "positivePrompt", "negativePrompt", "width", "height", "inputs", "duration", "providerSettings", "settings", "seed", "resolution",
    "CFGScale", "fps", "speech", "steps",
    "scheduler", "acceleratorOptions", "acceleration", "lora", "advancedFeatures")
{
    public override bool FinishesOneByOne => true;

    protected override int MaxResults => 4;

    public override string[] Deliveries(JsonObject task) => ["async"];

    public override string[] OutputTypes(JsonObject task) => LinkOnly;

    public override FileFormat[] Formats(JsonObject task) => Videos;

    protected override string Prefix(JsonObject task) => "video";

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Text(task, "positivePrompt", "resolution")
        ?? Rule.Pair(task, "width", "height")
        ?? Rule.Exclusive(task, "resolution", "width")
        ?? Rule.Closed(task, "inputs", s_inputs)
        ?? CheckFrames(task.At("inputs.frameImages") as JsonArray);

    private static readonly string[] s_inputs =
    [
        "frameImages", "referenceImages", "referenceVideos", "referenceAudios", "referenceVoices", "image", "images", "video", "audio",
        "audios", "mask", "speech", "avatar",
        "background", "elements", "videoId", "draftId", "draftCache",
    ];

    /// <summary>A frame is a medium, or an object with the medium and its place: a name or an index, or a time in seconds.</summary>
    private static TaskError? CheckFrames(JsonArray? frames) =>
        frames?.OfType<JsonObject>().Select(frame =>
                Rule.Closed(frame, path: null, ["image", "frame", "timestamp"])
                ?? Rule.Required(frame, "image")
                ?? Rule.Exclusive(frame, "frame", "timestamp"))
            .FirstOrDefault(e => e is not null) is { } error
            ? error with { Parameters = [.. error.Parameters.Select(p => "inputs.frameImages." + p)] }
            : null;
}
