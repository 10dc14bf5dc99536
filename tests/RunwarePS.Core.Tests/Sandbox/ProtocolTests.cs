using System.Net;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

public sealed class ProtocolTests
{
    [Fact]
    public async Task SyncTaskIsAnsweredWithItsImages()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        task["numberResults"] = 3;
        task["includeCost"] = true;

        var reply = await client.SendAsync(task);

        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Json.ContainsKey("errors").ShouldBeFalse();
        reply.Data.Count.ShouldBe(3);
        reply.Data.Select(d => (string)d!["imageUUID"]!).Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
        foreach (var item in reply.Data)
        {
            ((string?)item!["taskType"]).ShouldBe("imageInference");
            ((string?)item["taskUUID"]).ShouldBe((string?)task["taskUUID"]);
            ((string)item["imageURL"]!).ShouldStartWith($"http://127.0.0.1:{client.Sandbox.Port}/image/");
            ((decimal)item["cost"]!).ShouldBe(0.167m);
            item.AsObject().ContainsKey("seed").ShouldBeFalse();
        }

        var generation = client.Sandbox.Generation.ShouldHaveSingleItem();
        generation.Count.ShouldBe(3);
        generation.Cost.ShouldBe(0.501m);
    }

    [Fact]
    public async Task CostIsLeftOutWhereItIsNotAskedForOrNotKnown()
    {
        using var client = new SandboxClient();
        var low = SandboxClient.Image();
        low["includeCost"] = true;
        low["providerSettings"] = new JsonObject { ["openai"] = new JsonObject { ["quality"] = "low" } };

        var reply = await client.SendAsync(SandboxClient.Image(), low);

        reply.Data.Count.ShouldBe(2);
        reply.Data.ShouldAllBe(d => !d!.AsObject().ContainsKey("cost"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("""[{"taskType":"ping","ping":true,"ping":true}]""")]
    public async Task AnythingButAnArrayOfTasksIsRefused(string body)
    {
        using var client = new SandboxClient();

        var reply = await client.SendTextAsync(body);

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Data.ShouldBeEmpty();
        reply.Codes.ShouldBe(["invalidRequest"]);
    }

    [Fact]
    public async Task ContentTypeMustBeJson()
    {
        using var client = new SandboxClient();

        var reply = await client.SendTextAsync("""[{"taskType":"ping","ping":true}]""", "text/plain");

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Codes.ShouldBe(["invalidContentType"]);
    }

    [Theory]
    [InlineData("""{"taskUUID":"581b618a-3399-4d68-8957-0c31b9bfd2a2"}""", "missingTaskType")]
    [InlineData("""{"taskType":"makeCoffee","taskUUID":"581b618a-3399-4d68-8957-0c31b9bfd2a2"}""", "unsupportedTaskType")]
    [InlineData("""{"taskType":"getResponse"}""", "missingTaskUUID")]
    [InlineData("""{"taskType":"getResponse","taskUUID":"581b618a-3399-1d68-8957-0c31b9bfd2a2"}""", "invalidTaskUUID")]
    [InlineData("""{"taskType":"getResponse","taskUUID":"581b618a-3399-4d68-c957-0c31b9bfd2a2"}""", "invalidTaskUUID")]
    [InlineData("""{"taskType":"getResponse","taskUUID":"581b618a-3399-4d68-8957-0c31b9bfd2a2","wait":true}""", "unsupportedParameter")]
    [InlineData("""{"taskType":"getTaskDetails","taskUUID":"581b618a-3399-4d68-8957-0c31b9bfd2a2"}""", "taskNotFound")]
    [InlineData("""{"taskType":"ping"}""", "missingPing")]
    [InlineData("""{"taskType":"authentication"}""", "missingApiKey")]
    [InlineData("""{"taskType":"accountManagement","taskUUID":"581b618a-3399-4d68-8957-0c31b9bfd2a2","operation":"close"}""", "invalidOperation")]
    public async Task MalformedTaskIsNamed(string task, string code)
    {
        using var client = new SandboxClient();

        var reply = await client.SendTextAsync($"[{task}]");

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Codes.ShouldBe([code]);
    }

    [Theory]
    [InlineData("negativePrompt", "\"fog\"", "unsupportedParameter")]
    [InlineData("positivePrompt", null, "missingPositivePrompt")]
    [InlineData("positivePrompt", "\"\"", "invalidPositivePrompt")]
    [InlineData("width", "\"1024\"", "invalidWidth")]
    [InlineData("width", "1000", "incompatibleParameters")]
    [InlineData("numberResults", "21", "invalidNumberResults")]
    [InlineData("numberResults", "null", "invalidNumberResults")]
    [InlineData("outputFormat", "\"GIF\"", "invalidOutputFormat")]
    [InlineData("providerSettings", """{"openai":{"quality":"best"}}""", "invalidQuality")]
    [InlineData("providerSettings", """{"openai":{"style":"vivid"}}""", "unsupportedParameter")]
    [InlineData("model", "\"nobody:1@1\"", "modelNotFound")]
    [InlineData("model", null, "missingModel")]
    public async Task ImageTaskIsCheckedStrictly(string key, string? value, string code)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        if (value is null)
        {
            task.Remove(key);
        }
        else
        {
            task[key] = JsonNode.Parse(value);
        }

        var reply = await client.SendAsync(task);

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Codes.ShouldBe([code]);
        ((string?)reply.Errors[0]!["taskUUID"]).ShouldBe((string?)task["taskUUID"]);
        ((string?)reply.Errors[0]!["taskType"]).ShouldBe("imageInference");
        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Fact]
    public async Task ErrorSaysWhatIsAllowed()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        task["outputQuality"] = 100;

        var error = (await client.SendAsync(task)).Errors[0]!;

        ((string?)error["parameter"]).ShouldBe("outputQuality");
        ((string?)error["type"]).ShouldBe("integer");
        ((int)error["min"]!).ShouldBe(20);
        ((int)error["max"]!).ShouldBe(99);
        ((string?)error["documentation"]).ShouldBe("https://runware.ai/docs/models/openai-gpt-image-1#request-outputquality");
    }

    [Fact]
    public async Task WrongSizeNamesBothParameters()
    {
        using var client = new SandboxClient();

        var reply = await client.SendAsync(SandboxClient.Image(width: 512, height: 512));

        reply.Errors[0]!["parameter"]!.AsArray().Select(p => (string)p!).ShouldBe(["width", "height"]);
    }

    [Fact]
    public async Task TasksOfOneRequestStandOnTheirOwn()
    {
        using var client = new SandboxClient();
        var bad = SandboxClient.Image();
        bad["seed"] = 1;

        var reply = await client.SendAsync(bad, SandboxClient.Image());

        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Data.Count.ShouldBe(1);
        reply.Codes.ShouldBe(["unsupportedParameter"]);
    }

    [Fact]
    public async Task IdMayStandOnceInARequestAndBeAcceptedOnce()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();

        (await client.SendAsync(task, task)).Codes.ShouldBe(["duplicateTaskUUID"]);
        var replay = await client.SendAsync(task);

        replay.Status.ShouldBe(HttpStatusCode.BadRequest);
        replay.Codes.ShouldBe(["conflictTaskUUID"]);
        client.Sandbox.Generation.Count.ShouldBe(1);
    }

    [Fact]
    public async Task AsyncTaskIsAcknowledgedThenPolled()
    {
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromMilliseconds(300) });
        var id = SandboxClient.NewId();
        var task = SandboxClient.Image(id);
        task["deliveryMethod"] = "async";
        task["numberResults"] = 2;

        var acknowledgment = (await client.SendAsync(task)).Data;
        acknowledgment.Count.ShouldBe(1);
        acknowledgment[0]!.AsObject().Select(p => p.Key).ShouldBe(["taskType", "taskUUID"]);

        JsonArray poll;
        do
        {
            poll = (await client.SendAsync(SandboxClient.GetResponse(id))).Data;
            poll.Count.ShouldBe(2);
        }
        while ((string?)poll[0]!["status"] == "processing");

        poll.ShouldAllBe(i => (string?)i!["status"] == "success" && i["imageURL"] != null);
    }

    [Fact]
    public async Task ProgressFollowsTheClock()
    {
        var clock = new FakeTime();
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromSeconds(8), TimeProvider = clock });
        var task = SandboxClient.Image();
        task["deliveryMethod"] = "async";
        var item = (await client.SendAsync(task)).Data[0]!;
        var poll = SandboxClient.GetResponse((string)item["taskUUID"]!);

        clock.Advance(TimeSpan.FromSeconds(2));
        item = (await client.SendAsync(poll)).Data[0]!;
        ((string?)item["status"]).ShouldBe("processing");
        ((int?)item["progress"]).ShouldBe(25);

        clock.Advance(TimeSpan.FromSeconds(6));
        ((string?)(await client.SendAsync(poll)).Data[0]!["status"]).ShouldBe("success");
    }

    [Fact]
    public async Task UnknownTaskContributesNothing()
    {
        using var client = new SandboxClient();

        var reply = await client.SendAsync(SandboxClient.GetResponse(SandboxClient.NewId()));

        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Body.ShouldBe("""{"data":[]}""");
    }

    [Fact]
    public async Task SeveralTasksArePolledAtOnce()
    {
        using var client = new SandboxClient();
        var (first, second) = (SandboxClient.Image(), SandboxClient.Image());
        await client.SendAsync(first, second);

        var reply = await client.SendAsync(
            SandboxClient.GetResponse((string)second["taskUUID"]!), SandboxClient.GetResponse((string)first["taskUUID"]!));

        reply.Data.Select(d => (string)d!["taskUUID"]!).ShouldBe([(string)second["taskUUID"]!, (string)first["taskUUID"]!]);
    }

    [Fact]
    public async Task TaskDetailsHoldRequestAndResponse()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        await client.SendAsync(task);

        var reply = await client.SendAsync(new JsonObject { ["taskType"] = "getTaskDetails", ["taskUUID"] = (string)task["taskUUID"]! });

        var details = reply.Data[0]!;
        details["request"]!.AsArray()[0]!.ToJsonString().ShouldBe(task.ToJsonString());
        details["response"]!["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task PingIsAnswered()
    {
        using var client = new SandboxClient();

        var reply = await client.SendTextAsync("""[{"taskType":"ping","ping":true}]""");

        reply.Body.ShouldBe("""{"data":[{"taskType":"ping","pong":true}]}""");
    }

    [Fact]
    public async Task BalanceFallsByWhatWasGenerated()
    {
        using var client = new SandboxClient();
        await client.SendAsync(SandboxClient.Image());

        var reply = await client.SendAsync(new JsonObject
        {
            ["taskType"] = "accountManagement",
            ["taskUUID"] = SandboxClient.NewId(),
            ["operation"] = "getDetails",
        });

        ((decimal)reply.Data[0]!["balance"]!).ShouldBe(999.833m);
        ((string?)reply.Data[0]!["organizationName"]).ShouldBe("Sandbox");
    }

    [Fact]
    public async Task AuthenticationTaskIsAcceptedFirst()
    {
        using var client = new SandboxClient();
        var key = new JsonObject { ["taskType"] = "authentication", ["apiKey"] = "secret-key" };

        (await client.SendAsync(key, SandboxClient.Image())).Data.Count.ShouldBe(1);
        (await client.SendAsync(SandboxClient.Image(), key)).Codes.ShouldBe(["invalidRequest"]);
        client.Sandbox.Request.ShouldAllBe(r => !r.Body.Contains("secret-key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("base64Data", "imageBase64Data")]
    [InlineData("dataURI", "imageDataURI")]
    public async Task PictureComesInTheReplyWhenAskedFor(string outputType, string key)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        task["outputType"] = outputType;
        task["outputFormat"] = "PNG";

        var item = (await client.SendAsync(task)).Data[0]!.AsObject();

        item.ContainsKey("imageURL").ShouldBeFalse();
        var text = (string)item[key]!;
        if (outputType == "dataURI")
        {
            text.ShouldStartWith("data:image/png;base64,");
            text = text["data:image/png;base64,".Length..];
        }

        PictureHeader.Read(Convert.FromBase64String(text)).ShouldBe(new PictureHeader("png", 1024, 1024));
    }
}
