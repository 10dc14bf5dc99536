using System.Net;

namespace RunwarePS.Http;

/// <summary>The HTTP clients of the process, over pooled connections that notice when DNS changes.</summary>
public sealed class HttpPipelineFactory : IHttpPipelineFactory
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    // The handler renews its connections itself: nothing has to replace it, so one serves as long as the process runs.
    private readonly SocketsHttpHandler _api = CreateHandler(followRedirects: false);
    private readonly SocketsHttpHandler _download = CreateHandler(followRedirects: true);

    /// <inheritdoc/>
    public HttpClient CreateApiClient() => CreateClient(_api);

    /// <inheritdoc/>
    public HttpClient CreateDownloadClient() => CreateClient(_download);

    private static HttpClient CreateClient(SocketsHttpHandler handler) => new(handler, disposeHandler: false)
    {
        // Each request brings its own time-out: an image may take minutes, a poll may not.
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    private static SocketsHttpHandler CreateHandler(bool followRedirects) => new()
    {
        AllowAutoRedirect = followRedirects,
        MaxAutomaticRedirections = 5,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = s_connectTimeout,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = s_connectionLifetime,
        UseCookies = false,
        Proxy = new LoopbackBypass(),
    };
}
