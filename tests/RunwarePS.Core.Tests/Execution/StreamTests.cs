using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Text streams: one request, what arrived is kept, and what is lost is asked for before anything is sent again.</summary>
public sealed class StreamTests
{
    private const string Done = "data: [DONE]\n\n";

    private readonly List<RunwareTextDelta> _deltas = [];

    private string Text => string.Concat(_deltas.Select(d => d.Text));

    [Fact]
    public async Task Pieces_are_passed_on_and_the_whole_is_one_result()
    {
        using var rig = new Rig(_ => Stream(": hi\n" + Piece("reasoningContent", "Hm.") + Piece("text", "Hel") + Piece("text", "lo") + Event("\"finishReason\":\"stop\"") + Event("\"usage\":{\"totalTokens\":7},\"cost\":0.002") + Event("\"cost\":0") + Done));
        var task = Chat();

        var result = await StreamAsync(rig, task);

        _deltas.Select(d => (d.TaskUuid, d.ResultIndex, d.Text, d.ReasoningContent)).ShouldBe(
            [(task.TaskUuid, 0, null, "Hm."), (task.TaskUuid, 0, "Hel", null), (task.TaskUuid, 0, "lo", null)]);
        var text = result.Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>();
        (text.Text, text.ReasoningContent, text.FinishReason, text.Cost, text.Model).ShouldBe(("Hello", "Hm.", "stop", 0.002m, "x:1@1"));
        text.Usage!["totalTokens"].ShouldBe(7L);
        result.Failures.ShouldBeEmpty();
        rig.Api.Calls.ShouldHaveSingleItem().Tasks.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(0.002m);
    }

    [Fact]
    public async Task Texts_of_one_task_alternate()
    {
        using var rig = new Rig(_ => Stream(
            Piece("text", "a", 0) + Piece("text", "1", 1) + Piece("text", "b", 0) + Event("\"resultIndex\":1,\"finishReason\":\"stop\",\"cost\":0.001")
            + Piece("text", "c", 0) + Event("\"finishReason\":\"length\",\"cost\":0.003") + Done));

        var result = await StreamAsync(rig, Chat(count: 2));

        result.Outputs.Cast<RunwareText>().Select(t => (t.Index, t.Text, t.FinishReason, t.Cost)).ShouldBe([(0, "abc", "length", 0.003m), (1, "1", "stop", 0.001m)]);
        _deltas.Select(d => d.ResultIndex).ShouldBe([0, 1, 0, 0]);
    }

    [Theory]
    [InlineData("{\"data\":{\"delta\":{\"text\":\"x\"},\"finishReason\":\"stop\"}}")]
    [InlineData("{\"data\":[{\"delta\":{\"text\":\"x\"}},{\"finishReason\":\"stop\"}]}")]
    [InlineData("{\"delta\":{\"text\":\"x\"},\"finishReason\":\"stop\",\"errors\":[],\"error\":null}")]
    [InlineData("{\"delta\":{\"text\":\"x\"},\"finishReason\":\"stop\",\"cost\":\"much\",\"resultIndex\":\"one\"}")]
    public async Task Events_of_other_shapes_are_read(string json)
    {
        using var rig = new Rig(_ => Stream($"data: {json}\n{Done}"));

        (await StreamAsync(rig, Chat())).Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>().Text.ShouldBe("x");
        Text.ShouldBe("x");
    }

    [Fact]
    public async Task Characters_that_are_split_are_whole_again()
    {
        using var rig = new Rig(_ => Stream("data: {\"delta\":{\"text\":\"a\\ud83d\"}}\ndata: {\"delta\":{\"text\":\"\\ude00b\"},\"finishReason\":\"stop\"}\n" + Done));

        var result = await StreamAsync(rig, Chat());

        ((RunwareText)result.Outputs[0]).Text.ShouldBe("a😀b");
        _deltas.Select(d => d.Text).ShouldBe(["a", "😀b"]);
    }

    [Theory]
    [InlineData("The key is secret-key, they say.", "The key is ***, they say.")]
    [InlineData("secsecret-keysecret", "sec***secret")]
    [InlineData("signed?token=a%20hidden-token&x=1!", "signed?***!")]
    [InlineData("a hidden-token, and a hidden tok", "***, and a hidden tok")]
    [InlineData("a hidden-token&x=1a hidden-toka", "***&x=1a hidden-toka")]
    [InlineData("😀secret-k😀", "😀secret-k😀")]
    public void A_secret_is_hidden_however_it_is_split(string text, string visible)
    {
        var task = Chat();
        task.Body["webhookURL"] = "https://hooks.example/x?token=a%20hidden-token&x=1";
        for (var (first, second) = (1, 1); first < text.Length; (first, second) = second < text.Length ? (first, second + 1) : (first + 1, first + 1))
        {
            var stream = new StreamedText(task.TaskUuid, expected: 1, Secrets.Of(ApiKey.From("secret-key"), [task.Body]));
            string[] pieces = [text[..first], text[first..second], text[second..]];

            var deltas = pieces.SelectMany(piece => stream.Add(Encoding.UTF8.GetBytes($"{{\"delta\":{{\"text\":{Json(piece)},\"reasoningContent\":{Json(piece)}}}}}"))).Concat(stream.Rest()).ToArray();

            string.Concat(deltas.Select(d => d.Text)).ShouldBe(visible, string.Join('|', pieces));
            string.Concat(deltas.Select(d => d.ReasoningContent)).ShouldBe(visible, string.Join('|', pieces));
        }

        static string Json(string piece) => "\"" + string.Concat(piece.Select(c => $"\\u{(int)c:x4}")) + "\"";
    }

    [Fact]
    public async Task What_was_held_back_comes_when_the_stream_breaks_off()
    {
        using var rig = new Rig(_ => Stream(Piece("text", "one sec") + Piece("text", "ret", 1)));

        var result = await StreamAsync(rig, Chat(count: 2));

        _deltas.Select(d => (d.ResultIndex, d.Text)).ShouldBe([(0, "one "), (0, "sec"), (1, "ret")], ignoreOrder: true);
        result.Failures.ShouldHaveSingleItem().AdditionalData["text"].ShouldBe((string[])["one sec", "ret"]);
    }

    [Fact]
    public async Task Unknown_fields_are_kept_and_lists_are_joined()
    {
        using var rig = new Rig(_ => Stream(
            "data: {\"delta\":{\"toolCalls\":[{\"id\":1}]}}\ndata: {\"delta\":{\"toolCalls\":[{\"id\":2}]},\"thoughtSignature\":\"s\",\"finishReason\":\"tool_calls\"}\n" + Done));

        var text = (await StreamAsync(rig, Chat())).Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>();

        text.AdditionalData["thoughtSignature"].ShouldBe("s");
        ((object[])text.AdditionalData["toolCalls"]!).Length.ShouldBe(2);
        text.Text.ShouldBe("");
    }

    [Fact]
    public async Task A_stream_that_ends_after_every_reason_is_complete()
    {
        using var rig = new Rig(_ => Stream(Piece("text", "x") + Event("\"finishReason\":\"stop\",\"cost\":0.001")));
        var task = Chat();

        (await StreamAsync(rig, task)).Failures.ShouldBeEmpty();

        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Theory]
    [InlineData("", ErrorCodes.ConnectionFailed)]
    [InlineData("data: {\"delta\":{\"te\n", ErrorCodes.UnreadableReply)]
    [InlineData("data: nonsense\n", ErrorCodes.UnreadableReply)]
    public async Task A_stream_that_breaks_off_is_one_error_with_what_arrived(string end, string code)
    {
        using var rig = new Rig(_ => Stream(Piece("reasoningContent", "Hm") + Piece("text", "Once ") + Piece("text", "upon") + end));
        var task = Chat();

        var result = await StreamAsync(rig, task);

        result.Outputs.ShouldBeEmpty();
        var failure = result.Failures.ShouldHaveSingleItem();
        (failure.Code, failure.TaskUuid).ShouldBe((code, task.TaskUuid));
        failure.AdditionalData["text"].ShouldBe("Once upon");
        failure.AdditionalData["reasoningContent"].ShouldBe("Hm");
        rig.Api.Calls.ShouldHaveSingleItem();
        var row = await rig.RowAsync(task.TaskUuid);
        (row.Status, row.IsOwned).ShouldBe((RunwareTaskStatus.Submitted, false));
    }

    [Fact]
    public async Task What_is_whole_is_a_result_beside_what_broke_off()
    {
        using var rig = new Rig(_ => Stream(Piece("text", "a", 0) + Piece("text", "b", 1) + Event("\"resultIndex\":1,\"finishReason\":\"stop\",\"cost\":0.001")));

        var result = await StreamAsync(rig, Chat(count: 2));

        result.Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>().Text.ShouldBe("b");
        result.Failures.ShouldHaveSingleItem().AdditionalData["text"].ShouldBe("a");
    }

    [Theory]
    [InlineData("\"errors\":[{\"code\":\"providerError\",\"message\":\"Gone.\"}]")]
    [InlineData("\"error\":{\"code\":\"providerError\",\"message\":\"Gone.\"}")]
    public async Task An_error_in_the_middle_is_one_failure_with_what_arrived_and_ends_the_task(string error)
    {
        using var rig = new Rig(_ => Stream(Piece("text", "Once") + Event(error) + Piece("text", "never") + Done));
        var task = Chat();

        var result = await StreamAsync(rig, task);

        var failure = result.Failures.ShouldHaveSingleItem();
        (failure.ErrorId, failure.TaskUuid, failure.Category).ShouldBe(("Runware.providerError", task.TaskUuid, RunwareErrorCategory.Provider));
        failure.AdditionalData["text"].ShouldBe("Once");
        Text.ShouldBe("Once");
        rig.Api.Calls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Fact]
    public async Task What_names_another_task_reports_nothing_of_this_one()
    {
        var other = Guid.NewGuid();
        using var rig = new Rig(_ => Stream(
            $"data: {{\"errors\":[{{\"code\":\"x\",\"taskUUID\":\"{other}\"}}]}}\ndata: {{\"taskUUID\":\"{other}\",\"delta\":{{\"text\":\"no\"}}}}\n"
            + Piece("text", "yes") + Event("\"finishReason\":\"stop\"") + Done));

        var result = await StreamAsync(rig, Chat());

        result.Failures.ShouldBeEmpty();
        Text.ShouldBe("yes");
    }

    [Theory]
    [InlineData(400, "{\"errors\":[{\"code\":\"invalidModel\",\"message\":\"No.\",\"taskUUID\":\"ID\"}]}", "invalidModel")]
    [InlineData(401, "{\"error\":{\"code\":\"invalidApiKey\",\"message\":\"No.\"},\"taskUUID\":\"ID\",\"taskType\":\"textInference\"}", "invalidApiKey")]
    public async Task An_error_before_the_stream_refuses_the_task(int status, string body, string code)
    {
        var task = Chat();
        using var rig = new Rig(_ => Json(status, body.Replace("ID", task.TaskUuid.ToString("D"), StringComparison.Ordinal)));

        RunwareException? thrown = null;
        TaskResult? result = null;
        try
        {
            result = await StreamAsync(rig, task);
        }
        catch (RunwareException e)
        {
            thrown = e;
        }

        (thrown ?? result!.Failures.Single()).Code.ShouldBe(code);
        rig.Api.Calls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Fact]
    public async Task A_server_that_does_not_stream_gives_its_result_all_the_same()
    {
        using var rig = new Rig(call => Json(200, $$"""{"data":[{"taskType":"textInference","taskUUID":"{{call.Id}}","text":"whole","cost":0.001}]}"""));

        ((RunwareText)(await StreamAsync(rig, Chat())).Outputs.Single()).Text.ShouldBe("whole");
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_later_under_the_same_id()
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Status(429, retryAfter: "2") : Stream(Piece("text", "x") + Event("\"finishReason\":\"stop\"") + Done));

        (await StreamAsync(rig, Chat())).Failures.ShouldBeEmpty();

        rig.Api.Calls.Select(c => c.Id).Distinct().ShouldHaveSingleItem();
        rig.Api.Calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("getResponse")]
    [InlineData("getTaskDetails")]
    public async Task What_was_lost_before_anything_arrived_is_asked_for_and_not_sent_again(string found)
    {
        using var rig = new Rig(call => (string?)call.Tasks[0]["taskType"] switch
        {
            "textInference" => throw new HttpRequestException("reset", new IOException("reset")),
            var type when type != found => Json(200, "{\"data\":[]}"),
            "getResponse" => Json(200, $"{{\"data\":[{Whole(call.Id)}]}}"),
            _ => Json(200, Details(call.Id)),
        });
        var task = Chat();

        var result = await StreamAsync(rig, task);

        var text = result.Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>();
        (text.Text, text.Cost, text.Prompt).ShouldBe(("whole", 0.001m, task.Prompt));
        rig.Api.Calls.Count(c => (string?)c.Tasks[0]["taskType"] == "textInference").ShouldBe(1);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task What_the_api_does_not_know_is_sent_again_under_its_id()
    {
        using var rig = new Rig(call => (string?)call.Tasks[0]["taskType"] switch
        {
            "textInference" when call.Number > 0 => Stream(Piece("text", "x") + Event("\"finishReason\":\"stop\"") + Done),
            "textInference" => Stream(": nothing but a comment\n"),
            "getResponse" => Json(200, "{\"data\":[]}"),
            _ => Json(400, $$"""{"errors":[{"code":"taskNotFound","message":"No.","taskUUID":"{{call.Id}}"}]}"""),
        });

        (await StreamAsync(rig, Chat())).Outputs.ShouldHaveSingleItem();

        rig.Api.Calls.Select(c => (string?)c.Tasks[0]["taskType"]).ShouldBe(["textInference", "getResponse", "getTaskDetails", "textInference"]);
        rig.Api.Calls.Select(c => c.Id).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_conflict_on_the_repeat_means_accepted()
    {
        var repeats = 0;
        using var rig = new Rig(call => (string?)call.Tasks[0]["taskType"] switch
        {
            "textInference" when repeats++ > 0 => Say.Conflict(call),
            "textInference" => throw new HttpRequestException("reset", new IOException("reset")),
            "getResponse" when repeats > 1 => Json(200, $"{{\"data\":[{Whole(call.Id)}]}}"),
            _ => Json(200, "{\"data\":[]}"),
        });

        ((RunwareText)(await StreamAsync(rig, Chat())).Outputs.Single()).Text.ShouldBe("whole");
    }

    [Fact]
    public async Task A_text_that_broke_off_is_received_from_the_details()
    {
        using var rig = new Rig(call => (string?)call.Tasks[0]["taskType"] switch
        {
            "textInference" => Stream(Piece("text", "who")),
            "getResponse" => Json(200, "{\"data\":[]}"),
            _ => Json(200, Details(call.Id)),
        });
        var task = Chat();
        await StreamAsync(rig, task);

        var received = await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None);

        received.Output.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>().Text.ShouldBe("whole");
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(0.001m);
    }

    [Fact]
    public async Task A_stop_ends_the_reading_at_once_and_the_journal_has_the_task()
    {
        using var rig = new Rig(_ => Stream(new Endless(Encoding.UTF8.GetBytes(Piece("text", "x")))));
        using var stop = new CancellationTokenSource();
        var task = Chat();

        var running = rig.Delivery.StreamAsync(task, _ =>
        {
            stop.Cancel();
            return ValueTask.CompletedTask;
        }, stop.Token);

        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(10)));
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    [Fact]
    public async Task The_time_limit_of_the_call_keeps_what_arrived()
    {
        using var rig = new Rig(_ => Stream(new Endless(Encoding.UTF8.GetBytes(Piece("text", "x")))), timeout: TimeSpan.FromMilliseconds(300));

        var failure = (await StreamAsync(rig, Chat())).Failures.ShouldHaveSingleItem();

        failure.Code.ShouldBe(ErrorCodes.RequestTimeout);
        failure.AdditionalData["text"].ShouldBe("x");
    }

    [Fact]
    public void A_stream_is_resumed_without_a_stream()
    {
        var task = Chat();

        TaskRequest.Resumed(task.Body, task.Metadata).Body.Text("deliveryMethod").ShouldBe("async");
    }

    private static string Whole(Guid id) => $$"""{"taskType":"textInference","taskUUID":"{{id}}","status":"success","text":"whole","finishReason":"stop","cost":0.001}""";

    private static string Details(Guid id) =>
        $"{{\"data\":[{{\"taskType\":\"getTaskDetails\",\"taskUUID\":\"{id}\",\"request\":[{{}}],\"response\":{{\"data\":[{Whole(id)}]}}}}]}}";

    private static string Piece(string field, string text, int? index = null) =>
        Event($"{(index is { } i ? $"\"resultIndex\":{i}," : "")}\"delta\":{{\"{field}\":\"{text}\"}},\"finishReason\":null");

    private static string Event(string fields) => $"data: {{{fields}}}\n\n";

    private static TaskRequest Chat(int? count = null)
    {
        var body = new JsonObject
        {
            ["taskType"] = "textInference", ["taskUUID"] = Guid.NewGuid().ToString("D"), ["model"] = "x:1@1", ["deliveryMethod"] = "stream",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
        };
        if (count is not null)
        {
            body["numberResults"] = count;
        }

        return new TaskRequest(body);
    }

    private static HttpResponseMessage Json(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Stream(string text) => Stream(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static HttpResponseMessage Stream(Stream stream) =>
        new(HttpStatusCode.OK) { Content = new StreamContent(stream) { Headers = { ContentType = new MediaTypeHeaderValue("text/event-stream") } } };

    private Task<TaskResult> StreamAsync(Rig rig, TaskRequest task) => rig.Delivery.StreamAsync(task, delta =>
    {
        _deltas.Add(delta);
        return ValueTask.CompletedTask;
    }, CancellationToken.None);

    /// <summary>A stream that stays open after what it has.</summary>
    private sealed class Endless(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
