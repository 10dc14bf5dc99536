using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Execution;

/// <summary>The URL of a webhook receiver. A client that has its token can make this process poll, and nothing more.</summary>
internal sealed class WebhookRoute
{
    private const string Path = "/webhook";
    private const string Parameter = "token";
    private const int TokenBytes = 32;

    private readonly string _token;
    private readonly byte[] _tokenHash;

    /// <param name="publicUri">The URL under which the receiver can be reached; its path and query are kept.</param>
    /// <param name="isReachable">Whether the API can reach it there.</param>
    public WebhookRoute(Uri publicUri, bool isReachable)
    {
        _token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        _tokenHash = Hash(_token);
        IsReachable = isReachable;
        var url = new UriBuilder(publicUri) { Fragment = "" };
        url.Path = url.Path.TrimEnd('/') + Path;
        url.Query = string.IsNullOrEmpty(url.Query) ? $"{Parameter}={_token}" : $"{url.Query[1..]}&{Parameter}={_token}";
        Url = url.Uri;
    }

    /// <summary>The whole URL, with its token.</summary>
    public Uri Url { get; }

    /// <summary>Whether the API can reach it.</summary>
    public bool IsReachable { get; }

    /// <summary>Whether a webhook URL leads here, in any of its forms.</summary>
    public bool IsIn(string webhookUrl) => webhookUrl.Contains(_token, StringComparison.Ordinal);

    /// <summary>
    /// Whether the target of a request is this URL. A proxy can have removed the beginning of the path. The time doesn't depend on the
    /// token: hashes of the same length are compared in constant time, even if the request has none.
    /// </summary>
    public bool Matches(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        var query = question < 0 ? "" : target[(question + 1)..];
        var given = Array.FindLast(query.Split('&'), p => p.StartsWith(Parameter + "=", StringComparison.Ordinal)) ?? "";
        var token = Uri.UnescapeDataString(given[Math.Min(Parameter.Length + 1, given.Length)..]);
        var isToken = CryptographicOperations.FixedTimeEquals(Hash(token), _tokenHash);
        return isToken & path.EndsWith(Path, StringComparison.Ordinal);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
