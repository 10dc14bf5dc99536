using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Journal;

/// <summary>
/// A request as the journal keeps it: the exact JSON, with each picture replaced by the hash of its bytes, so that a picture that many
/// requests share is kept once.
/// </summary>
internal static class JournalRequest
{
    /// <summary>Its id, and how results are handed over, which a fresh signature changes, are no part of what is asked for.</summary>
    private static readonly string[] s_notAskedFor = ["taskUUID", "deliveryMethod", "webhookURL", "uploadEndpoint"];

    /// <summary>Stands before a hash. No reference that the module sends begins so.</summary>
    private const string Mark = "sha256:";

    public static (JournalTask Row, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Pictures) ToRow(ImageTask task, decimal? reserved)
    {
        var pictures = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        using var request = new PooledBuffer();
        Write(task.Wire, request, keys => keys, (hash, bytes) => pictures[hash] = bytes);
        var row = new JournalTask
        {
            TaskUuid = task.TaskUuid,
            TaskType = ImageRequest.TaskType,
            Facts = task.Facts,
            Expected = task.Expected,
            Request = request.Written.ToArray(),
            Reserved = reserved,
            SubmittedAt = DateTime.UtcNow,
        };
        return (row, pictures);
    }

    /// <summary>The task as it was, under the id that it had. It may have been accepted.</summary>
    public static ImageTask ToTask(ImageFacts facts, byte[] request, IReadOnlyDictionary<string, byte[]> pictures)
    {
        var wire = (JsonObject)JsonNode.Parse(request)!;
        Restore(wire["inputs"], pictures);
        return ImageTask.Resumed(wire, facts);
    }

    /// <summary>Puts the pictures back that the inputs of a task had, in whichever of them.</summary>
    private static void Restore(JsonNode? node, IReadOnlyDictionary<string, byte[]> pictures)
    {
        switch (node)
        {
            case JsonObject table:
                table.ToList().ForEach(pair => Restore(pair.Value, pictures));
                break;
            case JsonArray list:
                list.ToList().ForEach(item => Restore(item, pictures));
                break;
            case JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith(Mark, StringComparison.Ordinal):
                value.ReplaceWith(JsonValue.Create(new MediaReference(pictures[text[Mark.Length..]]), WireJson.Default.MediaReference));
                break;
        }
    }

    /// <summary>A hash over what is asked for, whatever its id, its delivery and the order of its keys.</summary>
    public static byte[] Hash(JsonObject wire)
    {
        using var canonical = new PooledBuffer();
        Write(wire, canonical, table => table.Where(p => table != wire || !s_notAskedFor.Contains(p.Key, StringComparer.Ordinal)).OrderBy(p => p.Key, StringComparer.Ordinal));
        return SHA256.HashData(canonical.Written.Span);
    }

    /// <param name="wire">The request.</param>
    /// <param name="into">Where its JSON goes.</param>
    /// <param name="order">Which of an object's keys are written, in which order.</param>
    /// <param name="keep">Takes each picture in place of which its hash is written.</param>
    private static void Write(JsonObject wire, PooledBuffer into, Func<JsonObject, IEnumerable<KeyValuePair<string, JsonNode?>>> order, Action<string, ReadOnlyMemory<byte>>? keep = null)
    {
        using var writer = new Utf8JsonWriter(into);
        Write(wire);

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
                case JsonValue value when value.TryGetValue<MediaReference>(out var media) && media.Bytes is { } bytes:
                    keep?.Invoke(media.ContentHash, bytes);
                    writer.WriteStringValue(Mark + media.ContentHash);
                    break;
                case null:
                    writer.WriteNullValue();
                    break;
                default:
                    node.WriteTo(writer, WireJson.Default.Options);
                    break;
            }
        }
    }
}
