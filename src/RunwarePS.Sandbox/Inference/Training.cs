using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Trains a style model from a ZIP file of images. Always asynchronous, and without a deliveryMethod.</summary>
internal sealed class Training() : InferenceType(TaskTypes.Training, SharedKeys.Model, "inputs", "importModel", "settings")
{
    private static readonly string[] s_importKeys =
        ["air", "name", "version", "private", "shortDescription", "heroImageURL", "uniqueIdentifier", "architecture", "category"];

    public override string[] Deliveries(JsonObject task) => ["async"];

    public override FileFormat[] Formats(JsonObject task) => [FileFormat.Safetensors];

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        json.WriteString("air", task.Request.Text("importModel.air"));
        task.WriteFile(index, json);
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "inputs", "inputs.dataset", "importModel", "importModel.air", "importModel.name")
        ?? Rule.Closed(task, "inputs", ["dataset"])
        ?? Rule.Closed(task, "importModel", s_importKeys)
        ?? Rule.Text(task, "inputs.dataset", "importModel.air", "importModel.name")
        ?? Rule.Boolean(task, "importModel.private");
}
