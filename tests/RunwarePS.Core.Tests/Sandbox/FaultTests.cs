using System.Collections;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

public sealed class FaultTests
{
    private static SandboxFault Once(SandboxFaultKind kind) => new() { Kind = kind, Times = 1 };

    [Fact]
    public async Task DropBeforeAcceptanceAcceptsNothing()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.DropBeforeAcceptance));
        var task = SandboxClient.Image();

        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(task));
        client.Sandbox.Generation.ShouldBeEmpty();
        client.Sandbox.Request.ShouldHaveSingleItem().StatusCode.ShouldBeNull();

        (await client.SendAsync(task)).Data.Count.ShouldBe(1);
    }

    [Fact]
    public async Task DropAfterAcceptanceHasGenerated()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.DropAfterAcceptance));
        var task = SandboxClient.Image();

        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(task));
        client.Sandbox.Generation.Count.ShouldBe(1);

        (await client.SendAsync(task)).Codes.ShouldBe(["conflictTaskUUID"]);
        (await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!))).Data.Count.ShouldBe(1);
    }

    [Fact]
    public async Task StatusComesWithRetryAfterAndBody()
    {
        using var client = new SandboxClient(new SandboxFault
        {
            Kind = SandboxFaultKind.Status,
            StatusCode = 429,
            RetryAfter = TimeSpan.FromSeconds(2),
            Body = "<h1>slow down</h1>",
        });

        using var content = new StringContent("""[{"taskType":"ping","ping":true}]""", mediaType: new("application/json"));
        using var response = await client.Http.PostAsync(client.Sandbox.Endpoint, content);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await response.Content.ReadAsStringAsync()).ShouldBe("<h1>slow down</h1>");
        client.Sandbox.Request[0].StatusCode.ShouldBe(429);
    }

    [Fact]
    public async Task StatusWithACodeIsAnErrorOfTheApi()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.Status, StatusCode = 401, Code = "invalidApiKey" });

        var reply = await client.SendAsync(SandboxClient.Image());

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Codes.ShouldBe(["invalidApiKey"]);
        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Fact]
    public async Task TruncatedReplyHasAFittingLengthAndNoEnd()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.TruncatedJson));

        var reply = await client.SendAsync(SandboxClient.Image());

        reply.Status.ShouldBe(HttpStatusCode.OK);
        Should.Throw<JsonException>(() => JsonDocument.Parse(reply.Body));
        client.Sandbox.Generation.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(SandboxFaultKind.Stall, 1)]
    [InlineData(SandboxFaultKind.NeverFinishes, 0)]
    public async Task StalledCallIsNeverAnswered(SandboxFaultKind kind, int generations)
    {
        using var client = new SandboxClient(Once(kind));
        using var impatience = new CancellationTokenSource();
        using var content = new StringContent(new JsonArray(SandboxClient.Image()).ToJsonString(), mediaType: new("application/json"));

        var call = client.Http.PostAsync(client.Sandbox.Endpoint, content, impatience.Token);
        while (client.Sandbox.Request.Count == 0)
        {
            await Task.Delay(5);
        }

        call.IsCompleted.ShouldBeFalse();
        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        client.Sandbox.Generation.Count.ShouldBe(generations);
        client.Sandbox.Request[0].StatusCode.ShouldBeNull();
    }

    [Fact]
    public async Task TrickledReplyArrivesWhole()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.Trickle));

        var reply = await client.SendAsync(SandboxClient.GetResponse(SandboxClient.NewId()));

        reply.Body.ShouldBe("""{"data":[]}""");
    }

    [Fact]
    public async Task PartialFailureLosesTheLastResult()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.PartialFailure));
        var task = SandboxClient.Image();
        task["numberResults"] = 3;

        var reply = await client.SendAsync(task);

        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Data.Count.ShouldBe(2);
        reply.Codes.ShouldBe(["invalidProviderContent"]);
        client.Sandbox.Generation.ShouldHaveSingleItem().Count.ShouldBe(2);

        var poll = await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!));
        poll.Data.Count.ShouldBe(2);
        ((string?)poll.Errors[0]!["status"]).ShouldBe("error");
    }

    [Fact]
    public async Task PartialFailureOfOneIsTheWhole()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.PartialFailure, Code = "timeoutProvider", Message = "Too slow." });
        var task = SandboxClient.Image();
        task["deliveryMethod"] = "async";

        (await client.SendAsync(task)).Data.Count.ShouldBe(1);
        var poll = await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!));

        poll.Status.ShouldBe(HttpStatusCode.BadRequest);
        poll.Data.ShouldBeEmpty();
        ((string?)poll.Errors[0]!["code"]).ShouldBe("timeoutProvider");
        ((string?)poll.Errors[0]!["message"]).ShouldBe("Too slow.");
        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Fact]
    public async Task RefusalConcernsThePromptThatMatchesAndIsFree()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.Refusal, Match = "BEAR" });
        var bear = SandboxClient.Image(prompt: "A bear");

        var reply = await client.SendAsync(SandboxClient.Image(prompt: "A fox"), bear);

        reply.Data.Count.ShouldBe(1);
        ((string?)reply.Errors.ShouldHaveSingleItem()!["taskUUID"]).ShouldBe((string?)bear["taskUUID"]);
        (await client.SendAsync(bear)).Status.ShouldBe(HttpStatusCode.BadRequest);
        client.Sandbox.Generation.Count.ShouldBe(1);
    }

    [Fact]
    public async Task AsyncTaskCanStayInProcessing()
    {
        using var client = new SandboxClient(Once(SandboxFaultKind.NeverFinishes));
        var task = SandboxClient.Image();
        task["deliveryMethod"] = "async";
        await client.SendAsync(task);

        for (var i = 0; i < 3; i++)
        {
            var poll = await client.SendAsync(SandboxClient.GetResponse((string)task["taskUUID"]!));
            ((string?)poll.Data[0]!["status"]).ShouldBe("processing");
        }

        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Fact]
    public async Task SkipAndTimesLimitAFault()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.Status, Skip = 1, Times = 2, TaskType = "getResponse" });

        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            (await client.SendTextAsync("""[{"taskType":"ping","ping":true}]""")).Status.ShouldBe(HttpStatusCode.OK);
            statuses.Add((int)(await client.SendAsync(SandboxClient.GetResponse(SandboxClient.NewId()))).Status);
        }

        statuses.ShouldBe([200, 503, 503, 200]);
    }

    [Fact]
    public async Task FaultCountsDownExactlyUnderLoad()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.Status, Times = 7 });

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.SendAsync(SandboxClient.GetResponse(SandboxClient.NewId()))));

        replies.Count(r => r.Status == HttpStatusCode.ServiceUnavailable).ShouldBe(7);
        client.Sandbox.Request.Count.ShouldBe(200);
    }

    [Fact]
    public async Task DownloadCanFailOnItsOwn()
    {
        using var client = new SandboxClient(
            new SandboxFault { Kind = SandboxFaultKind.Status, StatusCode = 502, TaskType = "download", Times = 1 },
            new SandboxFault { Kind = SandboxFaultKind.DropAfterAcceptance, TaskType = "download", Times = 1 });
        var address = new Uri((string)(await client.SendAsync(SandboxClient.Image())).Data[0]!["imageURL"]!);

        using (var response = await client.Http.GetAsync(address))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        await Should.ThrowAsync<HttpRequestException>(() => client.Http.GetByteArrayAsync(address));
        PictureHeader.Read(await client.Http.GetByteArrayAsync(address)).Format.ShouldBe("jpg");
    }

    [Fact]
    public void FaultIsReadFromAHashtable()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            var fault = SandboxFault.FromHashtable(new Hashtable
            {
                ["kind"] = "status",
                ["TIMES"] = "2",
                ["Skip"] = 1L,
                ["taskType"] = "ImageInference",
                ["StatusCode"] = 429,
                ["RetryAfter"] = "3",
                ["Body"] = null,
            });

            fault.Kind.ShouldBe(SandboxFaultKind.Status);
            fault.Times.ShouldBe(2);
            fault.Skip.ShouldBe(1);
            fault.TaskType.ShouldBe("imageInference");
            fault.StatusCode.ShouldBe(429);
            fault.RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
            SandboxFault.FromHashtable(new Hashtable { ["Kind"] = SandboxFaultKind.Stall, ["RetryAfter"] = TimeSpan.FromSeconds(1.5) })
                .RetryAfter.ShouldBe(TimeSpan.FromSeconds(1.5));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("Knid", "Stall", "Knid", "Kind")]
    [InlineData("Kind", "Explode", "Explode", "DropAfterAcceptance")]
    [InlineData("Times", "often", "often", "whole number")]
    [InlineData("Times", "0", "'0'", "from 1")]
    [InlineData("StatusCode", "42", "42", "from 200 to 599")]
    [InlineData("TaskType", "imageInferense", "imageInferense", "imageInference")]
    [InlineData("RetryAfter", "-1", "-1", "seconds")]
    public void WrongHashtableIsNamed(string key, string value, string named, string allowed)
    {
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase) { ["Kind"] = "Stall" };
        table[key] = value;

        var message = Should.Throw<ArgumentException>(() => SandboxFault.FromHashtable(table)).Message;

        message.ShouldContain(key);
        message.ShouldContain(named);
        message.ShouldContain(allowed);
    }

    [Fact]
    public void KindIsRequired() =>
        Should.Throw<ArgumentException>(() => SandboxFault.FromHashtable(new Hashtable())).Message.ShouldContain("NeverFinishes");

    [Fact]
    public void SizeOfALargeFileIsRequired()
    {
        Should.Throw<ArgumentException>(() => SandboxFault.FromHashtable(new Hashtable { ["Kind"] = "LargeFile" })).Message.ShouldContain("Size");
        SandboxFault.FromHashtable(new Hashtable { ["Kind"] = "LargeFile", ["Size"] = 1024 }).Size.ShouldBe(1024);
    }
}
