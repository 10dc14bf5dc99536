using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunwarePS.Primitives;

/// <summary>Takes secrets and floods of data out of what people get to read.</summary>
internal static partial class Redaction
{
    // More than is shown, so that a secret at the edge of what is read isn't shown.
    private const int LongestText = 64 * 1024;

    private static readonly HashSet<string> s_signedAddresses = new(StringComparer.OrdinalIgnoreCase) { "webhookURL", "uploadEndpoint" };

    /// <summary>
    /// A JSON body for the Debug stream: no key, no query of a signed URL, no image data. A body that isn't JSON is truncated.
    /// </summary>
    public static string Body(ReadOnlySpan<byte> utf8, Secrets secrets)
    {
        string text;
        try
        {
            var reader = new Utf8JsonReader(Utf8Repair.Repair(utf8));
            var node = JsonNode.Parse(ref reader);
            text = Clean(node, name: null)?.ToJsonString(s_readable) ?? "null";
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return Snippet(utf8, secrets); // not JSON, or a duplicate key
        }

        return CutQueries(secrets.Hide(text));
    }

    /// <summary>The beginning of a body that could not be read, on one line. Secrets go before it is cut: half a key is one too.</summary>
    public static string Snippet(ReadOnlySpan<byte> utf8, Secrets secrets)
    {
        var text = CutQueries(secrets.Hide(DisplayText.Line(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, LongestText)]))));
        return DisplayText.Line(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), 201);
    }

    /// <summary>A server's text without the queries of the URLs in it, which may contain signatures.</summary>
    public static string CutQueries(string text) => Query().Replace(text, "?***");

    // From the question mark back, which is looked at once; from the URL on, a text of nothing but beginnings would take its length
    // squared.
    [GeneratedRegex(@"(?<=https?://[^\s?""'<>]+)\?[^\s""'<>]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Query();

    /// <summary>A URL without user and query, which may hold passwords, tokens and signatures.</summary>
    public static string Address(Uri uri) =>
        uri.IsAbsoluteUri
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : uri.OriginalString.Split('?')[0];

    private static readonly JsonSerializerOptions s_readable = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static JsonNode? Clean(JsonNode? node, string? name) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Clean(p.Value, p.Key)))),
        JsonArray a => new JsonArray([.. a.Select(item => Clean(item, name))]),
        JsonValue v when v.GetValueKind() == JsonValueKind.String => Clean(v.GetValue<string>(), name),
        _ => node?.DeepClone(),
    };

    /// <summary>The value of a field, without the query where it is a URL that users sign.</summary>
    public static string Field(string name, string text)
    {
        var query = s_signedAddresses.Contains(name) ? text.IndexOf('?', StringComparison.Ordinal) : -1;
        return query < 0 ? text : text[..query] + "?***";
    }

    private static string Clean(string text, string? name)
    {
        if (name is not null && s_signedAddresses.Contains(name))
        {
            return Field(name, text);
        }

        if (name == "apiKey")
        {
            return "***";
        }

        var isData = text.StartsWith("data:", StringComparison.Ordinal)
            || (text.Length > 200 && !text.AsSpan(0, 200).ContainsAny(' ', '\n', '.'));
        return isData ? FormattableString.Invariant($"<{text.Length} characters>") : text;
    }
}
