namespace RunwarePS.Core.Tests.Execution;

/// <summary>A stop in each state: it ends at once, sends nothing more, and leaves a task that the next session can take up.</summary>
public sealed class CancellationTests
{
    [Fact]
    public async Task While_sending()
    {
        using var rig = new Rig(Hang);
        await StopAsync(rig, Some.Task(), () => rig.Api.Calls.Count == 1, RunwareTaskStatus.Pending);
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task While_waiting_for_a_lane()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var rig = new Rig(
            async call =>
            {
                await release.Task;
                return Say.Yes(call);
            },
            maxConcurrency: 1);
        var first = rig.StartAsync(Some.Task("First"));
        await Eventually.TrueAsync(() => rig.Api.Calls.Count == 1, "the lane is taken");
        var task = Some.Task();

        await StopAsync(rig, task, () => rig.Queued == 1, RunwareTaskStatus.Pending);
        release.SetResult();
        await first;
        await rig.StartAsync(Some.Task("Next"));

        rig.Api.Calls.SelectMany(c => c.Ids).ShouldNotContain(task.TaskUuid);
    }

    [Fact]
    public async Task While_backing_off()
    {
        using var rig = new Rig(_ => Say.Status(503), new FakeTime());
        await StopAsync(rig, Some.Task(), () => rig.Time.Waiting == 1, RunwareTaskStatus.Pending);

        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task While_the_whole_pipeline_waits()
    {
        using var rig = new Rig(_ => Say.Status(429, retryAfter: "240"), new FakeTime());
        using var stop = new CancellationTokenSource();
        var first = rig.Delivery.RunAsync(Some.Task("First"), stop.Token);
        await Eventually.TrueAsync(() => rig.Time.Waiting == 1, "the first waits");

        await StopAsync(rig, Some.Task(), () => rig.Time.Waiting == 2, RunwareTaskStatus.Pending);

        rig.Api.Calls.ShouldHaveSingleItem();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        rig.Time.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Between_polls()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([Say.Working(call.Id)]) : Say.Yes(call), new FakeTime());
        await StopAsync(rig, Some.Task(), () => rig.Time.Waiting == 1, RunwareTaskStatus.Submitted);
        rig.Api.Polls.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_polling()
    {
        using var rig = new Rig(call => call.IsPoll ? Hang(call) : Task.FromResult(Say.Yes(call)));
        await StopAsync(rig, Some.Task(), () => rig.Api.Polls.Count == 1, RunwareTaskStatus.Submitted);
    }

    [Fact]
    public async Task Before_anything()
    {
        using var rig = new Rig(Hang);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var task = Some.Task();

        await Should.ThrowAsync<OperationCanceledException>(() => rig.Delivery.RunAsync(task, stop.Token));

        rig.Api.Calls.ShouldBeEmpty();
        (await rig.Journal.FindAsync(task.TaskUuid)).ShouldBeNull(); // it wasn't sent: there is nothing to resume
    }

    [Fact]
    public async Task What_was_stopped_is_resumed_under_its_id_and_bought_once()
    {
        var stopped = false;
        using var rig = new Rig(call => stopped ? Task.FromResult(call.IsPoll ? Say.Yes(call) : Say.Conflict(call)) : Hang(call));
        var task = Some.Task();
        await StopAsync(rig, task, () => rig.Api.Calls.Count == 1, RunwareTaskStatus.Pending);
        stopped = true;

        var resumer = new TaskResumer(rig.Delivery, rig.Journal);
        var row = (await resumer.FindAsync(null)).ShouldHaveSingleItem();
        var resumed = (await resumer.ResumeAsync(row, CancellationToken.None)).ShouldNotBeNull();
        var view = await rig.Receiver.WaitAsync(resumed, null, null, null, CancellationToken.None);

        view.Image.ShouldHaveSingleItem().Prompt.ShouldBe(task.Prompt);
        rig.Api.Submits.Select(c => c.Tasks[0].ToJsonString()).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    private static async Task<HttpResponseMessage> Hang(ApiCall call)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, call.Cancellation);
        return Say.Yes(call);
    }

    private static async Task StopAsync(Rig rig, TaskRequest task, Func<bool> reached, string status)
    {
        using var stop = new CancellationTokenSource();
        var delivery = rig.Delivery.RunAsync(task, stop.Token);
        await Eventually.TrueAsync(reached, "the state to be stopped in");
        delivery.IsCompleted.ShouldBeFalse();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => delivery);
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(status);
        row.IsOwned.ShouldBeFalse();
        (await rig.RequestAsync(task.TaskUuid) is not null).ShouldBe(status == RunwareTaskStatus.Pending);
    }
}
