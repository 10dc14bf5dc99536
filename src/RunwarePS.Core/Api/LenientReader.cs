using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>
/// Reads one value of a response and never throws for a type it did not expect: an image that was paid for must not be lost over an odd
/// seed. The reader is at the value's first token, and then at its last.
/// </summary>
internal static class LenientReader
{
    /// <summary>The text of a scalar, whatever its JSON type; null for any other value.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            default:
                return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    public static Guid? Id(ref Utf8JsonReader reader) => Guid.TryParse(Text(ref reader), out var id) ? id : null;

    public static bool? Flag(ref Utf8JsonReader reader) => bool.TryParse(Text(ref reader), out var flag) ? flag : null;

    public static decimal? Number(ref Utf8JsonReader reader) => Number(Text(ref reader));

    public static long? Integer(ref Utf8JsonReader reader)
    {
        var text = Text(ref reader);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : Number(text) is { } number && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue ? (long)number
            : null;
    }

    /// <summary>A name, or a list of names as one text.</summary>
    public static string? Names(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Text(ref reader);
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Text(ref reader) is { } name)
            {
                names.Add(name);
            }
        }

        return names.Count == 0 ? null : string.Join(", ", names);
    }

    /// <summary>Base64, bare or in a data URI, decoded from the response's UTF-8 straight into bytes.</summary>
    public static MediaData? Media(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        var text = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        string? mediaType = null;
        if (text.StartsWith("data:"u8))
        {
            var comma = text.IndexOf((byte)',');
            if (comma < 0)
            {
                return null;
            }

            var head = Encoding.UTF8.GetString(text["data:".Length..comma]);
            mediaType = head.Split(';')[0] is { Length: > 0 } named ? named : "application/octet-stream";
            text = text[(comma + 1)..];
        }

        // The exact length, so that an image of megabytes is not copied for the sake of its padding.
        var padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        var bytes = new byte[Math.Max(0, Base64.GetMaxDecodedFromUtf8Length(text.Length) - padding)];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out var written) != OperationStatus.Done || written == 0)
        {
            return null;
        }

        if (written != bytes.Length)
        {
            Array.Resize(ref bytes, written);
        }

        return new MediaData(bytes, mediaType);
    }

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
