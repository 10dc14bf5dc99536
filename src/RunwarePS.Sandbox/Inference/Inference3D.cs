using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Makes a 3D model from images or a prompt. The result is a list of files.</summary>
internal sealed class Inference3D() : InferenceType(
    TaskTypes.Inference3D, SharedKeys.Model | SharedKeys.Files | SharedKeys.Results | SharedKeys.Delivery,
    "inputs", "positivePrompt", "negativePrompt", "seed", "settings", "providerSettings")
{
    protected override int MaxResults => 4;

    public override string[] OutputTypes(JsonObject task) => LinkOnly;

    public override FileFormat[] Formats(JsonObject task) => [FileFormat.Glb, FileFormat.Fbx];

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        task.WriteFile(index, json);
        if (task.Request["seed"] is JsonValue seed && seed.TryGetValue<decimal>(out var first))
        {
            json.WriteNumber("seed", first + index);
        }
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.AnyOf(task, "inputs", "positivePrompt")
        ?? Rule.Text(task, "positivePrompt")
        ?? Rule.Closed(task, "inputs", ["image", "images"])
        ?? Rule.Exclusive(task, "inputs.image", "inputs.images");
}
