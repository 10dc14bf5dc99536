using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Describes an image or a video, as text or, in some models, as data. It takes no output keys.</summary>
internal sealed class Caption() : InferenceType(TaskTypes.Caption, SharedKeys.Model | SharedKeys.Delivery, "inputs", "prompt", "settings")
{
    private static readonly string[] s_ageModels = ["runware:152@50", "runware:153@1", "runware:154@1", "memories:2@1"];

    public override string[] Deliveries(JsonObject task) => task.At("inputs.video") is null ? base.Deliveries(task) : ["async"];

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        if (s_ageModels.Contains(task.Model, StringComparer.OrdinalIgnoreCase))
        {
            json.WriteStartObject("structuredData");
            json.WriteNumber("age", 31);
            json.WriteEndObject();
            return;
        }

        const string Sentence = "A sample caption from the sandbox.";
        json.WriteString("text", task.Model == "memories:1@1" ? $"[0] (0-6): {Sentence}\n[1] (6-12): {Sentence}" : Sentence);
    }

    protected override TaskError? CheckOwn(JsonObject task) => ToolType.OneMedium(task) ?? Rule.Text(task, "prompt");
}

/// <summary>Writes longer versions of a prompt, one result for each.</summary>
internal sealed class PromptEnhance()
    : InferenceType(TaskTypes.PromptEnhance, SharedKeys.Model | SharedKeys.Delivery, "prompt", "promptMaxLength", "promptVersions")
{
    public override int Count(JsonObject task) => task.Integer("promptVersions") ?? 1;

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        var text = FormattableString.Invariant($"{task.Prompt}, sandbox version {index + 1}, detailed, soft light");
        json.WriteString("text", task.Request.Integer("promptMaxLength") is { } longest && longest < text.Length ? text[..longest] : text);
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "prompt")
        ?? Rule.Text(task, "prompt")
        ?? Rule.Whole(task, "promptMaxLength", 4, 400)
        ?? Rule.Whole(task, "promptVersions", 1, 5);
}
