using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Files;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>An uploaded media file. One that was specified by its URL isn't downloaded; its content is empty.</summary>
internal sealed record StoredMedium(Guid Id, FileFormat Format, byte[]? Content, string? SourceUrl);

/// <summary>The media that tasks can refer to by UUID: uploads, and results of earlier tasks.</summary>
internal sealed class MediaStore(TaskStore tasks, bool refusesUnknown)
{
    private readonly ConcurrentDictionary<Guid, StoredMedium> _uploads = new();
    private readonly ConcurrentDictionary<Guid, bool> _deleted = new();

    public StoredMedium? Find(Guid id) => _uploads.GetValueOrDefault(id);

    /// <summary>Stores a URL, a data URI, or base64; null if the text is none of them.</summary>
    public StoredMedium? Upload(string media)
    {
        var medium = IsLink(media) ? new StoredMedium(Guid.NewGuid(), FileFormat.Unknown, Content: null, media)
            : Decode(media) is { } content ? new StoredMedium(Guid.NewGuid(), FileFormat.Of(content), content, SourceUrl: null)
            : null;
        return medium is null ? null : _uploads[medium.Id] = medium;
    }

    /// <summary>Deletes an upload or a result; false if there is no such medium.</summary>
    public bool Delete(Guid id) => (_uploads.TryRemove(id, out _) || tasks.FindResult(id) is not null) && _deleted.TryAdd(id, value: true);

    public bool IsDeleted(Guid id) => _deleted.ContainsKey(id);

    /// <summary>The first input that isn't a medium, isn't stored, or is of another kind than its key requires.</summary>
    public TaskError? CheckInputs(JsonObject task) => task["inputs"] is JsonObject inputs ? Check(inputs, "inputs", kind: null) : null;

    private TaskError? Check(JsonNode? node, string path, string? kind) => node switch
    {
        JsonObject table => table.Select(p => Check(p.Value, $"{path}.{p.Key}", Kind(p.Key))).FirstOrDefault(e => e is not null),
        JsonArray list => list.Select(item => Check(item, path, kind)).FirstOrDefault(e => e is not null),
        JsonValue value when kind is not null && value.TryGetValue<string>(out var text) => CheckMedium(text, path, kind),
        _ => null,
    };

    private TaskError? CheckMedium(string text, string path, string kind)
    {
        if (Guid.TryParseExact(text, "D", out var id))
        {
            var format = Find(id)?.Format ?? tasks.FindResult(id)?.Format;
            return IsDeleted(id) || (format is null && refusesUnknown) ? NotFound(path, text)
                : format is not null && format != FileFormat.Unknown && format.Kind != kind
                    ? TaskError.Invalid(path, $"must be of the kind {kind}, and '{text}' is of the kind {format.Kind}")
                : null;
        }

        return IsLink(text) || (kind == "image" && Decode(text) is not null) ? null
            : TaskError.Invalid(path, kind == "image" ? "must be a UUID, a URL, a data URI, or base64" : "must be a UUID or a URL");
    }

    public static TaskError NotFound(string path, string id) => new("mediaNotFound", $"There is no medium '{id}'.") { Parameters = [path] };

    // Sound comes in "audio", "audios", and "referenceAudios"; everything else that is a medium is an image.
    private static string? Kind(string key) => key switch
    {
        "dataset" => "application",
        "video" or "videos" or "referenceVideos" => "video",
        "audio" or "audios" or "referenceAudios" => "audio",
        "image" or "images" or "referenceImages" or "frameImages" or "seedImage" or "maskImage" or "mask" => "image",
        _ => null,
    };

    private static bool IsLink(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static byte[]? Decode(string text)
    {
        const string Marker = ";base64,";
        var marker = text.StartsWith("data:", StringComparison.Ordinal) ? text.IndexOf(Marker, StringComparison.Ordinal) : -Marker.Length;
        var encoded = marker == -1 ? default : text.AsSpan(marker + Marker.Length);
        var bytes = new byte[encoded.Length / 4 * 3];
        return encoded.Length > 0 && encoded.Length % 4 == 0 && Convert.TryFromBase64Chars(encoded, bytes, out var length)
            ? bytes[..length]
            : null;
    }
}
