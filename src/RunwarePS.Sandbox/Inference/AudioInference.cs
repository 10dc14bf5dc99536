using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Speech, music, and sound effects. With a video as its input, the result is that video with sound.</summary>
internal sealed class AudioInference() : MediaInference(
    TaskTypes.AudioInference, SharedKeys.Results,
    "speech", "positivePrompt", "negativePrompt", "inputs", "duration", "seed", "settings", "steps", "CFGScale", "strength",
    "advancedFeatures", "audioSettings")
{
    private static readonly FileFormat[] s_sounds = [FileFormat.Mp3, FileFormat.Wav, FileFormat.Flac, FileFormat.Ogg];

    protected override int MaxResults => 4;

    public override FileFormat[] Formats(JsonObject task) => HasVideo(task) ? Videos : s_sounds;

    protected override string Prefix(JsonObject task) => HasVideo(task) ? "video" : "audio";

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.AnyOf(task, "positivePrompt", "speech", "inputs")
        ?? Rule.Text(task, "positivePrompt", "speech.text")
        ?? Rule.Object(task, "speech", "audioSettings")
        ?? Rule.Closed(task, "inputs", ["audio", "audios", "video"])
        ?? (HasVideo(task) ? Rule.Exclusive(task, "inputs.video", "duration") : null)
        ?? (task.Text("outputFormat") is "WAV" or "FLAC" ? Rule.Exclusive(task, "audioSettings", "outputFormat") : null)
        ?? Rule.Closed(task, "audioSettings", ["bitrate", "channels", "sampleRate"])
        ?? Rule.Whole(task, "audioSettings.channels", 1, 2);

    private static bool HasVideo(JsonObject task) => task.At("inputs.video") is not null;
}
