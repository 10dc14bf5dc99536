using System.Net.Http.Headers;

namespace RunwarePS.Media;

/// <summary>A download that may have broken off: what is here already, and by what the server recognizes the rest.</summary>
internal sealed class PartialDownload(RunwareMedia media, Uri url, Stream file)
{
    /// <summary>A download that came this much further is worth its retries again.</summary>
    private const long Advance = 1024 * 1024;

    private RangeConditionHeaderValue? _validator;
    private EntityTagHeaderValue? _tag;
    private long _furthest;

    public RunwareMedia Media { get; } = media;

    public Uri Url { get; } = url;

    public Stream File { get; } = file;

    /// <summary>The length of the whole file; null if the server didn't send it.</summary>
    public long? Total { get; private set; }

    public string? MediaType { get; private set; }

    /// <summary>Asks for the file; for the rest of it, if the server can recognize whether it is still the same file.</summary>
    public HttpRequestMessage CreateRequest(HttpClient client)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        request.Headers.AcceptEncoding.ParseAdd("identity"); // a range of compressed data is of no use
        if (File.Length > 0 && _validator is not null && Total > File.Length)
        {
            request.Headers.Range = new RangeHeaderValue(File.Length, null);
            request.Headers.IfRange = _validator;
        }

        return request;
    }

    /// <summary>Whether a partial response is the rest of this very file, which then is written behind what is here.</summary>
    public bool Continues(HttpResponseMessage response)
    {
        var range = response.Content.Headers.ContentRange;
        var continues = _validator is not null && File.Length > 0 && range is { Unit: "bytes", From: { } from, To: { } to }
            && from == File.Length && to == Total - 1 && (range.Length ?? Total) == Total
            && (response.Headers.ETag is not { } tag || _tag is null || tag.Equals(_tag));
        File.Position = continues ? File.Length : 0;
        return continues;
    }

    /// <summary>Starts over, with the length and validators from a response.</summary>
    public void Restart(HttpResponseMessage response)
    {
        _furthest = Math.Max(_furthest, File.Length);
        File.SetLength(0);
        File.Position = 0;
        var headers = response.Content.Headers;
        var isWhole = response.StatusCode == System.Net.HttpStatusCode.OK;
        Total = isWhole && headers.ContentEncoding.Count == 0 ? headers.ContentLength : null;
        MediaType = headers.ContentType?.MediaType;
        _tag = isWhole ? response.Headers.ETag : null;
        var date = isWhole ? headers.LastModified : null;
        _validator = response.Headers.AcceptRanges.Contains("none") ? null
            : _tag is { IsWeak: false } ? new RangeConditionHeaderValue(_tag)
            : _tag is null && date is { } at ? new RangeConditionHeaderValue(at)
            : null;
    }

    /// <summary>Whether the download came further than ever since the last call.</summary>
    public bool HasAdvanced()
    {
        var hasAdvanced = File.Length >= _furthest + Advance;
        _furthest = Math.Max(_furthest, File.Length);
        return hasAdvanced;
    }
}
