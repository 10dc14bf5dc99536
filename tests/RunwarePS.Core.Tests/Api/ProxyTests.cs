using System.Net;
using RunwarePS.Http;

namespace RunwarePS.Core.Tests;

public sealed class ProxyTests
{
    [Fact]
    public async Task What_goes_to_this_very_machine_takes_no_way_over_a_proxy()
    {
        await using var stub = await Stub.StartAsync(context => context.JsonAsync(Talk.Envelope(Talk.Item(Talk.A))));
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new OneWay(stub.Root.Port, new Uri("http://127.0.0.1:9/"));
        try
        {
            var replies = await Talk.Client(new HttpPipelineFactory().CreateApiClient(), stub.Endpoint).AskAsync(Talk.A);

            replies.Of(Talk.A).Items.Count.ShouldBe(1);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public async Task What_goes_elsewhere_takes_the_way_that_the_system_names()
    {
        const int Port = 8099;
        string? asked = null;
        await using var proxy = await Stub.StartAsync(context =>
        {
            asked = context.Request.Host.Value;
            return context.JsonAsync("a picture");
        });
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new OneWay(Port, proxy.Root);
        try
        {
            using var client = new HttpPipelineFactory().CreateDownloadClient();
            (await client.GetStringAsync(new Uri($"http://pictures.example:{Port}/a.jpg"))).ShouldBe("a picture");
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        asked.ShouldBe($"pictures.example:{Port}");
    }

    [Fact]
    public async Task Calls_share_a_connection()
    {
        var connections = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var stub = await Stub.StartAsync(context =>
        {
            connections[context.Connection.Id] = true;
            return context.JsonAsync(Talk.Envelope(Talk.Item(Talk.A)));
        });
        var pipeline = new HttpPipelineFactory();

        for (var i = 0; i < 20; i++)
        {
            await Talk.Client(pipeline.CreateApiClient(), stub.Endpoint).AskAsync(Talk.A);
        }

        connections.Count.ShouldBe(1);
    }

    /// <summary>Behaves as HTTP_PROXY does, which knows no exception for loopback; for one port only, since all tests of the process share it.</summary>
    private sealed class OneWay(int port, Uri way) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : way;

        public bool IsBypassed(Uri host) => host.Port != port;
    }
}
