using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RunwarePS;

/// <summary>
/// A request as the journal keeps it: the exact JSON, with each picture replaced by the hash of its bytes, so that a picture that many
/// requests share is kept once.
/// </summary>
internal static class JournalRequest
{
    private const string References = "inputs.referenceImages";

    /// <summary>How results are handed over, which a fresh signature changes, is no part of what is asked for.</summary>
    private static readonly string[] s_notAskedFor = ["deliveryMethod", "webhookURL", "uploadEndpoint"];

    /// <summary>Stands before a hash. No reference that the module sends begins so.</summary>
    private const string Mark = "sha256:";

    public static (JournalTask Row, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Pictures) ToRow(ImageTask task, decimal? reserved)
    {
        var pictures = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var stored = Stored(task.Wire, pictures);
        var row = new JournalTask
        {
            TaskUuid = task.TaskUuid,
            TaskType = ImageRequest.TaskType,
            Facts = task.Facts,
            Expected = task.Expected,
            Request = System.Text.Encoding.UTF8.GetBytes(stored.ToJsonString()),
            Reserved = reserved,
            SubmittedAt = DateTime.UtcNow,
        };
        return (row, pictures);
    }

    /// <summary>The task as it was, under the id that it had. It may have been accepted.</summary>
    public static ImageTask ToTask(ImageFacts facts, byte[] request, IReadOnlyDictionary<string, byte[]> pictures)
    {
        var wire = (JsonObject)JsonNode.Parse(request)!;
        if (wire.At(References) is JsonArray references)
        {
            for (var i = 0; i < references.Count; i++)
            {
                var text = references[i]!.GetValue<string>();
                if (text.StartsWith(Mark, StringComparison.Ordinal))
                {
                    references[i] = JsonValue.Create(new MediaReference(pictures[text[Mark.Length..]]), WireJson.Default.MediaReference);
                }
            }
        }

        return ImageTask.Resumed(wire, facts);
    }

    /// <summary>A hash over what is asked for, whatever its id, its delivery and the order of its keys.</summary>
    public static byte[] Hash(JsonObject wire)
    {
        var canonical = (JsonObject)Sorted(Stored(wire, pictures: null))!;
        canonical.Remove("taskUUID");
        foreach (var key in s_notAskedFor)
        {
            canonical.Remove(key);
        }

        return SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(canonical.ToJsonString()));
    }

    private static JsonObject Stored(JsonObject wire, Dictionary<string, ReadOnlyMemory<byte>>? pictures)
    {
        var copy = new JsonObject();
        foreach (var (key, value) in wire)
        {
            copy[key] = value switch
            {
                JsonObject inner => Stored(inner, pictures),
                JsonArray list => new JsonArray([.. list.Select(item => Stored(item, pictures))]),
                _ => value?.DeepClone(),
            };
        }

        return copy;
    }

    private static JsonNode? Stored(JsonNode? item, Dictionary<string, ReadOnlyMemory<byte>>? pictures)
    {
        if (item is not JsonValue value || !value.TryGetValue<MediaReference>(out var media))
        {
            return item?.DeepClone();
        }

        if (media.Bytes is not { } bytes)
        {
            return JsonValue.Create(media.Text);
        }

        var hash = media.ContentHash;
        if (pictures is not null)
        {
            pictures[hash] = bytes;
        }

        return JsonValue.Create(Mark + hash);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject table => new JsonObject(table.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
