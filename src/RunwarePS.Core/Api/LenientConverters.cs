using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Api;

/// <summary>
/// Reads one field of a response and never throws for a type it did not expect: an image that was paid for must not be lost over an odd
/// seed.
/// </summary>
internal abstract class LenientConverter<T> : JsonConverter<T>
{
    public override bool HandleNull => true;

    public sealed override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            return ReadContainer(ref reader);
        }

        return reader.TokenType == JsonTokenType.Null ? default : ReadScalar(ref reader);
    }

    protected abstract T? ReadScalar(ref Utf8JsonReader reader);

    protected virtual T? ReadContainer(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return default;
    }

    /// <summary>The text of a scalar, whatever its JSON type.</summary>
    protected static string Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);

    public override void Write(Utf8JsonWriter writer, T? value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Responses are only read.");
}

internal sealed class LenientString : LenientConverter<string>
{
    protected override string ReadScalar(ref Utf8JsonReader reader) => Text(ref reader);
}

internal sealed class LenientGuid : LenientConverter<Guid?>
{
    protected override Guid? ReadScalar(ref Utf8JsonReader reader) => Guid.TryParse(Text(ref reader), out var guid) ? guid : null;
}

internal sealed class LenientBool : LenientConverter<bool?>
{
    protected override bool? ReadScalar(ref Utf8JsonReader reader) => bool.TryParse(Text(ref reader), out var value) ? value : null;
}

internal sealed class LenientLong : LenientConverter<long?>
{
    protected override long? ReadScalar(ref Utf8JsonReader reader)
    {
        var text = Text(ref reader);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue ? (long)number
            : null;
    }
}

internal sealed class LenientDecimal : LenientConverter<decimal?>
{
    protected override decimal? ReadScalar(ref Utf8JsonReader reader) =>
        decimal.TryParse(Text(ref reader), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}

/// <summary>A name, or a list of names as one text.</summary>
internal sealed class LenientNames : LenientConverter<string>
{
    protected override string ReadScalar(ref Utf8JsonReader reader) => Text(ref reader);

    protected override string? ReadContainer(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else
            {
                names.Add(Text(ref reader));
            }
        }

        return names.Count == 0 ? null : string.Join(", ", names);
    }
}

/// <summary>Base64, bare or in a data URI, decoded from the response's UTF-8 straight into bytes.</summary>
internal sealed class LenientMedia : LenientConverter<MediaData>
{
    protected override MediaData? ReadScalar(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence)
        {
            return null;
        }

        var text = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(Text(ref reader)) : reader.ValueSpan;
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
}
