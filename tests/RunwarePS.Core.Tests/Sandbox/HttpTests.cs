using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

public sealed class HttpTests
{
    private const string Ping = """[{"taskType":"ping","ping":true}]""";

    [Theory]
    [InlineData("GET", "/v1", 405)]
    [InlineData("DELETE", "/v1", 405)]
    [InlineData("POST", "/v2", 404)]
    [InlineData("PUT", "/image/x.jpg", 404)]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/image/nonsense", 404)]
    public async Task OnlyTheApiAnswers(string method, string path, int status)
    {
        using var client = new SandboxClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(client.Sandbox.Endpoint, path));

        using var response = await client.Http.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task KeyIsKeptNowhere()
    {
        using var client = new SandboxClient();
        client.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret-key");

        await client.SendAsync(SandboxClient.Image());

        var request = client.Sandbox.Request.ShouldHaveSingleItem();
        request.HasAuthorization.ShouldBeTrue();
        request.Headers["authorization"].ShouldBe("Bearer ***");
        JsonSerializer.Serialize(client.Sandbox).ShouldNotContain("secret-key");
    }

    [Fact]
    public async Task RequestsAreRecordedInOrder()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();

        await client.SendAsync(task);
        await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!), SandboxClient.GetResponse(SandboxClient.NewId()));

        var requests = client.Sandbox.Request;
        requests.Select(r => string.Join('+', r.TaskType)).ShouldBe(["imageInference", "getResponse+getResponse"]);
        requests[1].TaskUuid[0].ShouldBe((string?)task["taskUUID"]);
        requests[0].Body.ShouldBe($"[{task.ToJsonString()}]");
        requests.ShouldAllBe(r => r.StatusCode == 200 && r.Method == "POST" && r.Path == "/v1" && !r.HasAuthorization && r.At.Kind == DateTimeKind.Utc);
    }

    [Fact]
    public async Task ChunkedBodyAndExpectationAreUnderstood()
    {
        using var client = new SandboxClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, client.Sandbox.Endpoint)
        {
            Content = new StringContent($"[{SandboxClient.Image().ToJsonString()}]", mediaType: new("application/json")),
        };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true;

        using var response = await client.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        client.Sandbox.Request[0].Headers.ContainsKey("Content-Length").ShouldBeFalse();
    }

    [Fact]
    public async Task ConnectionIsKeptAndARequestMayComeInPieces()
    {
        using var client = new SandboxClient();
        using var socket = new TcpClient("127.0.0.1", client.Sandbox.Port);
        var stream = socket.GetStream();

        for (var i = 0; i < 2; i++)
        {
            var request = $"POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Ping.Length}\r\n\r\n{Ping}";
            foreach (var part in request.Chunk(7))
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(part));
            }

            var reply = await ReadUntilAsync(stream, "\"pong\":true}]}");
            reply.ShouldStartWith("HTTP/1.1 200 OK\r\n");
        }
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("POST /v1 HTTP/1.1\r\nno colon\r\n\r\n", "400")]
    [InlineData("POST /v1 HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", "413")]
    [InlineData("POST /v1 HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST /v1 HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501")]
    [InlineData("POST /v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400")]
    public async Task UnreadableRequestIsAnsweredAndCut(string request, string status)
    {
        using var client = new SandboxClient();
        using var socket = new TcpClient("127.0.0.1", client.Sandbox.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));

        using var reader = new StreamReader(socket.GetStream());
        (await reader.ReadToEndAsync()).ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Fact]
    public async Task HundredsOfCallsRunAtOnce()
    {
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromMilliseconds(50) });

        var replies = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.SendAsync(SandboxClient.Image())));

        replies.ShouldAllBe(r => r.Status == HttpStatusCode.OK && r.Data.Count == 1);
        client.Sandbox.Generation.Count.ShouldBe(300);
    }

    [Fact]
    public async Task GenerationGoesOnWhenTheClientLeaves()
    {
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromMilliseconds(200) });
        using var impatience = new CancellationTokenSource();
        var task = SandboxClient.Image();
        using var content = new StringContent($"[{task.ToJsonString()}]", mediaType: new("application/json"));

        var call = client.Http.PostAsync(client.Sandbox.Endpoint, content, impatience.Token);
        while (client.Sandbox.Generation.Count == 0)
        {
            await Task.Delay(5);
        }

        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);

        string? status;
        do
        {
            var poll = await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!));
            status = (string?)poll.Data[0]!["status"];
        }
        while (status == "processing");

        status.ShouldBe("success");
    }

    [Fact]
    public async Task StopCutsWhatIsOpenAndKeepsTheRecord()
    {
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromHours(1) });
        var call = client.SendAsync(SandboxClient.Image());
        while (client.Sandbox.Request.Count == 0)
        {
            await Task.Delay(5);
        }

        client.Sandbox.Stop();
        client.Sandbox.Stop();

        await Should.ThrowAsync<HttpRequestException>(() => call);
        client.Sandbox.IsRunning.ShouldBeFalse();
        client.Sandbox.Request.Count.ShouldBe(1);
        await Should.ThrowAsync<HttpRequestException>(() => client.SendTextAsync(Ping));
    }

    [Fact]
    public async Task PortCanBeChosenAndIsFreeAgain()
    {
        int port;
        await using (var first = RunwareSandbox.Start())
        {
            port = first.Port;
            first.ToString().ShouldBe($"http://127.0.0.1:{port}/v1");
            Should.Throw<SocketException>(() => RunwareSandbox.Start(new SandboxOptions { Port = port }));
        }

        await using var second = RunwareSandbox.Start(new SandboxOptions { Port = port });
        second.Port.ShouldBe(port);
    }

    private static async Task<string> ReadUntilAsync(NetworkStream stream, string end)
    {
        var buffer = new byte[4096];
        var length = 0;
        string text;
        do
        {
            length += await stream.ReadAsync(buffer.AsMemory(length));
            text = Encoding.ASCII.GetString(buffer, 0, length);
        }
        while (!text.EndsWith(end, StringComparison.Ordinal));

        return text;
    }
}
