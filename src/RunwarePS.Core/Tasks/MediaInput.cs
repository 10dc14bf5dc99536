using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RunwarePS.Tasks;

/// <summary>A medium that goes into a request: an address, an id, a data URI, or bytes that are encoded straight into the body.</summary>
[JsonConverter(typeof(MediaInputConverter))]
internal sealed class MediaInput : IMediaValue
{
    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _bytes;
    private string? _contentHash;

    public MediaInput(string text) => _text = text;

    public MediaInput(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>How many bytes it takes in a request.</summary>
    public long SizeOnWire => _text?.Length ?? ((_bytes.Length + 2L) / 3 * 4);

    /// <summary>The bytes, where it is a picture of its own; null where it is an address, an id or a data URI.</summary>
    public ReadOnlyMemory<byte>? Bytes => _text is null ? _bytes : (ReadOnlyMemory<byte>?)null; // a bare null would become an empty memory

    /// <summary>The hash of the bytes, taken once.</summary>
    public string ContentHash => _contentHash ??= Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(_bytes.Span));

    /// <summary>The address, id or data URI; null where it is bytes.</summary>
    public string? Text => _text;

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
}

internal sealed class MediaInputConverter : JsonConverter<MediaInput>
{
    public override MediaInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, MediaInput value, JsonSerializerOptions options) => value.WriteTo(writer);
}

[JsonSerializable(typeof(MediaInput))]
internal sealed partial class MediaJson : JsonSerializerContext;
