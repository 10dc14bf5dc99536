using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Inference;

/// <summary>Data that fits a JSON schema: the first allowed value, or else the simplest one of the type.</summary>
internal static class JsonSample
{
    /// <param name="schema">The schema itself, {name, strict, schema}, or the JSON text of either.</param>
    public static string Of(JsonNode? schema)
    {
        if (schema is JsonValue value && value.TryGetValue<string>(out var text))
        {
            try
            {
                schema = JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                schema = null;
            }
        }

        var outer = schema as JsonObject;
        return (outer is null ? new JsonObject() : Value(outer["schema"] as JsonObject ?? outer))?.ToJsonString() ?? "null";
    }

    private static JsonNode? Value(JsonObject schema)
    {
        if (schema["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[0]?.DeepClone();
        }

        var type = schema["type"] is JsonArray types ? (string?)types[0]
            : schema.Text("type") ?? (schema["properties"] is null ? null : "object");
        return type switch
        {
            "object" => Object(schema["properties"] as JsonObject ?? []),
            "array" => Array(schema["items"] as JsonObject ?? [], Math.Max(1, schema.Integer("minItems") ?? 1)),
            "string" => new string('a', Math.Max(0, (schema.Integer("minLength") ?? 0) - 6)) + "sample",
            "integer" or "number" => schema["minimum"]?.DeepClone() ?? 1,
            "boolean" => true,
            _ => null,
        };
    }

    private static JsonArray Array(JsonObject items, int count) => new([.. Enumerable.Repeat(items, count).Select(Value)]);

    private static JsonObject Object(JsonObject properties)
    {
        var result = new JsonObject();
        foreach (var (name, schema) in properties)
        {
            result[name] = Value(schema as JsonObject ?? []);
        }

        return result;
    }
}
