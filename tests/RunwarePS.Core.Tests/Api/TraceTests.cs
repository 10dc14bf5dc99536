using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

public sealed class TraceTests
{
    private static readonly string s_picture = Convert.ToBase64String(Pictures.Jpeg());

    [Fact]
    public async Task Each_request_is_one_line_with_its_task_and_status()
    {
        using var handler = new ScriptedHandler(Talk.Envelope());
        var trace = new RecordedTrace(wantsBody: false);
        await Talk.Client(handler, trace).AskAsync(Talk.A, Talk.B);

        var line = trace.Lines.ShouldHaveSingleItem();
        line.ShouldStartWith("POST https://api.example.test/v1 imageInference × 2 ");
        line.ShouldContain(Talk.A.ToString());
        line.ShouldContain(Talk.B.ToString());
        line.ShouldContain(": 200 in ");
        line.ShouldNotContain("\n");
    }

    [Fact]
    public async Task Bodies_are_traced_only_where_they_are_wanted()
    {
        using var handler = new ScriptedHandler(Talk.Envelope());
        var trace = new RecordedTrace(wantsBody: false);
        await Talk.Client(handler, trace).AskAsync(Talk.A);

        trace.Bodies.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_body_sent_and_the_body_received_are_traced_in_that_order()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(Talk.Item(Talk.A)));
        var trace = new RecordedTrace();
        await Talk.Client(handler, trace).AskAsync(Talk.A);

        trace.Bodies.Count.ShouldBe(2);
        JsonNode.Parse(trace.Bodies[0])![0]!["positivePrompt"]!.GetValue<string>().ShouldBe("a heron on a tin roof");
        JsonNode.Parse(trace.Bodies[1])!["data"]![0]!["imageURL"]!.GetValue<string>().ShouldBe("https://im.example.test/1.jpg");
    }

    [Fact]
    public async Task Image_data_is_replaced_by_its_length()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(
            $$"""{"taskUUID":"{{Talk.A}}","imageBase64Data":"{{s_picture}}"},{"taskUUID":"{{Talk.A}}","imageDataURI":"data:image/jpeg;base64,{{s_picture}}"}"""));
        var trace = new RecordedTrace();
        var task = Talk.Task(Talk.A);
        task["inputs"] = new JsonObject { ["referenceImages"] = new JsonArray("https://example.test/fox.jpg", s_picture, "data:image/png;base64,AAAA") };
        await Talk.Client(handler, trace).SendAsync([task], CancellationToken.None);

        var beginning = s_picture[..40];
        trace.Bodies.ShouldAllBe(b => !b.Contains(beginning, StringComparison.Ordinal));
        var references = JsonNode.Parse(trace.Bodies[0])![0]!["inputs"]!["referenceImages"]!.AsArray().Select(n => n!.GetValue<string>()).ToArray();
        references[0].ShouldBe("https://example.test/fox.jpg");
        references[1].ShouldBe($"<{s_picture.Length} characters>");
        references[2].ShouldBe("<26 characters>");
    }

    [Fact]
    public async Task Signed_urls_are_traced_without_their_query()
    {
        using var handler = new ScriptedHandler(Talk.Envelope());
        var trace = new RecordedTrace();
        var task = Talk.Task(Talk.A);
        task["webhookURL"] = "https://hook.example.test/in?token=hush-1";
        task["uploadEndpoint"] = "https://bucket.example.test/a.jpg?X-Sig=hush-2";
        await Talk.Client(handler, trace).SendAsync([task], CancellationToken.None);

        trace.Bodies[0].ShouldNotContain("hush");
        trace.Bodies[0].ShouldContain("https://hook.example.test/in");
        trace.Bodies[0].ShouldContain("https://bucket.example.test/a.jpg");
        handler.Request.Body.ShouldContain("hush-1", customMessage: "what is sent is whole");
    }

    [Fact]
    public async Task A_long_prompt_is_traced_in_words()
    {
        var prompt = string.Join(' ', Enumerable.Repeat("willow", 100));
        using var handler = new ScriptedHandler(Talk.Envelope());
        var trace = new RecordedTrace();
        await Talk.Client(handler, trace).SendAsync([Talk.Task(Talk.A, prompt)], CancellationToken.None);

        trace.Bodies[0].ShouldContain(prompt);
    }

    [Theory]
    [InlineData("""{"data":[ITEM],"note":1,"note":2}""")]
    [InlineData("""{"data":[ITEM],"note":"\ud800"}""")]
    [InlineData("""{"data":[ITEM],"\ud800":"note"}""")]
    [InlineData("\uFEFF" + """{"data":[ITEM]}""")]
    [InlineData("""{"data":[ITEM],}""")]
    [InlineData("""{"data":[ITEM]} and then some""")]
    [InlineData("""{"data":[ITEM],"deep":DEEP}""")]
    public async Task Listening_never_costs_a_result(string body)
    {
        body = body.Replace("ITEM", Talk.Item(Talk.A), StringComparison.Ordinal)
            .Replace("DEEP", new string('[', 100) + new string(']', 100), StringComparison.Ordinal);
        using var handler = new ScriptedHandler(body);
        var replies = await Talk.Client(handler, new RecordedTrace()).AskAsync(Talk.A);

        replies.Of(Talk.A).Items.Count.ShouldBe(1);
    }
}
