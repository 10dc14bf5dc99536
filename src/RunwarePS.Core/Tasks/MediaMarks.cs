using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>
/// The JSON of a request with a mark, the hash of its bytes, in the place of each medium, and back again. Media can be anywhere in a
/// request, and so can a text that looks like a mark: that one is escaped.
/// </summary>
internal static class MediaMarks
{
    private const string Mark = "sha256:";
    private const string Escape = "text:";

    /// <param name="body">The request.</param>
    /// <param name="into">Where its JSON goes.</param>
    /// <param name="order">Which of an object's keys are written, in which order.</param>
    /// <param name="keep">Takes each medium in place of which its hash is written.</param>
    public static void Write(
        JsonObject body, PooledBuffer into, Func<JsonObject, IEnumerable<KeyValuePair<string, JsonNode?>>> order,
            Action<string, ReadOnlyMemory<byte>>? keep = null)
    {
        using var writer = new Utf8JsonWriter(into);
        Write(body);

        void Write(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject table:
                    writer.WriteStartObject();
                    foreach (var (key, value) in order(table))
                    {
                        writer.WritePropertyName(key);
                        Write(value);
                    }

                    writer.WriteEndObject();
                    break;
                case JsonArray list:
                    writer.WriteStartArray();
                    foreach (var item in list)
                    {
                        Write(item);
                    }

                    writer.WriteEndArray();
                    break;
                case JsonValue value when keep is null && value.TryGetValue<MediaInput>(out var media) && media.IsUpload:
                    // the request is the same, under whichever ID the content was uploaded
                    writer.WriteStringValue(Mark + media.ContentHash);
                    break;
                case JsonValue value when value.TryGetValue<MediaInput>(out var media) && media.Bytes is { } bytes:
                    keep?.Invoke(media.ContentHash, bytes);
                    writer.WriteStringValue(Mark + media.ContentHash);
                    break;
                case JsonValue value when value.TryGetValue<string>(out var text) && LooksLikeMark(text):
                    writer.WriteStringValue(Escape + text);
                    break;
                case null:
                    writer.WriteNullValue();
                    break;
                default:
                    node.WriteTo(writer, MediaJson.Default.Options);
                    break;
            }
        }
    }

    /// <summary>The request again, with its media where they were.</summary>
    public static JsonObject Read(byte[] request, IReadOnlyDictionary<string, byte[]> media)
    {
        var body = (JsonObject)JsonNode.Parse(request)!;
        Restore(body, media);
        return body;
    }

    private static void Restore(JsonNode? node, IReadOnlyDictionary<string, byte[]> media)
    {
        switch (node)
        {
            case JsonObject table:
                table.ToList().ForEach(pair => Restore(pair.Value, media));
                break;
            case JsonArray list:
                list.ToList().ForEach(item => Restore(item, media));
                break;
            case JsonValue value when value.TryGetValue<string>(out var text) && LooksLikeMark(text):
                if (text.StartsWith(Escape, StringComparison.Ordinal))
                {
                    value.ReplaceWith(JsonValue.Create(text[Escape.Length..]));
                }
                else if (media.TryGetValue(text[Mark.Length..], out var bytes)) // an earlier version wrote such a text as it was
                {
                    value.ReplaceWith(new MediaInput(bytes).ToNode());
                }

                break;
        }
    }

    private static bool LooksLikeMark(string text)
    {
        var rest = text.AsSpan();
        while (rest.StartsWith(Escape, StringComparison.Ordinal))
        {
            rest = rest[Escape.Length..];
        }

        return rest.StartsWith(Mark, StringComparison.Ordinal);
    }
}
