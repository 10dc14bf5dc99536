using System.Collections;
using System.Text.Json;

namespace RunwarePS;

/// <summary>Turns what the API calls an error into the module's exception. Nothing it sends is lost, and nothing secret is kept.</summary>
internal static class ErrorReader
{
    public static RunwareException ToException(ErrorItem item, int status, Secrets secrets, TimeSpan? retryAfter = null)
    {
        var code = item.Code ?? (item.Message is null ? ErrorCodes.UnreadableReply : "unknownError");
        var message = Clean(string.IsNullOrWhiteSpace(item.Message) ? "The API gave no message." : item.Message);
        var category = item.Code is null ? Errors.ErrorCatalogue.OfStatus(status) : Errors.ErrorCatalogue.Categorize(code, item.Message, status);
        return new RunwareException(Clean(code), category, message)
        {
            IsFromServer = !item.IsOurs && (item.Code ?? item.Message) is not null,
            Parameter = item.Parameter is { } parameter ? Clean(parameter) : null,
            TaskUuid = item.TaskUuid,
            StatusCode = status,
            Documentation = Uri.TryCreate(item.Documentation is { } page ? secrets.Hide(page) : null, UriKind.Absolute, out var address) ? address : null,
            RetryAfter = retryAfter,
            AdditionalData = ValueReader.ToHashtable(item.Unknown, Clean),
        };

        string Clean(string text) => Redaction.CutQueries(secrets.Hide(ViewText.Lines(text)));
    }

    /// <summary>The failure inside a <c>data</c> item, as an object, a text, or the item's own fields.</summary>
    public static RunwareException ToException(ResultItem item, Secrets secrets)
    {
        var error = item.Error is { ValueKind: JsonValueKind.Object } inner
            ? inner.Deserialize(WireJson.Default.ErrorItem)!
            : new ErrorItem
            {
                Code = Field(item, "code"),
                Message = item.Error is { ValueKind: JsonValueKind.String } text ? text.GetString() : Field(item, "message"),
            };
        error.TaskUuid ??= item.TaskUuid;
        error.Code ??= "taskFailed";
        return ToException(error, status: 200, secrets);
    }

    private static string? Field(ResultItem item, string key) =>
        item.Unknown is { } fields && fields.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Turns JSON that the module does not know into the plain types that survive serialisation.</summary>
internal static class ValueReader
{
    public static Hashtable ToHashtable(Dictionary<string, JsonElement>? fields, Func<string, string> hide)
    {
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in fields ?? [])
        {
            table[hide(name)] = value.ValueKind == JsonValueKind.String ? Redaction.Field(name, hide(value.GetString()!)) : ToPlain(value, hide);
        }

        return table;
    }

    private static object? ToPlain(JsonElement value, Func<string, string> hide) => value.ValueKind switch
    {
        JsonValueKind.String => hide(value.GetString()!),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.TryGetDecimal(out var number) ? number : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => value.EnumerateArray().Select(item => ToPlain(item, hide)).ToArray(),
        JsonValueKind.Object => ToHashtable(value.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal), hide),
        _ => null,
    };
}
