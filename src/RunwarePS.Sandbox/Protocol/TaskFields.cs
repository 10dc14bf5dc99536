using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

internal static class TaskFields
{
    /// <summary>A member's text; null where it is absent or no text.</summary>
    public static string? Text(this JsonObject task, string key) =>
        task[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>Reads a UUID of version 4 and of the RFC's variant.</summary>
    public static bool TryReadUuid(string? text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id) && text![14] == '4' && (text[19] is '8' or '9' or 'a' or 'b' or 'A' or 'B');
}
