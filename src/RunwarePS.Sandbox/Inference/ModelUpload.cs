using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Adds a model of one's own. Its status goes through several steps until the model is ready.</summary>
internal sealed class ModelUpload() : InferenceType(
    "modelUpload", SharedKeys.Delivery,
    "category", "architecture", "name", "version", "format", "downloadURL", "air", "uniqueIdentifier", "type", "private",
    "defaultScheduler", "defaultSteps", "defaultCFG",
    "defaultStrength", "defaultWeight", "heroImageURL", "tags", "positiveTriggerWords", "negativeTriggerWords", "shortDescription",
    "comment")
{
    private static readonly string[] s_steps = ["validated", "downloaded", "optimized", "stored"];

    public override decimal? NominalPrice => null;

    public override string[] Deliveries(JsonObject task) => ["async"];

    public override string Status(int? progress, bool isDone) => isDone ? "ready" : s_steps[(progress ?? 0) * s_steps.Length / 100];

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        json.WriteString("message", "The model is ready to use.");
        json.WriteString("air", Air(task));
    }

    /// <summary>The AIR that was given, or else one that depends on the upload's own identifier.</summary>
    public static string Air(SandboxTask task) =>
        task.Request.Text("air") ?? $"sandbox:{task.Request.Text("uniqueIdentifier") ?? task.TaskUuid}@1";

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "category", "architecture", "name", "version", "format", "downloadURL")
        ?? Rule.Text(task, "architecture", "name", "version", "downloadURL", "air", "uniqueIdentifier")
        ?? Rule.Among(task, "category", "checkpoint", "lora", "lycoris", "vae", "embeddings")
        ?? Rule.Among(task, "format", "safetensors")
        ?? Rule.Among(task, "type", "base", "inpainting", "positive", "negative")
        ?? Rule.Boolean(task, "private");
}
