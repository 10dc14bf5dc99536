using System.Buffers;
using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>Turns what the API calls an error into the module's exception. Nothing it sends is lost, and nothing secret is kept.</summary>
internal static class ErrorReader
{
    public static RunwareException ToException(ErrorItem item, int status, Secrets secrets, TimeSpan? retryAfter = null)
    {
        var code = item.Code ?? (item.Message is null ? ErrorCodes.UnreadableReply : "unknownError");
        var message = Clean(string.IsNullOrWhiteSpace(item.Message) ? Strings.ApiErrorWithoutMessage : item.Message);
        var category = item.Code is null ? ErrorCatalog.OfStatus(status) : ErrorCatalog.Categorize(code, item.Message, status);
        return new RunwareException(Clean(code), category, message)
        {
            IsFromServer = !item.IsOurs && (item.Code ?? item.Message) is not null,
            Parameter = item.Parameter is { } parameter ? Clean(parameter) : null,
            TaskUuid = item.TaskUuid,
            NamesTask = item.TaskUuid is not null,
            StatusCode = status,
            Documentation = Uri.TryCreate(item.Documentation is { } page ? secrets.Hide(page) : null, UriKind.Absolute, out var address)
                ? address
                : null,
            RetryAfter = retryAfter,
            AdditionalData = ValueReader.ToHashtable(item.Unknown, Clean),
        };

        string Clean(string text) => Redaction.CutQueries(secrets.Hide(DisplayText.Lines(text)));
    }

    /// <summary>The failure of a <c>data</c> item: an object or a text inside it, the item's own fields, or both.</summary>
    public static RunwareException ToException(ResultItem item, Secrets secrets)
    {
        var fields = new Utf8JsonReader(Merge(item.Unknown, item.Error));
        fields.Read();
        var error = ErrorItem.Read(ref fields);
        error.Message = item.Error is { ValueKind: JsonValueKind.String } text ? text.GetString() : error.Message;
        error.TaskUuid ??= item.TaskUuid;
        error.Code ??= "taskFailed";
        return ToException(error, status: 200, secrets);
    }

    // The fields of the error take precedence over those next to it.
    private static ReadOnlySpan<byte> Merge(Dictionary<string, JsonElement>? fields, JsonElement? error)
    {
        var all = new Dictionary<string, JsonElement>(fields ?? [], StringComparer.Ordinal);
        if (error is { ValueKind: JsonValueKind.Object } inner)
        {
            foreach (var property in inner.EnumerateObject())
            {
                all[property.Name] = property.Value;
            }
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, value) in all)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }
}
