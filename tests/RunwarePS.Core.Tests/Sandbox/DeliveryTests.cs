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
        await using var receiver = await Receiver.StartAsync(500, 200, 201);
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
        await using var receiver = await Receiver.StartAsync(200);
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
    private sealed class Receiver(Stub stub, Task<List<string>> bodies) : IAsyncDisposable
    {
        public int Port => stub.Root.Port;

        public Task<List<string>> Bodies => bodies;

        public static async Task<Receiver> StartAsync(params int[] statuses)
        {
            var bodies = new List<string>();
            var all = new TaskCompletionSource<List<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var stub = await Stub.StartAsync(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                bodies.Add(await reader.ReadToEndAsync());
                context.Response.StatusCode = statuses[bodies.Count - 1];
                await context.Response.CompleteAsync();
                if (bodies.Count == statuses.Length)
                {
                    all.SetResult(bodies);
                }
            });
            return new Receiver(stub, all.Task);
        }

        public ValueTask DisposeAsync() => stub.DisposeAsync();
    }
}
