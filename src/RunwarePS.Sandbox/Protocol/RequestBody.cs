using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Reads the array of tasks from a request's body.</summary>
internal static class RequestBody
{
    public static IReadOnlyList<JsonObject>? Read(byte[] body, out TaskError? error)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(body);
            RefuseDuplicateKeys(root);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            error = new TaskError("invalidRequest", "The body is not valid JSON.");
            return null;
        }

        if (root is JsonArray { Count: > 0 } array && array.All(n => n is JsonObject))
        {
            error = null;
            return [.. array.Cast<JsonObject>()];
        }

        error = new TaskError("invalidRequest",
            "The body must be a JSON array with at least one task object, and nothing but task objects.");
        return null;
    }

    /// <summary>The body's text without the key of an authentication task, or null where there is none.</summary>
    public static string? Redact(IReadOnlyList<JsonObject> tasks)
    {
        if (!tasks.Any(t => t.ContainsKey("apiKey")))
        {
            return null;
        }

        var copy = new JsonArray();
        foreach (var task in tasks)
        {
            var clone = task.DeepClone().AsObject();
            if (clone.ContainsKey("apiKey"))
            {
                clone["apiKey"] = "***";
            }

            copy.Add((JsonNode)clone);
        }

        return copy.ToJsonString();
    }

    // JsonObject detects a duplicate key only on access, which could be anywhere later.
    private static void RefuseDuplicateKeys(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var (_, child) in members)
            {
                RefuseDuplicateKeys(child);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var child in items)
            {
                RefuseDuplicateKeys(child);
            }
        }
    }
}
