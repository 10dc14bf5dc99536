using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Binding;

/// <summary>Reads the body of a request from the objects of web servers, or from itself as text, bytes or JSON.</summary>
internal static class WebhookBody
{
    private const string Parameter = "Body";

    /// <summary>The properties in which servers have the body of a request, and what shows that an object is a body itself.</summary>
    private static readonly string[] s_envelopes = ["RequestBody", "RawBody", "Body"];
    private static readonly string[] s_ownKeys = ["taskUUID", "data", "errors", "error"];

    /// <summary>The body as it was received.</summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: it's empty, or no body.</exception>
    public static byte[] Bytes(object? value)
    {
        var body = PropertyReader.Unwrap(value) switch
        {
            byte[] bytes => bytes,
            JsonNode node => Encoding.UTF8.GetBytes(node.ToJsonString()),
            JsonElement element => Encoding.UTF8.GetBytes(element.GetRawText()),
            JsonDocument document => Encoding.UTF8.GetBytes(document.RootElement.GetRawText()),
            string text => Text(text),
            { } other => Object(other),
            null => [],
        };
        return body.AsSpan().IndexOfAnyExcept(" \r\n\t"u8) >= 0 ? body
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, Parameter, Strings.WebhookEmpty);
    }

    // In the portal, a runbook gets its webhook data as text.
    private static byte[] Text(string text)
    {
        try
        {
            return text.Contains("RequestBody", StringComparison.Ordinal) && JsonNode.Parse(text) is JsonObject data
                && data["RequestBody"] is JsonValue inner && inner.TryGetValue<string>(out var body)
                ? Encoding.UTF8.GetBytes(body)
                : Encoding.UTF8.GetBytes(text);
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetBytes(text);
        }
    }

    private static byte[] Object(object value)
    {
        var property = PropertyReader.Lookup(value);
        if (property(s_ownKeys) is null && property(s_envelopes) is { } body)
        {
            return Bytes(body);
        }

        return DictionaryTransformationAttribute.Plain(value) is IDictionary table
            ? Encoding.UTF8.GetBytes(DictionaryConverter.ToObject(table, Parameter).ToJsonString())
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, Parameter,
                Strings.WebhookNotBody.With(value.GetType().Name));
    }
}
