using System.Text.Json;

namespace RunwarePS.Models;

/// <summary>Compares schemas by what they demand: titles, descriptions and the order of keys don't count.</summary>
internal static class SchemaSignature
{
    private static readonly HashSet<string> s_prose = new(StringComparer.Ordinal)
    { "title", "description", "$id", "$schema", "examples", "x-response-schema" };

    public static string Of(JsonElement schema)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, schema, areKeywords: true);
        }

        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(buffer.ToArray()));
    }

    // A key named "description" among properties is a parameter.
    private static void Write(Utf8JsonWriter writer, JsonElement element, bool areKeywords)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().Where(m => !areKeywords || !s_prose.Contains(m.Name))
                    .OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, !areKeywords
                        || member.Name is not ("properties" or "dependentSchemas" or "dependentRequired"));
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item, areKeywords);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteNumberValue(element.AsNumber()!.Value / 1.000000000000000000m);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
