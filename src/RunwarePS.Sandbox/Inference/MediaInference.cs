using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>
/// A task type whose result is one file, in fields that begin with what it is: imageUUID and imageURL, or videoUUID and videoURL.
/// </summary>
internal abstract class MediaInference(string name, SharedKeys shared, params string[] ownKeys)
    : InferenceType(name, shared | SharedKeys.Model | SharedKeys.Files | SharedKeys.Delivery, ownKeys)
{
    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        var prefix = Prefix(task.Request);
        json.WriteString(prefix + "UUID", task.ResultIds[index]);
        switch (task.Request.Text("outputType"))
        {
            case "base64Data":
                json.WriteBase64String(prefix + "Base64Data", task.Render(index));
                break;
            case "dataURI":
                json.WriteString(prefix + "DataURI", $"data:{task.Format!.MediaType};base64,{Convert.ToBase64String(task.Render(index))}");
                break;
            default:
                json.WriteString(prefix + "URL", task.Url(index));
                break;
        }

        // Each result of a task has a seed of its own.
        if (task.Request["seed"] is JsonValue seed && seed.TryGetValue<decimal>(out var first))
        {
            json.WriteNumber("seed", first + index);
        }

        if (task.Request.At("safety.checkContent")?.GetValueKind() == JsonValueKind.True)
        {
            json.WriteBoolean("NSFWContent", value: false);
        }
    }

    protected abstract string Prefix(JsonObject task);
}
