using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Polls: what a response says of a task, and what it does not.</summary>
public sealed class PollTests
{
    public static TheoryData<string, string> Failures
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var code in new[] { "timeoutProvider", "invalidProviderContent", "providerRateLimitExceeded", "insufficientCredits", "providerAuthenticationFailed", "internalServerError" })
            {
                cases.Add("errors", code);
                cases.Add("http 400", code);
                cases.Add("data", code);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_is_understood_in_each_of_its_spellings(string spelling, string code)
    {
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call) : spelling switch
        {
            "errors" => Say.Reply([], Say.Failure(code, call.Id, withStatus: true)),
            "http 400" => Say.Reply(400, [], Say.Failure(code, call.Id, withStatus: true)),
            _ => Say.Reply([Nested(call.Id, code)]),
        });
        var task = Some.Task();

        var result = await rig.RunAsync(task);

        result.Images.ShouldBeEmpty();
        var failure = result.Failures.ShouldHaveSingleItem();
        failure.Code.ShouldBe(code);
        failure.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Polls.ShouldHaveSingleItem();
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Failed);
        row.Failures.ShouldHaveSingleItem().Code.ShouldBe(code);
        (await rig.Journal.SpendAsync(null, null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_error_as_text_in_an_item_is_a_failure()
    {
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call) : Say.Reply([With(Say.Accepted(call.Id), ("status", "error"), ("error", "It broke."))]));

        var failure = (await rig.RunAsync(Some.Task())).Failures.ShouldHaveSingleItem();

        failure.Message.ShouldBe("It broke.");
        failure.Code.ShouldBe("taskFailed");
    }

    [Theory]
    [InlineData("429")]
    [InlineData("408")]
    [InlineData("500")]
    [InlineData("502")]
    [InlineData("503")]
    [InlineData("504")]
    [InlineData("network")]
    [InlineData("unreadable")]
    [InlineData("named 429")]
    [InlineData("named 500")]
    [InlineData("named 503")]
    public async Task A_refused_poll_reports_nothing_of_the_task(string how)
    {
        using var rig = new Rig(call => !call.IsPoll || call.Number > 3 ? Say.Yes(call) : how switch
        {
            "network" => throw new HttpRequestException("The connection was reset."),
            "unreadable" => Say.Status(200, "<html/>"),
            "named 429" => Say.Error(429, "rateLimitExceeded", call.Id),
            "named 500" => Say.Error(500, "internalServerError", call.Id),
            "named 503" => Say.Error(503, "serviceUnavailable", call.Id),
            _ => Say.Status(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture), "<html/>"),
        });
        var task = Some.Task();

        var result = await rig.RunAsync(task);

        result.Failures.ShouldBeEmpty();
        result.Images.ShouldHaveSingleItem();
        rig.Api.Submits.ShouldHaveSingleItem();
        rig.Api.Polls.Count.ShouldBe(4);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task A_refused_poll_that_names_a_time_is_not_repeated_before()
    {
        using var rig = new Rig(call => call.IsPoll && call.Number == 1 ? Say.Status(503, retryAfter: "90") : Say.Yes(call));

        await rig.RunAsync(Some.Task());

        (rig.Api.Polls[1].At - rig.Api.Polls[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(90));
    }

    [Theory]
    [InlineData(401, "invalidApiKey", true)]
    [InlineData(401, "invalidApiKey", false)]
    [InlineData(403, "forbidden", true)]
    [InlineData(401, null, false)]
    public async Task A_poll_without_a_valid_key_ends_with_that_and_leaves_the_task(int status, string? code, bool named)
    {
        var refuse = true;
        using var rig = new Rig(call => !call.IsPoll || !refuse ? Say.Yes(call)
            : code is null ? Say.Status(status) : Say.Error(status, code, named ? call.Id : null));
        var task = Some.Task();

        var error = await rig.FailAsync(task);

        error.Category.ShouldBe(RunwareErrorCategory.Authentication);
        error.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Polls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);

        refuse = false;
        var view = await rig.Receiver.WaitAsync(new RunwareTask { TaskUuid = task.TaskUuid }, null, null, null, CancellationToken.None);
        view.Image.ShouldHaveSingleItem().Prompt.ShouldBe(task.Prompt);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task Nothing_is_reported_of_a_task_that_starts()
    {
        using var rig = new Rig(call => call is { IsPoll: true, Number: < 5 } ? Say.Reply([]) : Say.Yes(call));

        (await rig.RunAsync(Some.Task())).Images.ShouldHaveSingleItem();

        rig.Api.Polls.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Silence_for_ever_ends_in_a_timeout_that_names_the_task()
    {
        using var rig = new Rig(_ => Say.Reply([]));
        var id = Guid.NewGuid();
        var start = rig.Time.GetUtcNow();

        var error = await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(id, expected: 1, TimeSpan.FromMinutes(5), interval: null, progress: null, CancellationToken.None));

        error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        error.TaskUuid.ShouldBe(id);
        error.IsTransient.ShouldBeTrue();
        (rig.Time.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        rig.Api.Polls.Count.ShouldBeInRange(20, 80);
    }

    [Fact]
    public async Task Without_a_timeout_polling_ends_after_twenty_minutes()
    {
        using var rig = new Rig(call => Say.Reply([Say.Working(call.Id)]));
        var start = rig.Time.GetUtcNow();

        await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), null, timeout: null, interval: null, progress: null, CancellationToken.None));

        (rig.Time.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(20) + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_timeout_reports_how_the_last_question_was_refused()
    {
        using var rig = new Rig(_ => Say.Status(502, "<h1>gateway</h1>"));

        var error = await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, TimeSpan.FromSeconds(30), null, null, CancellationToken.None));

        error.InnerException.ShouldBeOfType<RunwareException>().StatusCode.ShouldBe(502);
        error.Message.ShouldContain("502");
    }

    [Fact]
    public async Task The_time_limit_ends_though_the_server_asks_for_an_hour_of_quiet()
    {
        using var rig = new Rig(_ => Say.Status(429, retryAfter: "3600"));
        var start = rig.Time.GetUtcNow();

        var error = await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, TimeSpan.FromMinutes(1), null, null, CancellationToken.None));

        error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        (rig.Time.GetUtcNow() - start).ShouldBeLessThan(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Of_a_task_in_silence_the_journal_knows_that_it_was_accepted()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([]) : Say.Yes(call));
        var task = await rig.StartAsync(Some.Task());

        (await rig.Receiver.AskAsync(new RunwareTask { TaskUuid = task.TaskUuid }, CancellationToken.None)).Status.ShouldBe(RunwareTaskStatus.Submitted);
        (await rig.Receiver.AskAsync(new RunwareTask { TaskUuid = Guid.NewGuid() }, CancellationToken.None)).Status.ShouldBe(RunwareTaskStatus.Unknown);
    }

    [Fact]
    public async Task Polls_begin_early_and_grow_to_a_cap()
    {
        using var rig = new Rig(call => Say.Reply([Say.Working(call.Id)]));

        await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, TimeSpan.FromMinutes(10), null, null, CancellationToken.None));

        var waits = rig.Time.Waits;
        waits[0].ShouldBeInRange(TimeSpan.FromMilliseconds(100 * 0.85), TimeSpan.FromMilliseconds(500)); // 15 % early at the most
        waits.ShouldAllBe(w => w <= TimeSpan.FromSeconds(17.5));
        waits.SkipLast(1).TakeLast(5).ShouldAllBe(w => w >= TimeSpan.FromSeconds(8.5));
    }

    [Fact]
    public async Task An_interval_is_kept_to()
    {
        using var rig = new Rig(call => Say.Reply([Say.Working(call.Id)]));

        await Should.ThrowAsync<RunwareException>(() => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(4), null, CancellationToken.None));

        rig.Time.Waits.SkipLast(1).ShouldAllBe(w => w >= TimeSpan.FromSeconds(3.4) && w <= TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Images_that_are_ready_wait_for_those_in_work()
    {
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call)
            : call.Number < 3 ? Say.Reply([Say.Picture(call.Id), Say.Working(call.Id, 40)])
            : Say.Reply([Say.Picture(call.Id), Say.Picture(call.Id, 1)]));
        var task = Some.Task(count: 2);
        var heard = new List<TaskResult>();
        await rig.StartAsync(task);

        var result = await rig.Delivery.Poller.WaitAsync(task.TaskUuid, 2, null, null, new Heard(heard), CancellationToken.None);

        result.Images.Select(i => i.Index).ShouldBe([0, 1]);
        rig.Api.Polls.Count.ShouldBe(3);
        heard.Count.ShouldBe(2);
        heard.ShouldAllBe(h => h.Progress == 40 && h.Status == RunwareTaskStatus.Processing && h.Images.Count == 1);
    }

    [Fact]
    public async Task A_failed_image_costs_the_others_nothing()
    {
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call)
            : call.Number < 3 ? Say.Reply([Say.Working(call.Id)], Say.Failure("invalidProviderContent", call.Id, withStatus: true))
            : Say.Reply([Say.Picture(call.Id), Say.Picture(call.Id, 1)], Say.Failure("invalidProviderContent", call.Id, withStatus: true)));
        var task = Some.Task(count: 3);

        var result = await rig.RunAsync(task);

        result.Images.Count.ShouldBe(2);
        result.Failures.ShouldHaveSingleItem().Code.ShouldBe("invalidProviderContent");
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.PartiallySucceeded);
        row.Images.Count.ShouldBe(2);
        row.Failures.ShouldHaveSingleItem();
        var spend = (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem();
        spend.Count.ShouldBe(2);
        spend.Cost.ShouldBe(Some.Price * 2);
    }

    [Fact]
    public async Task Fewer_images_than_asked_for_end_with_an_error_for_the_rest()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([Say.Picture(call.Id), Say.Picture(call.Id, 1)]) : Say.Yes(call));
        var task = Some.Task(count: 3);

        var result = await rig.RunAsync(task);

        result.Images.Count.ShouldBe(2);
        var failure = result.Failures.ShouldHaveSingleItem();
        failure.Code.ShouldBe(ErrorCodes.UnreadableReply);
        failure.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Polls.Count.ShouldBeInRange(2, 10);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.PartiallySucceeded);
    }

    [Fact]
    public async Task Fewer_images_than_asked_for_end_the_task_in_the_journal_too()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([Say.Picture(call.Id), Say.Picture(call.Id, 1)]) : Say.Yes(call));
        var task = await rig.StartAsync(Some.Task(count: 3));

        var view = await rig.Receiver.WaitAsync(task, null, null, null, CancellationToken.None);

        view.Image.Length.ShouldBe(2);
        var row = await rig.RowAsync(task.TaskUuid);
        row.HasEnded.ShouldBeTrue();
        row.Images.Count.ShouldBe(2);
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(null)]
    public async Task A_response_that_breaks_off_after_some_images_is_asked_for_again(int? expected)
    {
        using var rig = new Rig(call =>
        {
            var pictures = Enumerable.Range(0, 4).Select(i => Say.Picture(call.Id, i)).ToArray<JsonNode>();
            var whole = new JsonObject { ["data"] = new JsonArray(pictures) }.ToJsonString();
            return Say.Status(200, call.Number == 0 ? whole[..(whole.Length / 2)] : whole);
        });

        var result = await rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), expected, null, null, null, CancellationToken.None);

        result.Images.Count.ShouldBe(4);
        result.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sync_response_with_fewer_images_is_asked_about()
    {
        using var rig = new Rig(call => Say.Reply([.. Enumerable.Range(0, call.IsPoll ? 3 : 1).Select(i => Say.Picture(call.Id, i))]));

        (await rig.RunAsync(Some.Task(async: false, count: 3))).Images.Count.ShouldBe(3);

        rig.Api.Submits.ShouldHaveSingleItem();
        rig.Api.Polls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task With_an_unknown_count_a_task_has_ended_when_nothing_is_in_work()
    {
        using var rig = new Rig(call => call.Number switch
        {
            0 => Say.Reply([]),
            1 => Say.Reply([Say.Picture(call.Id), Say.Working(call.Id)]),
            _ => Say.Reply([Say.Picture(call.Id), Say.Picture(call.Id, 1)]),
        });

        var result = await rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), expected: null, null, null, null, CancellationToken.None);

        result.Images.Count.ShouldBe(2);
        rig.Api.Polls.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Received_again_it_is_the_same_again_without_a_question()
    {
        using var rig = new Rig(Say.Yes);
        var task = await rig.StartAsync(Some.Task());
        var first = await rig.Receiver.WaitAsync(task, null, null, null, CancellationToken.None);
        var polls = rig.Api.Polls.Count;

        var again = await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None);

        again.Image.ShouldHaveSingleItem().ImageUuid.ShouldBe(first.Image[0].ImageUuid);
        again.Image[0].ImageUrl.ShouldBe(first.Image[0].ImageUrl);
        again.Cost.ShouldBe(first.Cost);
        rig.Api.Polls.Count.ShouldBe(polls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_that_quotes_a_signed_url_does_not_give_it_away(bool nested)
    {
        const string Message = "PUT https://bucket.example/fox.png?X-Signature=abcdef0123456789 answered 403.";
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call)
            : nested ? Say.Reply([With(Say.Accepted(call.Id), ("status", "error"), ("error", new JsonObject { ["code"] = "uploadFailed", ["message"] = Message }))])
            : Say.Reply([], Say.Failure("uploadFailed", call.Id, Message, withStatus: true)));
        var task = (Some.Request() with { UploadEndpoint = new Uri("https://bucket.example/fox.png?X-Signature=abcdef0123456789") }).ToTask();

        var result = await rig.RunAsync(task);

        result.Failures.ShouldHaveSingleItem().Message.ShouldNotContain("abcdef0123456789");
        (await rig.RowAsync(task.TaskUuid)).Failures.ShouldHaveSingleItem().Message.ShouldNotBeNull().ShouldNotContain("abcdef0123456789");
    }

    [Fact]
    public async Task A_task_that_the_server_has_forgotten_has_failed()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Error(404, "taskExpired", call.Id) : Say.Yes(call));

        (await rig.RunAsync(Some.Task())).Failures.ShouldHaveSingleItem().Category.ShouldBe(RunwareErrorCategory.NotFound);
    }

    private static JsonObject Nested(Guid id, string code) => With(Say.Accepted(id), ("status", "error"), ("error", new JsonObject { ["code"] = code, ["message"] = "No." }));

    private static JsonObject With(JsonObject item, params (string Key, JsonNode Value)[] more)
    {
        foreach (var (key, value) in more)
        {
            item[key] = value;
        }

        return item;
    }

    private sealed class Heard(List<TaskResult> heard) : IProgress<TaskResult>
    {
        public void Report(TaskResult value) => heard.Add(value);
    }
}
