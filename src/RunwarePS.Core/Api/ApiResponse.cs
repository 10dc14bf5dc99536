using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>The items and errors that could be read from one response, in their order.</summary>
/// <param name="Items">All of <c>data</c>.</param>
/// <param name="Errors">All of <c>errors</c>, and one for each entry that cannot be read.</param>
/// <param name="IsReadable">False if the text was incomplete or isn't a response; the items that were read before that are valid.</param>
internal sealed record ApiResponse(IReadOnlyList<ResultItem> Items, IReadOnlyList<ErrorItem> Errors, bool IsReadable);

/// <summary>
/// Reads the envelope in every shape that the API is known to use: <c>data</c> as list or single object, <c>errors</c> as list,
/// <c>error</c> as object, text or flag, a bare list. Items are read one by one, so that one odd item costs no other.
/// </summary>
internal static class ResponseReader
{
    /// <param name="utf8">The body of a response.</param>
    /// <param name="keepsRaw">Whether the JSON of each item is kept, too.</param>
    public static ApiResponse Read(ReadOnlySpan<byte> utf8, bool keepsRaw = false)
    {
        var found = new Found([], [], keepsRaw);
        var reader = new Utf8JsonReader(WithoutMark(Utf8Repair.Repair(utf8)),
            new JsonReaderOptions { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var readable = false;
        try
        {
            readable = reader.Read() && reader.TokenType switch
            {
                JsonTokenType.StartObject => Envelope(ref reader, found),
                JsonTokenType.StartArray => Entries(ref reader, found, areErrors: false),
                _ => false,
            };
        }
        catch (JsonException)
        {
            readable = false;
        }

        return new ApiResponse(found.Items, found.Errors, readable);
    }

    /// <summary>Whether a body is incomplete JSON, and not something else.</summary>
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

    private static bool Envelope(ref Utf8JsonReader reader, Found found)
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
                Entries(ref reader, found, isErrors);
            }
            else if (isErrors && reader.TokenType is not JsonTokenType.StartObject)
            {
                Scalar(ref reader, start, found.Errors);
            }
            else
            {
                Entry(ref reader, found, isErrors, start);
            }
        }

        return known;
    }

    private static bool Entries(ref Utf8JsonReader reader, Found found, bool areErrors)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Entry(ref reader, found, areErrors, envelope: default);
        }

        return true;
    }

    /// <summary>Reads one entry of a list, or the single object in its place.</summary>
    private static void Entry(ref Utf8JsonReader reader, Found found, bool isError, Utf8JsonReader envelope)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            if (isError && reader.TokenType == JsonTokenType.String)
            {
                found.Errors.Add(new ErrorItem { Message = reader.GetString() });
            }

            reader.Skip();
            return;
        }

        // The entry is skipped first, so that an invalid entry doesn't affect the following ones.
        var entry = reader;
        reader.Skip();
        try
        {
            // A list of errors may come without its envelope; an entry with a code and no task type is one.
            if (isError || LooksLikeError(entry))
            {
                var error = ErrorItem.Read(ref entry);
                if (envelope.TokenType == JsonTokenType.StartObject && error.TaskUuid is null)
                {
                    // {"error":{…},"taskUUID":…}: the ID is next to the error, not in it.
                    error.TaskUuid = ErrorItem.Read(ref envelope).TaskUuid;
                }

                found.Errors.Add(error);
            }
            else
            {
                var again = entry;
                var item = ResultItem.Read(ref entry);
                item.Raw = found.KeepsRaw ? JsonElement.ParseValue(ref again).GetRawText() : null;
                found.Items.Add(item);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Only this entry can't be read. It stays visible as an entry without an ID.
            found.Errors.Add(new ErrorItem { IsOurs = true, Code = ErrorCodes.UnreadableReply,
                Message = Strings.ResponseEntryUnreadable });
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
            var item = ErrorItem.Read(ref envelope);
            item.Message ??= Text(item, "errorMessage");
            item.Code ??= Text(item, "errorId");
            errors.Add(item);
        }
    }

    private static string? Text(ErrorItem item, string key) =>
        item.Unknown is { } unknown && unknown.Remove(key, out var value) ? value.ToString() : null;

    private sealed record Found(List<ResultItem> Items, List<ErrorItem> Errors, bool KeepsRaw);
}
