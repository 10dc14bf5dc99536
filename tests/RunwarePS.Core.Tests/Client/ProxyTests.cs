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
        HttpClient.DefaultProxy = new DeadProxy(stub.Root.Port);
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

    /// <summary>Behaves as HTTP_PROXY does, which knows no exception for loopback; for one port only, since all tests of the process share it.</summary>
    private sealed class DeadProxy(int port) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : new Uri("http://127.0.0.1:9/");

        public bool IsBypassed(Uri host) => host.Port != port;
    }
}
