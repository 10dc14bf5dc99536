using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;

namespace RunwarePS.Http;

/// <summary>The HTTP clients of the process, over pooled connections that notice when DNS changes.</summary>
public sealed class HttpPipelineFactory : IHttpPipelineFactory
{
    private const string Api = "api";
    private const string Download = "download";

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    private readonly IHttpClientFactory _clients;

    /// <summary>Builds both clients' pipelines; nothing is connected yet.</summary>
    public HttpPipelineFactory()
    {
        var services = new ServiceCollection();
        Add(services, Api, followRedirects: false);
        Add(services, Download, followRedirects: true);

        // The filters add logging and metrics around every handler. Metrics tie this private copy of
        // DiagnosticSource to the framework's own SocketsHttpHandler, where the types do not meet.
        services.RemoveAll<IHttpMessageHandlerBuilderFilter>();
        _clients = services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>();
    }

    /// <inheritdoc/>
    public HttpClient CreateApiClient() => _clients.CreateClient(Api);

    /// <inheritdoc/>
    public HttpClient CreateDownloadClient() => _clients.CreateClient(Download);

    private static void Add(ServiceCollection services, string name, bool followRedirects) =>
        services.AddHttpClient(name, client =>
            {
                // Each request brings its own time-out: an image may take minutes, a poll may not.
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.DefaultRequestVersion = HttpVersion.Version20;
                client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = followRedirects,
                MaxAutomaticRedirections = 5,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectTimeout = s_connectTimeout,
                EnableMultipleHttp2Connections = true,
                PooledConnectionLifetime = s_connectionLifetime,
                UseCookies = false,
                Proxy = new LoopbackBypass(),
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan); // the handler renews its connections itself
}
