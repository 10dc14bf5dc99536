using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

internal static class TaskFields
{
    /// <summary>What a task is asked for, in whichever key its type has it.</summary>
    public static string? Prompt(this JsonObject task) =>
        task.Text("positivePrompt") ?? task.Text("prompt") ?? task.Text("speech.text")
        ?? ((task["messages"] as JsonArray)?.LastOrDefault() as JsonObject)?.Text("content");

    /// <summary>Reads a UUID of version 4 and of the RFC's variant.</summary>
    public static bool TryReadUuid(string? text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id) && text![14] == '4' && (text[19] is '8' or '9' or 'a' or 'b' or 'A' or 'B');
}
