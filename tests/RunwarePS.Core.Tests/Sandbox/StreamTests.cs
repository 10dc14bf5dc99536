using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>Text as server-sent events, and the ways in which a stream breaks.</summary>
public sealed class StreamTests
{
    private static JsonObject Text(int results = 1, string model = "minimax:m3@0") => SandboxClient.Task(
        $$$"""{"taskType":"textInference","model":"{{{model}}}","deliveryMethod":"stream","includeUsage":true,"includeCost":true,"numberResults":{{{results}}},"messages":[{"role":"user","content":"Grüße aus 東京"}]}""");

    [Fact]
    public async Task StreamHasReasoningTextReasonUsageAndItsEnd()
    {
        using var client = new SandboxClient();
        var task = Text();

        var (response, lines) = await ReadAsync(client, task);

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        lines.Count(l => l.StartsWith(':')).ShouldBe(2);
        lines[^1].ShouldBe("data: [DONE]");
        var data = Data(lines);
        data.ShouldAllBe(d => (string)d["taskUUID"]! == (string)task["taskUUID"]!);
        var kinds = data.Select(d => d.ContainsKey("usage") ? "usage"
            : d["finishReason"] is not null ? "reason"
            : d["delta"]!["text"] is not null ? "text" : "reasoning").ToList();
        string.Join(' ', kinds.Where((k, i) => i == 0 || kinds[i - 1] != k)).ShouldBe("reasoning text reason usage");
        Joined(data).ShouldBe("This is the sandbox’s response to: Grüße aus 東京");
        data.Count(d => d["delta"]?["text"] is not null).ShouldBeGreaterThan(5);
        data[^1].ContainsKey("delta").ShouldBeFalse("usage and cost come without text");
        data[^1]["cost"]!.GetValue<decimal>().ShouldBeGreaterThan(0);
        ((int)data[^1]["usage"]!["promptTokens"]!).ShouldBe(3);
    }

    [Fact]
    public async Task SeveralResultsAlternate()
    {
        using var client = new SandboxClient();

        var data = Data((await ReadAsync(client, Text(results: 2, model: "deepseek:v4@flash"))).Lines);

        data.Take(4).Select(d => (int)d["resultIndex"]!).ShouldBe([0, 1, 0, 1]);
        Joined(data, 0).ShouldStartWith("Result 1: ");
        Joined(data, 1).ShouldStartWith("Result 2: ");
        data.Count(d => d["finishReason"] is not null).ShouldBe(2);
    }

    [Fact]
    public async Task PiecesComeAsTheyAreWritten()
    {
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromMinutes(1) });
        using var response = await PostAsync(client, Text(), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        await reader.ReadLineAsync();

        reader.ReadToEndAsync().IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task StreamThatIsCutLeavesItsResultBehind()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.DropAfterAcceptance, Times = 1 });
        var task = Text();

        var (lines, error) = await ReadBrokenAsync(client, task);

        error.ShouldNotBeNull();
        Data(lines).Count.ShouldBeGreaterThan(2);
        lines.ShouldNotContain("data: [DONE]", StringComparer.Ordinal);
        (await client.SendAsync(task)).Codes.ShouldBe(["conflictTaskUUID"]);
        var details = await client.OneAsync(SandboxClient.Task("""{"taskType":"getTaskDetails"}""", (string)task["taskUUID"]!));
        ((string)details["response"]!["data"]![0]!["text"]!).ShouldBe("This is the sandbox’s response to: Grüße aus 東京");
        client.Sandbox.Generation.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(SandboxFaultKind.TruncatedJson, false)]
    [InlineData(SandboxFaultKind.StreamWithoutDone, true)]
    public async Task StreamEndsWithoutDone(SandboxFaultKind kind, bool hasReason)
    {
        using var client = new SandboxClient(new SandboxFault { Kind = kind });

        var (lines, error) = await ReadBrokenAsync(client, Text());

        error.ShouldBeNull("the connection closed in order");
        lines.ShouldNotContain("data: [DONE]", StringComparer.Ordinal);
        lines.Any(l => l.Contains("\"finishReason\":\"stop\"", StringComparison.Ordinal)).ShouldBe(hasReason);
    }

    [Fact]
    public async Task ErrorComesInTheMiddle()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.PartialFailure, Code = "providerError" });
        var task = Text();

        var data = Data((await ReadAsync(client, task)).Lines);

        ((string)data[^1]["errors"]![0]!["code"]!).ShouldBe("providerError");
        ((string)data[^1]["errors"]![0]!["taskUUID"]!).ShouldBe((string)task["taskUUID"]!);
        Joined(data).ShouldBe("This is the sandbox’s response ");
        data.ShouldAllBe(d => d["finishReason"] == null);
    }

    [Fact]
    public async Task CharactersAreSplitAcrossPieces()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.SplitCharacters });
        using var response = await PostAsync(client, Text(), HttpCompletionOption.ResponseHeadersRead);
        using var body = await response.Content.ReadAsStreamAsync();
        var (all, splits, buffer) = (new List<byte>(), 0, new byte[4096]);
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
        {
            all.AddRange(buffer.AsSpan(0, read));
            splits += buffer[read - 1] >= 0x80 ? 1 : 0;
        }

        splits.ShouldBeGreaterThan(0);
        Joined(Data(Encoding.UTF8.GetString([.. all]).Split('\n'))).ShouldEndWith("Grüße aus 東京");
    }

    [Fact]
    public async Task StreamThatStallsNoticesThatTheClientLeft()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.Stall });
        using (var response = await PostAsync(client, Text(), HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            (await reader.ReadLineAsync()).ShouldNotBeNull();
        }

        while (!client.Sandbox.Request[0].IsCanceled)
        {
            await Task.Delay(10);
        }
    }

    [Fact]
    public async Task ErrorBeforeTheStreamIsPlainJson()
    {
        using var client = new SandboxClient();
        var wrong = Text();
        wrong["settings"] = new JsonObject { ["maxTokens"] = 0 };

        (await client.SendAsync(wrong)).Codes.ShouldBe(["invalidMaxTokens"]);
        (await client.SendAsync(Text(), Text())).Codes.ShouldBe(["invalidRequest", "invalidRequest"]);
    }

    private static async Task<HttpResponseMessage> PostAsync(SandboxClient client, JsonObject task, HttpCompletionOption option)
    {
        var content = new StringContent($"[{task.ToJsonString()}]", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var request = new HttpRequestMessage(HttpMethod.Post, client.Sandbox.Endpoint) { Content = content };
        var response = await client.Http.SendAsync(request, option);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response;
    }

    private static async Task<(HttpResponseMessage Response, List<string> Lines)> ReadAsync(SandboxClient client, JsonObject task)
    {
        var response = await PostAsync(client, task, HttpCompletionOption.ResponseContentRead);
        return (response, [.. (await response.Content.ReadAsStringAsync()).Split('\n').Where(l => l.Length > 0)]);
    }

    private static async Task<(List<string> Lines, Exception? Error)> ReadBrokenAsync(SandboxClient client, JsonObject task)
    {
        using var response = await PostAsync(client, task, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var lines = new List<string>();
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lines.Add(line);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (lines, e);
        }

        return (lines, null);
    }

    private static List<JsonObject> Data(IEnumerable<string> lines) =>
        [.. lines.Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!.AsObject())];

    private static string Joined(List<JsonObject> data, int? index = null) =>
        string.Concat(data.Where(d => index is null || (int)d["resultIndex"]! == index).Select(d => (string?)d["delta"]?["text"]));
}
