using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>The receiver of webhooks and the clients that it may meet.</summary>
public sealed class WebhookReceiverTests : IDisposable
{
    private static readonly HttpLimits s_short = new()
    {
        MaxHead = 16 * 1024,
        MaxBody = 1024 * 1024,
        MaxConnections = 8,
        HeadTimeout = TimeSpan.FromSeconds(2), // a busy machine may be late by a second
        BodyTimeout = TimeSpan.FromSeconds(2),
    };

    private readonly TaskSignals _signals = new(TimeProvider.System);
    private readonly WebhookReceiver _receiver;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Guid _task = Guid.NewGuid();

    public WebhookReceiverTests() => _receiver = Start();

    public static TheoryData<string> Bodies => new()
    {
        """{"data":[{"taskType":"imageInference","taskUUID":"ID","imageUUID":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21","imageURL":"https://im.runware.ai/a.jpg","cost":0.1}]}""",
        """{"errors":[{"code":"timeoutProvider","message":"Too slow.","taskUUID":"ID"}]}""",
        """{"taskType":"imageInference","taskUUID":"ID","imageUUID":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21","imageURL":"https://im.runware.ai/a.jpg"}""",
        """{"taskUUID":"ID","status":"error","code":"timeoutProvider","message":"Too slow."}""",
        """{"error":{"code":"timeoutProvider"},"taskUUID":"ID"}""",
        """[{"taskUUID":"ID","status":"success"}]""",
        """{"data":{"status":"success","taskUUID":"ID"}}""",
        "\uFEFF{\"taskUUID\":\"ID\",\"unknown\":{\"taskUUID\":1}} trailing",
        """{"data":[{"taskUUID":"ID"},{"taskUUID":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21","status":"\ud800"}]}""",
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_call_in_any_form_wakes_the_task_that_it_names(string body)
    {
        var signal = Expect(_task);

        (await PostAsync(_receiver.Route.Url, Named(body))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await signal.Woken.WaitAsync(TimeSpan.FromSeconds(10));
        _receiver.Calls.ShouldBe(1);
        _signals.Trust.ShouldBe(SignalTrust.Proven);
    }

    [Theory]
    [InlineData("""{"taskUUID":"ID","status":"processing","progress":40}""")]
    [InlineData("""{"data":[{"status":"queued","taskUUID":"ID"}]}""")]
    [InlineData("""{"data":[{"outputs":{"files":[{"taskUUID":"ID"}]}}]}""")]
    [InlineData("{\"taskUUID\":\"ID\"")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_call_without_results_is_accepted_and_wakes_no_task(string body)
    {
        var signal = Expect(_task);

        (await PostAsync(_receiver.Route.Url, Named(body))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually.TrueAsync(() => _receiver.Calls == 1, "the call is counted");
        await Task.Delay(50);
        signal.HasArrived.ShouldBeFalse();
    }

    [Fact]
    public async Task A_task_that_is_not_known_is_accepted_so_that_the_API_does_not_call_again() =>
        (await PostAsync(_receiver.Route.Url, Named("""{"taskUUID":"ID"}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Theory]
    [InlineData("/webhook")]
    [InlineData("/webhook?token=")]
    [InlineData("/webhook?token=wrong")]
    [InlineData("/webhook?Token=TOKEN")]
    [InlineData("/webhook?token=TOKENx")]
    [InlineData("/webhook?token=TOKEN&token=wrong")]
    [InlineData("/other?token=TOKEN")]
    [InlineData("/?token=TOKEN")]
    [InlineData("/TOKEN")]
    public async Task A_wrong_token_gets_the_response_of_an_unknown_path(string target)
    {
        var signal = Expect(_task);
        var token = _receiver.Route.Url.Query["?token=".Length..];
        token.Length.ShouldBeGreaterThanOrEqualTo(32);

        var wrong = await TalkAsync(Request(target.Replace("TOKEN", token, StringComparison.Ordinal), Named("""{"taskUUID":"ID"}""")));
        var unknown = await TalkAsync(Request("/nothing", "{}"));

        wrong.ShouldBe(unknown);
        wrong.ShouldStartWith("HTTP/1.1 404 ");
        signal.HasArrived.ShouldBeFalse();
        _receiver.Calls.ShouldBe(0);
        _signals.Trust.ShouldBe(SignalTrust.Unproven);
    }

    [Fact]
    public void Each_receiver_has_a_token_of_its_own()
    {
        using var other = Start();

        (other.Route.Url.Query == _receiver.Route.Url.Query).ShouldBeFalse();
    }

    [Fact]
    public async Task A_proxy_may_remove_the_beginning_of_the_path()
    {
        using var receiver = WebhookReceiver.Start(0, new Uri("https://hooks.example/runware/?user=7#top"), isLocal: false, _signals, s_short);
        receiver.Route.Url.AbsoluteUri.ShouldStartWith("https://hooks.example/runware/webhook?user=7&token=");
        var query = receiver.Route.Url.Query;

        foreach (var path in new[] { "/runware/webhook", "/webhook" })
        {
            (await PostAsync(new Uri($"http://127.0.0.1:{receiver.Port}{path}{query}"), "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Only_a_post_is_a_call()
    {
        using var response = await _http.GetAsync(_receiver.Route.Url);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        _receiver.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_and_one_without_the_token_is_not_read()
    {
        var url = _receiver.Route.Url.PathAndQuery;

        (await TalkAsync($"POST {url} HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n")).ShouldStartWith("HTTP/1.1 413 ");
        (await TalkAsync($"POST {url} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")).ShouldStartWith("HTTP/1.1 413 ");
        (await TalkAsync("POST /webhook HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n{")).ShouldStartWith("HTTP/1.1 404 ");
        (await TalkAsync($"POST {url} HTTP/1.1\r\nX: {new string('x', 40_000)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 431 ");
        (await TalkAsync("nonsense\r\n\r\n")).ShouldStartWith("HTTP/1.1 400 ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("POST /webhook HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("POST URL HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")]
    public async Task A_request_that_never_ends_is_cut(string beginning)
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(beginning.Replace("URL", _receiver.Route.Url.PathAndQuery, StringComparison.Ordinal)));

        (await ReadAsync(client).WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_cut()
    {
        using var client = await ConnectAsync();
        var read = ReadAsync(client);
        try
        {
            for (var i = 0; i < 1000 && !read.IsCompleted; i++)
            {
                await client.GetStream().WriteAsync("x"u8.ToArray());
                await Task.Delay(20);
            }
        }
        catch (IOException)
        {
            return; // cut
        }

        (await read.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Slow_clients_do_not_keep_others_out()
    {
        var signal = Expect(_task);
        var slow = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 50; i++)
            {
                slow.Add(await ConnectAsync());
                await slow[^1].GetStream().WriteAsync("POST /webhook HTTP/1.1\r\n"u8.ToArray());
            }

            (await PostAsync(_receiver.Route.Url, Named("""{"taskUUID":"ID"}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);
            await signal.Woken.WaitAsync(TimeSpan.FromSeconds(10));
        }
        finally
        {
            slow.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task A_connection_can_carry_several_calls_and_is_closed_when_it_is_idle()
    {
        using var client = await ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request(_receiver.Route.Url.PathAndQuery, "{}")));
            await Eventually.TrueAsync(() => _receiver.Calls == i + 1, "the call is counted");
        }

        (await ReadAsync(client).WaitAsync(TimeSpan.FromSeconds(20))).Split("HTTP/1.1 200 ").Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error() =>
        await Should.ThrowAsync<SocketException>(() => Task.Run(() => WebhookReceiver.Start(_receiver.Port, publicUri: null, isLocal: true, _signals)));

    [Fact]
    public async Task A_stopped_receiver_does_not_listen_and_expects_nothing()
    {
        Expect(_task);
        _signals.DefaultUrl.ShouldBe(_receiver.Route.Url);

        _receiver.Dispose();

        _signals.Find(_task).ShouldBeNull();
        _signals.DefaultUrl.ShouldBeNull();
        await Should.ThrowAsync<HttpRequestException>(() => PostAsync(_receiver.Route.Url, "{}"));
    }

    [Fact]
    public void A_url_that_the_API_cannot_reach_is_not_the_default()
    {
        using var receiver = WebhookReceiver.Start(0, publicUri: null, isLocal: false, _signals, s_short);

        _signals.DefaultUrl.ShouldBeNull();
        _signals.Expect(_task, receiver.Route.Url.AbsoluteUri.Replace("127.0.0.1", "tunnel.example", StringComparison.Ordinal));
        _signals.Find(_task).ShouldNotBeNull("a task can name it all the same");
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _http.Dispose();
    }

    private WebhookReceiver Start() => WebhookReceiver.Start(0, publicUri: null, isLocal: true, _signals, s_short);

    private TaskSignal Expect(Guid id)
    {
        _signals.Expect(id, _receiver.Route.Url.AbsoluteUri);
        return _signals.Find(id).ShouldNotBeNull();
    }

    private string Named(string body) => body.Replace("\"ID\"", $"\"{_task:D}\"", StringComparison.Ordinal);

    private async Task<HttpResponseMessage> PostAsync(Uri url, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/whatever");
        return await _http.PostAsync(url, content);
    }

    private static string Request(string target, string body) =>
        $"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _receiver.Port);
        return client;
    }

    private async Task<string> TalkAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return await ReadAsync(client).WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>What is sent until the connection is closed.</summary>
    private static async Task<string> ReadAsync(TcpClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) is var read && read > 0)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Reset: closed, too.
        }

        return text.ToString();
    }
}
