using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

public sealed class DeliveryTests
{
    [Fact]
    public async Task EachItemIsPostedToTheWebhookUntilItIsTaken()
    {
        using var client = new SandboxClient();
        using var receiver = new Receiver(500, 200, 201);
        var task = SandboxClient.Image();
        task["numberResults"] = 2;
        task["webhookURL"] = $"http://127.0.0.1:{receiver.Port}/hook?token=secret";

        await client.SendAsync(task);
        var bodies = await receiver.Bodies;

        bodies[1].ShouldBe(bodies[0]);
        string.Equals(bodies[2], bodies[0], StringComparison.Ordinal).ShouldBeFalse();
        bodies.ShouldAllBe(b => b.StartsWith("""{"data":[{"taskType":"imageInference",""", StringComparison.Ordinal) && b.EndsWith("}]}", StringComparison.Ordinal));

        var deliveries = await UntilAsync(client.Sandbox, d => d.Count == 3);
        deliveries.Select(d => (d.StatusCode, d.Attempt)).ShouldBe([(500, 1), (200, 2), (201, 1)]);
        deliveries.ShouldAllBe(d => d.Kind == "Webhook" && !d.Refused && d.Target == $"127.0.0.1:{receiver.Port}/hook");
    }

    [Fact]
    public async Task FailureIsPostedToTheWebhookAsAnError()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.PartialFailure });
        using var receiver = new Receiver(200);
        var task = SandboxClient.Image();
        task["deliveryMethod"] = "async";
        task["webhookURL"] = $"http://localhost:{receiver.Port}/";

        await client.SendAsync(task);

        (await receiver.Bodies)[0].ShouldContain("\"errors\":[{\"code\":\"invalidProviderContent\"");
    }

    [Fact]
    public async Task PictureIsPutToTheUploadEndpoint()
    {
        using var client = new SandboxClient();
        using var receiver = new SandboxClient();
        var task = SandboxClient.Image();
        task["outputFormat"] = "WEBP";
        task["uploadEndpoint"] = $"http://localhost:{receiver.Sandbox.Port}/bucket/fox.webp?signature=secret";

        var reply = await client.SendAsync(task);

        var delivery = (await UntilAsync(client.Sandbox, d => d.Count > 0)).ShouldHaveSingleItem();
        delivery.Kind.ShouldBe("Upload");
        delivery.StatusCode.ShouldBe(404);
        delivery.Target.ShouldBe($"localhost:{receiver.Sandbox.Port}/bucket/fox.webp");

        var request = receiver.Sandbox.Request.ShouldHaveSingleItem();
        request.Method.ShouldBe("PUT");
        request.Headers["Content-Type"].ShouldBe("image/webp");
        var picture = await client.Http.GetByteArrayAsync(new Uri((string)reply.Data[0]!["imageURL"]!));
        request.Headers["Content-Length"].ShouldBe($"{picture.Length}");
    }

    [Theory]
    [InlineData("https://example.com/hook?token=secret")]
    [InlineData("http://127.0.0.1.example.com/hook?token=secret")]
    [InlineData("http://192.0.2.1/hook?token=secret")]
    [InlineData("http://localhost.example.com/hook?token=secret")]
    public async Task NothingLeavesTheMachine(string address)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        task["webhookURL"] = address;

        await client.SendAsync(task);

        var delivery = (await UntilAsync(client.Sandbox, d => d.Count > 0)).ShouldHaveSingleItem();
        delivery.Refused.ShouldBeTrue();
        delivery.Attempt.ShouldBe(0);
        delivery.Target.ShouldBe(new Uri(address).Host + "/hook");
    }

    private static async Task<IReadOnlyList<SandboxDelivery>> UntilAsync(RunwareSandbox sandbox, Func<IReadOnlyList<SandboxDelivery>, bool> enough)
    {
        while (!enough(sandbox.Delivery))
        {
            await Task.Delay(10);
        }

        return sandbox.Delivery;
    }

    /// <summary>Answers one request after the other with the given statuses and keeps their bodies.</summary>
    private sealed class Receiver : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Receiver(params int[] statuses)
        {
            _listener.Start();
            Bodies = ReceiveAsync(statuses);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public Task<List<string>> Bodies { get; }

        public void Dispose() => _listener.Dispose();

        private async Task<List<string>> ReceiveAsync(int[] statuses)
        {
            var bodies = new List<string>();
            foreach (var status in statuses)
            {
                using var connection = await _listener.AcceptTcpClientAsync();
                using var reader = new StreamReader(connection.GetStream(), Encoding.UTF8);
                var length = 0;
                while (await reader.ReadLineAsync() is { Length: > 0 } line)
                {
                    if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    {
                        length = int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
                    }
                }

                var body = new char[length];
                await reader.ReadBlockAsync(body);
                bodies.Add(new string(body));
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
            }

            return bodies;
        }
    }
}
