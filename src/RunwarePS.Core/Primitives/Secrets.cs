using System.Text.Json.Nodes;

namespace RunwarePS.Primitives;

/// <summary>What must be in no message of one request: the key, and the queries of the URLs that the user signed.</summary>
internal sealed class Secrets
{
    // A shorter text isn't a secret, and would be removed from the middle of words.
    private const int ShortestSecret = 6;

    private readonly ApiKey? _key;
    private readonly List<string> _queries = [];

    private Secrets(ApiKey? key) => _key = key;

    public static Secrets None { get; } = new(key: null);

    public static Secrets Of(ApiKey? key, IEnumerable<JsonObject> tasks)
    {
        var secrets = new Secrets(key);
        foreach (var task in tasks)
        {
            secrets.AddQuery(task.Text("webhookURL"));
            secrets.AddQuery(task.Text("uploadEndpoint"));
        }

        return secrets;
    }

    /// <summary>The text without any of them: servers echo what they were sent.</summary>
    public string Hide(string text)
    {
        text = _key?.Hide(text) ?? text;
        foreach (var query in _queries)
        {
            text = text.Replace(query, "***", StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>
    /// How much of a text can be shown before more of it arrives: its end can be the beginning of one of them, and isn't shown.
    /// </summary>
    public int VisibleLength(string text)
    {
        var (length, before) = (text.Length, -1);
        while (length != before)
        {
            before = length;
            length = _queries.Aggregate(_key?.VisibleLength(text, length) ?? length, (cut, query) => VisibleLength(text, query, cut));
        }

        return length;
    }

    /// <summary>The length at which the text neither ends with the beginning of a secret nor is cut within one.</summary>
    internal static int VisibleLength(string text, string secret, int length)
    {
        var start = Math.Max(0, text.Length - secret.Length + 1);
        while (start < length && !secret.AsSpan().StartsWith(text.AsSpan(start), StringComparison.Ordinal))
        {
            start++;
        }

        length = Math.Min(length, start);
        var whole = text.AsSpan(0, Math.Min(text.Length, length + secret.Length - 1)).LastIndexOf(secret, StringComparison.Ordinal);
        return whole >= 0 && whole + secret.Length > length ? Math.Min(whole, length) : length;
    }

    private void AddQuery(string? address)
    {
        if (address is not null && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Query.Length > ShortestSecret)
        {
            _queries.Add(uri.Query[1..]);
            _queries.Add(Uri.UnescapeDataString(uri.Query[1..]));
            foreach (var pair in uri.Query[1..].Split('&'))
            {
                var value = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
                if (value.Length >= ShortestSecret)
                {
                    _queries.Add(value); // a message may quote one of them alone
                    _queries.Add(Uri.UnescapeDataString(value));
                }
            }
        }
    }
}
