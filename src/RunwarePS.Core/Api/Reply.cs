using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>Everything that could be read from one reply, in the order it came.</summary>
/// <param name="Items">All of <c>data</c>.</param>
/// <param name="Errors">All of <c>errors</c>, and one for each entry that cannot be read.</param>
/// <param name="IsReadable">False where the text broke off or was no reply at all; what was read before that still counts.</param>
internal sealed record Reply(IReadOnlyList<ResultItem> Items, IReadOnlyList<ErrorItem> Errors, bool IsReadable);

/// <summary>
/// Reads the envelope in every shape that the API is known to use: <c>data</c> as list or single object, <c>errors</c> as list,
/// <c>error</c> as object, text or flag, a bare list. Items are read one by one, so that one odd item costs no other.
/// </summary>
internal static class ReplyReader
{
    public static Reply Read(ReadOnlySpan<byte> utf8)
    {
        var items = new List<ResultItem>();
        var errors = new List<ErrorItem>();
        var reader = new Utf8JsonReader(WithoutMark(Utf8Repair.Repair(utf8)), new JsonReaderOptions { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var readable = false;
        try
        {
            readable = reader.Read() && reader.TokenType switch
            {
                JsonTokenType.StartObject => Envelope(ref reader, items, errors),
                JsonTokenType.StartArray => Entries(ref reader, items, errors, areErrors: false),
                _ => false,
            };
        }
        catch (JsonException)
        {
            readable = false;
        }

        return new Reply(items, errors, readable);
    }

    /// <summary>Whether a body is JSON that breaks off, and not something else.</summary>
    public static bool IsTorn(ReadOnlySpan<byte> body)
    {
        if (body.TrimStart(" \r\n\t"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
            }

            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private static bool Envelope(ref Utf8JsonReader reader, List<ResultItem> items, List<ErrorItem> errors)
    {
        var start = reader;
        var known = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            var isErrors = reader.ValueTextEquals("errors"u8) || reader.ValueTextEquals("error"u8);
            reader.Read();
            if (!isData && !isErrors)
            {
                reader.Skip();
                continue;
            }

            known = true;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                Entries(ref reader, items, errors, isErrors);
            }
            else if (isErrors && reader.TokenType is not JsonTokenType.StartObject)
            {
                Scalar(ref reader, start, errors);
            }
            else
            {
                Entry(ref reader, items, errors, isErrors, start);
            }
        }

        return known;
    }

    private static bool Entries(ref Utf8JsonReader reader, List<ResultItem> items, List<ErrorItem> errors, bool areErrors)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Entry(ref reader, items, errors, areErrors, envelope: default);
        }

        return true;
    }

    /// <summary>Reads one entry of a list, or the single object in its place.</summary>
    private static void Entry(ref Utf8JsonReader reader, List<ResultItem> items, List<ErrorItem> errors, bool isError, Utf8JsonReader envelope)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            if (isError && reader.TokenType == JsonTokenType.String)
            {
                errors.Add(new ErrorItem { Message = reader.GetString() });
            }

            reader.Skip();
            return;
        }

        // The entry is passed over first: past this line a broken one cannot throw the walk off its way.
        var entry = reader;
        reader.Skip();
        try
        {
            // A list of errors may come without its envelope; an entry with a code and no task type is one.
            if (isError || LooksLikeError(entry))
            {
                var error = JsonSerializer.Deserialize(ref entry, WireJson.Default.ErrorItem)!;
                if (envelope.TokenType == JsonTokenType.StartObject && error.TaskUuid is null)
                {
                    // {"error":{…},"taskUUID":…}: the id stands beside the error, not in it.
                    error.TaskUuid = JsonSerializer.Deserialize(ref envelope, WireJson.Default.ErrorItem)!.TaskUuid;
                }

                errors.Add(error);
            }
            else
            {
                items.Add(JsonSerializer.Deserialize(ref entry, WireJson.Default.ResultItem)!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // This entry alone cannot be read. It stays visible as an answer without an id.
            errors.Add(new ErrorItem { IsOurs = true, Code = ErrorCodes.UnreadableReply, Message = "One entry of the reply could not be read." });
        }
    }

    private static bool LooksLikeError(Utf8JsonReader entry)
    {
        var depth = entry.CurrentDepth;
        var hasCode = false;
        while (entry.Read() && entry.CurrentDepth > depth)
        {
            if (entry.TokenType == JsonTokenType.PropertyName && entry.CurrentDepth == depth + 1)
            {
                hasCode |= entry.ValueTextEquals("code"u8);
                if (entry.ValueTextEquals("imageUUID"u8) || entry.ValueTextEquals("status"u8))
                {
                    return false;
                }

                entry.Read();
                entry.Skip();
            }
        }

        return hasCode;
    }

    // {"error":"text"}, and the oldest form: {"error":true,"errorId":…,"errorMessage":…}.
    private static void Scalar(ref Utf8JsonReader reader, Utf8JsonReader envelope, List<ErrorItem> errors)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            errors.Add(new ErrorItem { Message = reader.GetString() });
        }
        else if (reader.TokenType == JsonTokenType.True)
        {
            var item = JsonSerializer.Deserialize(ref envelope, WireJson.Default.ErrorItem)!;
            item.Message ??= Text(item, "errorMessage");
            item.Code ??= Text(item, "errorId");
            errors.Add(item);
        }
    }

    private static string? Text(ErrorItem item, string key) =>
        item.Unknown is { } unknown && unknown.Remove(key, out var value) ? value.ToString() : null;
}
