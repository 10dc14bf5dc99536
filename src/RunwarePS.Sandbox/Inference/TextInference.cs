using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Chat, reasoning, structured output, and vision with language models. The only type whose results can be streamed.</summary>
internal sealed class TextInference() : InferenceType(
    TaskTypes.TextInference, SharedKeys.Model | SharedKeys.Results | SharedKeys.Delivery,
    "messages", "settings", "outputFormat", "includeUsage", "tools", "toolChoice", "seed", "inputs", "jsonSchema", "providerSettings")
{
    private static readonly string[] s_reasoningModels = ["minimax:m3@0", "minimax:m2.5@0", "anthropic:claude@fable-5"];

    public override string[] Deliveries(JsonObject task) => ["sync", "async", "stream"];

    public override void WriteResult(SandboxTask task, int index, Utf8JsonWriter json)
    {
        var text = Write(task, index);
        json.WriteString("text", text.Content);
        if (text.Reasoning is { } reasoning)
        {
            json.WriteString("reasoningContent", reasoning);
        }

        json.WriteString("finishReason", text.FinishReason);
        if (task.Model == "google:gemini@3.5-flash")
        {
            json.WriteBase64String("thoughtSignature", task.Seed(index).Hash());
        }

        if (IncludesUsage(task))
        {
            text.WriteUsage(json);
        }
    }

    public static bool IncludesUsage(SandboxTask task) => task.Request["includeUsage"]?.GetValueKind() == JsonValueKind.True;

    /// <summary>The text of one result: a repetition of the prompt, or data that fits the schema.</summary>
    public static GeneratedText Write(SandboxTask task, int index)
    {
        var content = task.Request.Text("outputFormat") == "JSON"
            ? JsonSample.Of(task.Request["jsonSchema"])
            : Number(task, index) + $"This is the sandbox’s response to: {task.Prompt}";
        var reasoning = s_reasoningModels.Contains(task.Model, StringComparer.OrdinalIgnoreCase)
            ? "The sandbox doesn’t reason. It repeats the prompt." : null;
        return new GeneratedText(content, reasoning, GeneratedText.Tokens(task.Request["messages"]),
            task.Request.Integer("settings.maxTokens"));
    }

    private static string Number(SandboxTask task, int index) => task.Count > 1 ? FormattableString.Invariant($"Result {index + 1}: ") : "";

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "messages")
        ?? CheckMessages(task["messages"])
        ?? Rule.Among(task, "outputFormat", "TEXT", "JSON")
        ?? Rule.Boolean(task, "includeUsage")
        ?? Rule.Whole(task, "settings.maxTokens", 1, 131_072)
        ?? Rule.Number(task, "settings.temperature", 0, 2)
        ?? Rule.Number(task, "settings.topP", 0, 1)
        ?? Rule.Text(task, "settings.systemPrompt")
        ?? Rule.Closed(task, "inputs", ["images", "videos", "documents"])
        ?? Rule.Closed(task, "toolChoice", ["type", "name"])
        ?? Rule.Among(task, "toolChoice.type", "auto", "any", "tool", "none")
        ?? (task.Text("toolChoice.type") == "tool" ? Rule.Required(task, "toolChoice.name") : null);

    private static TaskError? CheckMessages(JsonNode? node)
    {
        if (node is not JsonArray { Count: > 0 } messages || messages.Any(m => m is not JsonObject))
        {
            return TaskError.Invalid("messages", "must be an array of messages that isn't empty") with { Type = "array" };
        }

        var error = messages.Cast<JsonObject>().Select(m =>
                Rule.Closed(m, path: null, ["role", "content", "id", "tools"])
                ?? Rule.Required(m, "role")
                ?? Rule.Among(m, "role", "user", "assistant")
                ?? (m.ContainsKey("tools") ? null : Rule.Required(m, "content") ?? Rule.Text(m, "content")))
            .FirstOrDefault(e => e is not null);
        return error is not null ? error with { Parameters = [.. error.Parameters.Select(p => "messages." + p)] }
            : ((JsonObject)messages[^1]!).Text("role") == "user" ? null
            : TaskError.Invalid("messages", "must end with a message of the role user");
    }
}
