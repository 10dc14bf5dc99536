using System.Net;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>Task types that generate nothing: stored media, model search, the account, and questions about tasks.</summary>
public sealed class UtilityTests
{
    [Fact]
    public async Task UploadedMediumCanBeUsedAndDeleted()
    {
        using var client = new SandboxClient(new SandboxOptions { RefuseUnknownMedia = true });
        var png = Pictures.Png();

        var stored = await client.OneAsync(Storage("upload", "data:image/png;base64," + Convert.ToBase64String(png)));

        stored.Select(p => p.Key).ShouldBe(["taskType", "taskUUID", "operation", "mediaUUID", "mediaURL"]);
        ((string)stored["mediaURL"]!).ShouldEndWith(".png");
        (await client.DownloadAsync(stored["mediaURL"])).ShouldBe(png);
        var id = (string)stored["mediaUUID"]!;
        (await client.OneAsync(Upscale(id))).ContainsKey("imageURL").ShouldBeTrue();

        var deleted = await client.OneAsync(Storage("delete", id));
        deleted.ToJsonString().ShouldBe($$"""{"taskType":"mediaStorage","taskUUID":"{{(string)deleted["taskUUID"]!}}","operation":"delete","mediaUUID":"{{id}}"}""");
        (await client.SendAsync(Upscale(id))).Codes.ShouldBe(["mediaNotFound"]);
        (await client.SendAsync(Storage("delete", id))).Codes.ShouldBe(["mediaNotFound"]);
        (await client.SendAsync(Upscale(SandboxClient.NewId()))).Codes.ShouldBe(["mediaNotFound"]);
        using var gone = await client.Http.GetAsync(new Uri((string)stored["mediaURL"]!));
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ResultOfATaskIsAnInputUntilItIsDeleted()
    {
        using var client = new SandboxClient(new SandboxOptions { RefuseUnknownMedia = true });
        var item = await client.OneAsync(SandboxClient.Image());
        var id = (string)item["imageUUID"]!;

        (await client.OneAsync(Upscale(id))).ContainsKey("imageURL").ShouldBeTrue();
        await client.OneAsync(Storage("delete", id));

        (await client.SendAsync(Upscale(id))).Codes.ShouldBe(["mediaNotFound"]);
        using var gone = await client.Http.GetAsync(new Uri((string)item["imageURL"]!));
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task UnknownMediumIsAcceptedUnlessItMustBeKnown()
    {
        using var client = new SandboxClient();

        (await client.OneAsync(Upscale(SandboxClient.NewId()))).ContainsKey("imageURL").ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"audio":"U"}""", "invalidAudio")]
    [InlineData("""{"video":"U"}""", "invalidVideo")]
    [InlineData("""{"video":"data:video/mp4;base64,AAAA"}""", "invalidVideo")]
    public async Task MediumMustBeOfTheRightKind(string inputs, string code)
    {
        using var client = new SandboxClient();
        var stored = await client.OneAsync(Storage("upload", Convert.ToBase64String(Pictures.Png())));
        var task = SandboxClient.Task("""{"taskType":"audioInference","model":"mirelo:1@1"}""");
        task["inputs"] = JsonNode.Parse(inputs.Replace("U", (string)stored["mediaUUID"]!, StringComparison.Ordinal));

        (await client.SendAsync(task)).Codes.ShouldBe([code]);
    }

    [Theory]
    [InlineData("upload", "no base64 at all", "invalidMedia")]
    [InlineData("upload", "", "invalidMedia")]
    [InlineData("move", "AAAA", "invalidOperation")]
    [InlineData("delete", "AAAA", "mediaNotFound")]
    public async Task StorageRefuses(string operation, string media, string code)
    {
        using var client = new SandboxClient();

        (await client.SendAsync(Storage(operation, media))).Codes.ShouldBe([code]);
    }

    [Fact]
    public async Task SearchIsPagedAndItsTotalIsNotReliable()
    {
        using var client = new SandboxClient();
        var airs = new List<string>();
        var totals = new HashSet<int>();
        JsonArray page;
        do
        {
            var item = await client.OneAsync(Search($$"""{"limit":100,"offset":{{airs.Count}}}"""));
            page = item["results"]!.AsArray();
            totals.Add((int)item["totalResults"]!);
            airs.AddRange(page.Select(r => (string)r!["air"]!));
        }
        while (page.Count == 100);

        airs.Distinct(StringComparer.Ordinal).Count().ShouldBe(airs.Count);
        totals.Count.ShouldBe(2);
        totals.Max().ShouldBe(airs.Count);
        airs.Count.ShouldBe(ModelCatalog.Default.Models.Count + 250);
    }

    [Theory]
    [InlineData("""{"search":"community style 7"}""", 11)]
    [InlineData("""{"source":"community","category":"lora","limit":500}""", 250)]
    [InlineData("""{"source":"community","category":"vae"}""", 0)]
    [InlineData("""{"visibility":"owned"}""", 0)]
    [InlineData("{}", 20)]
    public async Task SearchIsFiltered(string filter, int count)
    {
        using var client = new SandboxClient();

        var item = await client.OneAsync(Search(filter));

        item["results"]!.AsArray().Count.ShouldBe(count);
    }

    [Theory]
    [InlineData("""{"search":"openai:1@1"}""", "checkpoint", "io:text-to-image")]
    [InlineData("""{"search":"kling video 2.6 pro"}""", "video", "io:image-to-video")]
    [InlineData("""{"search":"qwen@3-tts-1.7b-base"}""", "audio", "io:text-to-audio")]
    [InlineData("""{"capabilities":["io:text-to-3d"]}""", "others", "io:image-to-3d")]
    public async Task FoundModelHasTheCategoryAndCapabilitiesOfTheCatalog(string filter, string category, string capability)
    {
        using var client = new SandboxClient();

        var model = (await client.OneAsync(Search(filter)))["results"]!.AsArray().ShouldHaveSingleItem()!;

        ((string)model["category"]!).ShouldBe(category);
        model["capabilities"]!.AsArray().Select(c => (string)c!).ShouldContain(capability, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{"limit":501}""", "invalidLimit")]
    [InlineData("""{"sort":"price"}""", "invalidSort")]
    [InlineData("""{"category":"picture"}""", "invalidCategory")]
    [InlineData("""{"query":"fox"}""", "unsupportedParameter")]
    public async Task SearchRefuses(string filter, string code)
    {
        using var client = new SandboxClient();

        (await client.SendAsync(Search(filter))).Codes.ShouldBe([code]);
    }

    [Theory]
    [InlineData("""{"operation":"getDetails","startDate":"2026-07-01"}""", "unsupportedParameter")]
    [InlineData("""{"operation":"getUsageActivity"}""", "missingStartDate")]
    [InlineData("""{"operation":"getUsageActivity","startDate":"2026-07-31","endDate":"2026-07-30"}""", "invalidEndDate")]
    [InlineData("""{"operation":"getUsageActivity","startDate":"2026-07-01","endDate":"2026-07-31"}""", "invalidEndDate")]
    [InlineData("""{"operation":"getUsageErrors","startDate":"07/01/2026","endDate":"2026-07-31"}""", "invalidStartDate")]
    [InlineData("""{"operation":"getUsageErrors","startDate":"2026-07-01","endDate":"2026-07-30","groupBy":["hour"]}""", "invalidGroupBy")]
    [InlineData("""{"operation":"getUsageErrors","startDate":"2026-07-01","endDate":"2026-07-30","timezone":"Mars/Olympus"}""", "invalidTimezone")]
    public async Task AccountRefuses(string keys, string code)
    {
        using var client = new SandboxClient();

        (await client.SendAsync(Account(keys))).Codes.ShouldBe([code]);
    }

    [Fact]
    public async Task UsageIsReportedByDateModelAndKey()
    {
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        using var client = new SandboxClient();
        await client.SendAsync(SandboxClient.Image(), SandboxClient.Image());
        await client.SendAsync(SandboxClient.Image(width: 1000));

        var activity = await client.OneAsync(Account(
            $$"""{"operation":"getUsageActivity","startDate":"{{today}}","endDate":"{{today}}","groupBy":["date","model","apiKey"],"timezone":"UTC"}"""));
        var errors = await client.OneAsync(Account($$"""{"operation":"getUsageErrors","startDate":"{{today}}","endDate":"{{today}}"}"""));

        activity["usage"]!.AsObject().Select(p => p.Key).ShouldBe(["timeseries", "model", "apiKey"]);
        activity["usage"]!["timeseries"]!.ToJsonString().ShouldBe(
            $$$"""{"data":[{"date":"{{{today}}}","count":2,"spend":0.334}],"meta":{"totalRequests":2,"totalSpend":0.334}}""");
        activity["usage"]!["model"]!["data"]![0]!["model"]!.GetValue<string>().ShouldBe("openai:1@1");
        errors["usage"]!["timeseries"]!["data"]![0]!["clientErrors"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task DetailsOfAnUnfinishedTaskHaveNoResponse()
    {
        var clock = new FakeTime();
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromSeconds(4), TimeProvider = clock });
        var task = SandboxClient.Image();
        task["deliveryMethod"] = "async";
        await client.SendAsync(task);
        var question = SandboxClient.Task("""{"taskType":"getTaskDetails"}""", (string)task["taskUUID"]!);

        var details = await client.OneAsync(question);
        details.ContainsKey("response").ShouldBeTrue();
        details["response"].ShouldBeNull();

        clock.Advance(TimeSpan.FromSeconds(4));
        (await client.OneAsync(question))["response"]!["data"]!.AsArray().Count.ShouldBe(1);
    }

    private static JsonObject Storage(string operation, string media) =>
        new() { ["taskType"] = "mediaStorage", ["taskUUID"] = SandboxClient.NewId(), ["operation"] = operation, ["media"] = media };

    private static JsonObject Upscale(string image) =>
        new() { ["taskType"] = "upscale", ["taskUUID"] = SandboxClient.NewId(), ["model"] = "runware:500@1", ["inputs"] = new JsonObject { ["image"] = image } };

    private static JsonObject Search(string keys) => Extended("modelSearch", keys);

    private static JsonObject Account(string keys) => Extended("accountManagement", keys);

    private static JsonObject Extended(string type, string keys)
    {
        var task = SandboxClient.Task(keys);
        task["taskType"] = type;
        return task;
    }
}
