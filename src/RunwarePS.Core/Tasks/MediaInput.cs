using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RunwarePS.Tasks;

/// <summary>
/// A medium that goes into a request: a URL, an ID, a data URI, bytes that are encoded straight into the body, or content that is uploaded
/// first and then specified by its ID.
/// </summary>
[JsonConverter(typeof(MediaInputConverter))]
internal sealed class MediaInput : IMediaValue
{
    private const int SizeOfId = 36;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string? _path;
    private string? _text;
    private string? _contentHash;

    public MediaInput(string text) => _text = text;

    public MediaInput(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    private MediaInput(string? path, ReadOnlyMemory<byte> bytes)
    {
        IsUpload = true;
        _path = path;
        _bytes = bytes;
        _contentHash = Convert.ToHexString(path is null ? SHA256.HashData(bytes.Span) : HashOf(path));
    }

    /// <summary>Whether it isn't sent in the request, but uploaded before it.</summary>
    public bool IsUpload { get; }

    /// <summary>How many bytes it takes in a request.</summary>
    public long SizeOnWire => _text?.Length ?? (IsUpload ? SizeOfId : (_bytes.Length + 2L) / 3 * 4);

    /// <summary>The bytes, if they are sent in the request.</summary>
    // a bare null would become an empty memory
    public ReadOnlyMemory<byte>? Bytes => _text is null && !IsUpload ? _bytes : (ReadOnlyMemory<byte>?)null;

    /// <summary>The hash of its content, taken once.</summary>
    public string ContentHash => _contentHash ??= Convert.ToHexString(SHA256.HashData(_bytes.Span));

    /// <summary>The URL, ID or data URI; null if it is bytes, or isn't uploaded yet.</summary>
    public string? Text => _text;

    /// <summary>The content of a file that is uploaded before the request. The file is read now, for its hash.</summary>
    public static MediaInput UploadOf(string path) => new(path, default);

    /// <summary>Content that is uploaded before the request.</summary>
    public static MediaInput UploadOf(ReadOnlyMemory<byte> bytes) => new(path: null, bytes);

    /// <summary>What is uploaded.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) =>
        _path is null ? _bytes : await File.ReadAllBytesAsync(_path, cancellationToken).ConfigureAwait(false);

    /// <summary>Its content is uploaded, and the request contains this ID.</summary>
    public void Uploaded(Guid id) => _text = id.ToString("D");

    /// <summary>Itself as a value of a request.</summary>
    public JsonValue ToNode() => JsonValue.Create(this, MediaJson.Default.MediaInput)!;

    public void WriteTo(Utf8JsonWriter writer)
    {
        if (_text is not null)
        {
            writer.WriteStringValue(_text);
        }
        else
        {
            writer.WriteBase64StringValue(_bytes.Span);
        }
    }

    private static byte[] HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return SHA256.HashData(file);
    }
}

internal sealed class MediaInputConverter : JsonConverter<MediaInput>
{
    public override MediaInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, MediaInput value, JsonSerializerOptions options) => value.WriteTo(writer);
}

[JsonSerializable(typeof(MediaInput))]
internal sealed partial class MediaJson : JsonSerializerContext;
