using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Responses after which it isn't clear what became of a task that may be paid for.</summary>
public sealed class UnclearStateTests
{
    [Theory]
    [InlineData(400, true)]
    [InlineData(404, true)]
    [InlineData(400, false)]
    public async Task A_task_that_the_API_does_not_know_yet_is_polled_on(int status, bool isNamed)
    {
        using var rig = new Rig(call => call.IsPoll && call.Number < 3 ? Say.Error(status, "taskNotFound", isNamed ? call.Id : null) : Say.Yes(call));
        var task = Some.Task();

        (await rig.RunAsync(task)).Images.ShouldHaveSingleItem();

        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_task_that_stays_unknown_ends_with_the_time_limit_and_can_be_received()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Error(400, "taskNotFound", call.Id) : Say.Yes(call), timeout: TimeSpan.FromMinutes(1));
        var task = Some.Task();

        (await rig.FailAsync(task)).Code.ShouldBe(ErrorCodes.TaskTimeout);

        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
        (await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None))
            .Failure.ShouldBeEmpty();
        (await rig.Receiver.AskAsync(new RunwareTask { TaskUuid = Guid.NewGuid() }, CancellationToken.None)).Status.ShouldBe(RunwareTaskStatus.Unknown);
    }

    [Fact]
    public async Task Results_of_a_task_that_counted_as_failed_are_recorded_and_charged()
    {
        var isFailing = true;
        using var rig = new Rig(call => call.IsPoll && isFailing ? Say.Error(400, "providerError", call.Id) : Say.Yes(call));
        var task = Some.Task();
        (await rig.RunAsync(task)).Failures.ShouldHaveSingleItem();

        isFailing = false;
        await rig.Receiver.AskAsync(new RunwareTask { TaskUuid = task.TaskUuid }, CancellationToken.None);

        await rig.Journal.FlushAsync(CancellationToken.None);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
    }

    [Fact]
    public async Task A_504_with_an_error_of_the_task_is_its_failure_in_a_poll()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Error(504, "timeoutProvider", call.Id) : Say.Yes(call));
        var task = Some.Task();

        (await rig.RunAsync(task)).Failures.ShouldHaveSingleItem().Code.ShouldBe("timeoutProvider");

        rig.Api.Polls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Fact]
    public async Task A_504_with_an_error_of_the_task_is_its_failure_in_the_response_to_a_submit()
    {
        using var rig = new Rig(call => Say.Error(504, "timeoutProvider", call.Id));
        var task = Some.Task(async: false);

        (await rig.RunAsync(task)).Failures.ShouldHaveSingleItem().Code.ShouldBe("timeoutProvider");

        rig.Api.Submits.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Theory]
    [InlineData(504, false)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task Any_other_5xx_is_repeated_and_its_advice_is_to_resume(int status, bool isNamed)
    {
        using var rig = new Rig(call => Say.Error(status, "internalServerError", isNamed ? call.Id : null), maxRetryCount: 1);
        var task = Some.Task(async: false);

        var failure = await rig.FailAsync(task);

        rig.Api.Submits.Count.ShouldBe(2);
        (await rig.RowAsync(task.TaskUuid)).HasEnded.ShouldBeFalse();
        failure.RecommendedAction.ShouldContain($"Resume-RunwareTask {task.TaskUuid}");
    }

    [Fact]
    public async Task One_error_for_a_task_of_several_results_ends_it_in_the_journal()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Error(400, "providerError", call.Id) : Say.Yes(call));
        var task = await rig.StartAsync(Some.Task(count: 3));

        var ended = await rig.Receiver.WaitAsync(task, timeout: null, interval: null, progress: null, CancellationToken.None);

        ended.CompletedAt.ShouldNotBeNull();
        await rig.Journal.FlushAsync(CancellationToken.None);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Fact]
    public async Task Results_in_the_response_survive_if_the_others_do_not_come_in_time()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([]) : Say.Reply([Say.Picture(call.Id)]), timeout: TimeSpan.FromMinutes(1));
        var task = Some.Task(async: false, count: 2);

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem().Prompt.ShouldBe("A fox in the snow");
        result.Failures.ShouldHaveSingleItem().Code.ShouldBe(ErrorCodes.TaskTimeout);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    [Fact]
    public async Task A_recorded_task_has_the_position_and_the_tag_of_the_call_that_returns_it()
    {
        using var rig = new Rig(Say.Yes);
        TaskRequest Task(int position, string? tag) => new(Some.Task(async: false).Body.DeepClone().AsObject()) { InputIndex = position, Tag = tag };
        var id = new DeterministicTaskId("night run");
        await rig.RunAsync(Task(0, "first").WithId(id));

        var again = (await rig.RunAsync(Task(5, "second").WithId(new DeterministicTaskId("night run")))).Images.ShouldHaveSingleItem();
        var untagged = (await rig.RunAsync(Task(6, null).WithId(new DeterministicTaskId("night run")))).Images.ShouldHaveSingleItem();

        rig.Api.Submits.ShouldHaveSingleItem();
        (again.InputIndex, again.Tag).ShouldBe((5, "second"));
        (untagged.InputIndex, untagged.Tag).ShouldBe((6, "first"));
    }

    [Fact]
    public async Task Whether_the_cost_is_asked_for_does_not_make_another_task()
    {
        using var rig = new Rig(Say.Yes);
        var without = Some.Task(async: false).Body.DeepClone().AsObject();
        without.Remove("includeCost");

        await rig.RunAsync(Some.Task(async: false).WithId(new DeterministicTaskId("night run")));
        await rig.RunAsync(new TaskRequest(without).WithId(new DeterministicTaskId("night run")));

        rig.Api.Submits.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Uploads_count_for_the_time_limit_of_their_task()
    {
        using var rig = new Rig(async call =>
        {
            await Task.Delay(Timeout.Infinite, call.Cancellation);
            return Say.Yes(call);
        }, timeout: TimeSpan.FromSeconds(1));
        var body = Some.Task().Body.DeepClone().AsObject();
        body["inputs"] = new JsonObject { ["video"] = MediaInput.UploadOf(new byte[] { 1, 2, 3 }).ToNode() };

        var failure = await Should.ThrowAsync<RunwareException>(() => rig.RunAsync(new TaskRequest(body)).WaitAsync(TimeSpan.FromSeconds(30)));

        failure.Code.ShouldBe(ErrorCodes.RequestTimeout);
        failure.TaskUuid.ShouldBe(new TaskRequest(body).TaskUuid);
    }

    [Theory]
    [InlineData(429, "rateLimitExceeded")]
    [InlineData(503, "serviceUnavailable")]
    public async Task A_utility_task_that_comes_at_a_bad_time_is_sent_again(int status, string code)
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Error(status, code, call.Id) : Say.Reply(
            [new JsonObject { ["taskType"] = "mediaStorage", ["taskUUID"] = call.Id.ToString("D"), ["operation"] = "upload", ["mediaUUID"] = Talk.B.ToString("D") }]));

        (await rig.Delivery.StoreAsync(MediaInput.UploadOf(new byte[] { 1, 2, 3 }), CancellationToken.None)).Uuid.ShouldBe(Talk.B);

        rig.Api.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_status_of_success_ends_a_task_even_without_an_output()
    {
        using var rig = new Rig(call => Say.Reply([With(Say.Accepted(call.Id), call.IsPoll)]));
        var task = Some.Task();

        (await rig.RunAsync(task)).Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareResult>();

        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Theory]
    [InlineData(25, 1, "https://im.example/new.jpg")]
    [InlineData(25, 2, "https://im.example/old.jpg")]
    [InlineData(23, 0, "https://im.example/old.jpg")]
    public async Task A_link_that_may_have_expired_is_asked_for_again(int hours, int polls, string expected)
    {
        var isNew = false;
        using var rig = new Rig(call => !call.IsPoll ? Say.Reply([Linked(call.Id, "old")])
            : polls == 1 && isNew ? Say.Reply([Linked(call.Id, "new")])
            : Say.Reply([]));
        var task = Some.Task(async: false);
        await rig.RunAsync(task);
        isNew = true;
        rig.Time.Advance(TimeSpan.FromHours(hours));

        var received = await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None);

        received.Image.ShouldHaveSingleItem().Url.ShouldBe(new Uri(expected));
        received.Prompt.ShouldBe("A fox in the snow");
        rig.Api.Polls.Count.ShouldBe(Math.Min(polls, 1));
    }

    private static JsonObject Linked(Guid id, string name)
    {
        var item = Say.Picture(id);
        item["imageURL"] = $"https://im.example/{name}.jpg";
        return item;
    }

    private static JsonObject With(JsonObject item, bool isDone)
    {
        if (isDone)
        {
            item["status"] = "success";
        }

        return item;
    }
}
