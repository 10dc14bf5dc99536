using System.Diagnostics;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>The time limit of a call holds for everything it waits for: pauses of any length, queues, requests and polls.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(200);

    /// <summary>Generous, for busy machines; far less than any pause below.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromSeconds(20);

    public static TheoryData<string> LongPauses =>
        ["3600", "4294968", "90000000", "2147483647", "99999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"];

    [Theory]
    [MemberData(nameof(LongPauses))]
    public async Task A_pause_beyond_the_limit_ends_every_task_that_waits(string retryAfter)
    {
        using var rig = new Rig(
            call => call.Number == 0 ? Say.Status(429, retryAfter: retryAfter) : Say.Yes(call),
            new FakeTime(), timeout: TimeSpan.FromMilliseconds(400), maxRetryCount: 0, maxConcurrency: 1);
        var errors = new List<RunwareException>();

        foreach (var task in Some.Tasks(3, async: false))
        {
            errors.AddRange(await FailureAsync(rig.RunAsync(task)));
        }

        errors.ShouldAllBe(e => e.Category == RunwareErrorCategory.RateLimit);
        errors.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_was_not_sent_during_a_pause_reports_it_and_can_be_resumed()
    {
        using var rig = new Rig(_ => Say.Status(429, retryAfter: "3600"), new FakeTime(), timeout: TimeSpan.FromSeconds(60));
        await rig.FailAsync(Some.Task());
        var task = Some.Task();

        var error = await rig.FailAsync(task).WaitAsync(s_promptly);

        error.TaskUuid.ShouldBe(task.TaskUuid);
        error.StatusCode.ShouldBe(429);
        error.Message.ShouldContain("wasn't sent");
        error.Message.ShouldContain("3600");
        rig.Api.Calls.ShouldHaveSingleItem();
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Pending);
        row.IsOwned.ShouldBeFalse();
        (await rig.RequestAsync(task.TaskUuid)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_a_limit_a_pause_of_an_hour_ends_the_waiting_tasks_like_the_first()
    {
        using var rig = new Rig(_ => Say.Status(429, retryAfter: "3600"), new FakeTime());
        await rig.FailAsync(Some.Task()).WaitAsync(s_promptly);

        (await rig.FailAsync(Some.Task()).WaitAsync(s_promptly)).Category.ShouldBe(RunwareErrorCategory.RateLimit);
    }

    [Fact]
    public async Task A_pause_within_the_limit_is_waited_for()
    {
        using var rig = new Rig(
            call => call.Number == 0 ? Say.Status(429, retryAfter: "30") : Say.Yes(call),
            timeout: TimeSpan.FromMinutes(2), maxRetryCount: 1);

        (await rig.RunAsync(Some.Task(async: false))).Images.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_queue_goes_on_after_a_task_that_could_not_wait()
    {
        var isBusy = true;
        using var rig = new Rig(
            call => isBusy ? Say.Status(429, retryAfter: "90000000") : Say.Yes(call), new FakeTime(), maxRetryCount: 0, maxConcurrency: 1);
        await rig.FailAsync(Some.Task());
        await rig.FailAsync(Some.Task()).WaitAsync(s_promptly);

        isBusy = false;
        rig.Time.Advance(TimeSpan.FromDays(1100));

        (await rig.RunAsync(Some.Task(async: false)).WaitAsync(s_promptly)).Images.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_task_that_waits_for_a_slot_leaves_the_queue_at_its_limit_and_is_not_sent()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var rig = new Rig(
            async call =>
            {
                await release.Task;
                return Say.Yes(call);
            },
            new FakeTime(), timeout: s_soon, maxConcurrency: 1);
        var first = rig.FailAsync(Some.Task("First", async: false));
        await Eventually.TrueAsync(() => rig.Api.Calls.Count == 1, "the slot is taken");
        var task = Some.Task("Second", async: false);

        var error = await rig.FailAsync(task).WaitAsync(s_promptly);

        error.Code.ShouldBe(ErrorCodes.RequestTimeout);
        error.Category.ShouldBe(RunwareErrorCategory.Timeout);
        error.Message.ShouldContain("wasn't sent");
        (await first.WaitAsync(s_promptly)).Message.ShouldNotContain("wasn't sent");
        release.SetResult();
        rig.Api.Calls.SelectMany(c => c.Ids).ShouldNotContain(task.TaskUuid);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Pending);
    }

    [Fact]
    public async Task A_request_ends_at_the_limit_and_its_task_can_be_resumed()
    {
        using var rig = new Rig(HangAsync, new FakeTime(), timeout: s_soon);
        var task = Some.Task();
        var watch = Stopwatch.StartNew();

        var error = await rig.FailAsync(task).WaitAsync(s_promptly);

        watch.Elapsed.ShouldBeGreaterThanOrEqualTo(s_soon / 2);
        error.Code.ShouldBe(ErrorCodes.RequestTimeout);
        error.RecommendedAction.ShouldContain($"Resume-RunwareTask {task.TaskUuid}");
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Pending);
    }

    [Fact]
    public async Task A_poll_ends_at_the_limit_and_the_task_goes_on()
    {
        using var rig = new Rig(call => call.IsPoll ? HangAsync(call) : Task.FromResult(Say.Yes(call)));
        var id = Guid.NewGuid();

        var error = await Should.ThrowAsync<RunwareException>(() =>
            rig.Delivery.Poller.WaitAsync(id, 1, s_soon, null, null, CancellationToken.None).WaitAsync(s_promptly));

        error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        error.TaskUuid.ShouldBe(id);
    }

    [Fact]
    public async Task A_poll_that_reports_its_cancellation_before_the_limit_does_is_a_timeout_all_the_same()
    {
        using var rig = new Rig(async call =>
        {
            var canceled = new TaskCompletionSource(); // continues within the cancellation, ahead of what was registered before
            await using var _ = call.Cancellation.Register(() => canceled.SetCanceled(call.Cancellation));
            await canceled.Task.ConfigureAwait(false);
            return Say.Yes(call);
        });
        for (var i = 0; i < 5; i++)
        {
            var error = await Should.ThrowAsync<RunwareException>(() =>
                rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, s_soon, null, null, CancellationToken.None).WaitAsync(s_promptly));

            error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        }
    }

    [Fact]
    public async Task A_stop_is_a_stop_and_no_limit()
    {
        using var rig = new Rig(HangAsync, new FakeTime(), timeout: TimeSpan.FromMinutes(1));
        using var stop = new CancellationTokenSource();
        var running = rig.Delivery.RunAsync(Some.Task(), stop.Token);
        await Eventually.TrueAsync(() => rig.Api.Calls.Count == 1, "it is sent");

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_limit_beyond_any_timer_is_none()
    {
        using var rig = new Rig(Say.Yes, timeout: TimeSpan.MaxValue);

        (await rig.RunAsync(Some.Task(async: false))).Images.ShouldHaveSingleItem();
    }

    private static async Task<HttpResponseMessage> HangAsync(ApiCall call)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, call.Cancellation);
        return Say.Yes(call);
    }

    private static async Task<IReadOnlyList<RunwareException>> FailureAsync(Task<TaskResult> running)
    {
        try
        {
            await running.WaitAsync(s_promptly);
            return [];
        }
        catch (RunwareException e)
        {
            return [e];
        }
    }
}
