using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Several tasks in one request: what waits goes together, and no task suffers for its neighbors.</summary>
public sealed class PackingTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task What_waits_for_a_lane_goes_together_twenty_at_the_most()
    {
        using var lane = await TakenLane.OfSubmitsAsync(Say.Yes);
        var started = Some.Tasks(25).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(25);
        await Task.WhenAll(started);

        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([20, 5]);
        lane.Calls.SelectMany(c => c.Ids).Distinct().Count().ShouldBe(25);
    }

    [Fact]
    public async Task A_sync_task_is_never_packed_because_it_would_wait_for_the_images_of_others()
    {
        using var lane = await TakenLane.OfSubmitsAsync(Say.Yes);
        var tasks = Some.Tasks(5, async: false);
        var results = tasks.Select(lane.Rig.RunAsync).ToArray();
        await lane.FreeAsync(5);

        for (var i = 0; i < tasks.Length; i++)
        {
            (await results[i]).Images.ShouldHaveSingleItem().ImageUuid.ShouldBe(Say.PictureId(tasks[i].TaskUuid, 0));
        }

        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([1, 1, 1, 1, 1]);
    }

    public static TheoryData<string> Heavy => ["reference bytes", "reference text", "reference text from the journal", "long prompts in Japanese", "additional keys"];

    [Theory]
    [MemberData(nameof(Heavy))]
    public async Task No_pack_is_larger_than_a_megabyte(string how)
    {
        using var lane = await TakenLane.OfSubmitsAsync(Say.Yes);
        var started = Enumerable.Range(0, 20).Select(i => HeavyTask(how, i)).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(20);
        await Task.WhenAll(started);

        lane.Calls.Where(c => c.Tasks.Length > 1).Select(c => c.Bytes).ShouldAllBe(bytes => bytes <= Megabyte);
        lane.Calls.SelectMany(c => c.Ids).Distinct().Count().ShouldBe(20);
        lane.Calls.Length.ShouldBeLessThan(20); // small enough to be packed all the same
    }

    [Fact]
    public async Task A_task_larger_than_a_megabyte_goes_alone()
    {
        using var lane = await TakenLane.OfSubmitsAsync(Say.Yes);
        var large = lane.Rig.StartAsync(With(new MediaInput(Some.Picture(1, 2 * Megabyte))));
        await lane.QueuedAsync(1);
        var small = lane.Rig.StartAsync(Some.Task());
        await lane.FreeAsync(2);
        await Task.WhenAll(large, small);

        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([1, 1]);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task An_unclear_pack_is_repeated_task_by_task(int status)
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.Tasks.Length == 1 ? Say.Yes(call) : status == 0 ? throw new HttpRequestException("reset") : Say.Status(status));
        var started = Some.Tasks(6).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(6);
        await Task.WhenAll(started);

        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([6, 1, 1, 1, 1, 1, 1]);
        lane.Calls.Skip(1).SelectMany(c => c.Ids).Order().ShouldBe(lane.Calls[0].Ids.Order());
    }

    [Fact]
    public async Task After_an_unclear_pack_a_conflict_means_accepted()
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.IsPoll ? Say.Yes(call) : call.Tasks.Length > 1 ? throw new HttpRequestException("reset") : Say.Conflict(call));
        var results = Some.Tasks(4).Select(lane.Rig.RunAsync).ToArray();
        await lane.FreeAsync(4);

        (await Task.WhenAll(results)).ShouldAllBe(r => r.Images.Count == 1);
    }

    [Fact]
    public async Task One_refused_task_costs_its_neighbors_nothing()
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.IsPoll ? Say.Yes(call) : Say.Reply(
            [.. call.Ids.Where(id => Prompt(call, id) != "Fox 3").Select(Say.Accepted)],
            [.. call.Ids.Where(id => Prompt(call, id) == "Fox 3").Select(id => Say.Failure("invalidProviderContent", id))]));
        var results = Some.Tasks(5).Select(lane.Rig.RunAsync).ToArray();
        await lane.FreeAsync(5);

        (await Task.WhenAll(results)).Select(r => r.Images.Count).ShouldBe([1, 1, 1, 0, 1]);
        lane.Calls.Count(c => !c.IsPoll).ShouldBe(1);
    }

    [Fact]
    public async Task A_task_that_the_response_leaves_out_is_repeated_alone()
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => Say.Reply([.. (call.Tasks.Length == 1 ? call.Ids : call.Ids[..^1]).Select(Say.Accepted)]));
        var started = Some.Tasks(5).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(5);
        await Task.WhenAll(started);

        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([5, 1]);
    }

    [Theory]
    [InlineData("invalidRequest")]
    [InlineData("invalidProviderContent")]
    [InlineData("providerError")]
    public async Task A_refused_pack_that_names_no_task_is_tried_task_by_task(string code)
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.Tasks.Length == 1 ? Say.Yes(call) : Say.Error(400, code));
        var started = Some.Tasks(4).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(4);

        (await Task.WhenAll(started)).ShouldAllBe(t => t.Status == RunwareTaskStatus.Submitted);
    }

    [Theory]
    [InlineData("insufficientCredits")]
    [InlineData("invalidApiKey")]
    [InlineData("providerError")]
    public async Task A_task_left_out_beside_an_error_without_an_ID_is_sent_alone_where_others_were_accepted(string code)
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.IsPoll || call.Tasks.Length == 1
            ? Say.Yes(call)
            : Say.Reply([Say.Accepted(call.Ids[0])], Say.Failure(code)));
        var results = Some.Tasks(3).Select(lane.Rig.RunAsync).ToArray();
        await lane.FreeAsync(3);

        (await Task.WhenAll(results)).ShouldAllBe(r => r.Images.Count == 1 && r.Failures.Count == 0);
        lane.Calls.Where(c => !c.IsPoll).Select(c => c.Tasks.Length).ShouldBe([3, 1, 1]);
    }

    [Fact]
    public async Task After_a_refused_pack_that_names_no_task_a_conflict_means_accepted()
    {
        using var lane = await TakenLane.OfSubmitsAsync(call => call.IsPoll ? Say.Yes(call) : call.Tasks.Length > 1 ? Say.Error(400, "invalidRequest") : Say.Conflict(call));
        var results = Some.Tasks(3).Select(lane.Rig.RunAsync).ToArray();
        await lane.FreeAsync(3);

        (await Task.WhenAll(results)).ShouldAllBe(r => r.Images.Count == 1);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_refused_for_the_whole_pack()
    {
        using var lane = await TakenLane.OfSubmitsAsync(_ => Say.Error(401, "invalidApiKey"));
        var started = Some.Tasks(4).Select(lane.Rig.StartAsync).ToArray();
        await lane.FreeAsync(4);

        foreach (var task in started)
        {
            (await Should.ThrowAsync<RunwareException>(() => task)).Category.ShouldBe(RunwareErrorCategory.Authentication);
        }

        lane.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Polls_that_wait_go_together()
    {
        var time = new FakeTime();
        using var lane = await TakenLane.OfPollsAsync(Say.Yes, time);
        var waits = Enumerable.Range(0, 10).Select(_ => lane.Rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, null, null, null, CancellationToken.None)).ToArray();
        time.Advance(TimeSpan.FromSeconds(1));
        await lane.FreeAsync(10);

        (await Task.WhenAll(waits)).ShouldAllBe(r => r.Images.Count == 1);
        lane.Calls.ShouldHaveSingleItem().Tasks.Length.ShouldBe(10);
    }

    [Fact]
    public async Task Tasks_that_wait_about_as_long_ask_at_the_same_moment()
    {
        using var rig = new Rig(call => Say.Reply([.. call.Ids.Select(id => Say.Working(id))]), new FakeTime());
        using var stop = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 40).Select(_ => rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, null, TimeSpan.FromSeconds(8), null, stop.Token)).ToArray();

        // The waits are 8 s, 15 % either way: without common moments there would be as many as tasks.
        rig.Time.Waits.Distinct().Count().ShouldBeLessThanOrEqualTo(8);
        await stop.CancelAsync();
        foreach (var wait in waits)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => wait);
        }
    }

    [Fact]
    public async Task A_server_that_refuses_packed_polls_gets_one_a_request()
    {
        using var lane = await TakenLane.OfPollsAsync(call => call.Tasks.Length > 1 ? Say.Error(400, "invalidRequest") : Say.Yes(call));
        await AskAsync(free: true);
        lane.Calls.Select(c => c.Tasks.Length).ShouldBe([6, 1, 1, 1, 1, 1, 1]);

        await AskAsync(free: false);
        lane.Calls.Skip(7).Select(c => c.Tasks.Length).ShouldBe([1, 1, 1, 1, 1, 1]);

        async Task AskAsync(bool free)
        {
            var asks = Enumerable.Range(0, 6).Select(_ => lane.Rig.Delivery.Poller.AskAsync(Guid.NewGuid(), CancellationToken.None)).ToArray();
            await (free ? lane.FreeAsync(6) : Task.CompletedTask);
            (await Task.WhenAll(asks)).ShouldAllBe(r => r.Images.Count == 1);
        }
    }

    [Theory]
    [InlineData("invalidRequest")]
    [InlineData("invalidProviderContent")]
    [InlineData("providerError")]
    public async Task A_failure_in_a_packed_poll_that_names_no_task_is_nobodys_until_each_was_asked(string code)
    {
        // Of a task that starts the server says nothing; its neighbor's failure, if it has no id, must not become its own.
        var failing = Guid.NewGuid();
        using var lane = await TakenLane.OfPollsAsync(call => call.Ids.Contains(failing)
            ? Say.Reply(400, [], Say.Failure(code, call.Tasks.Length == 1 ? failing : null, withStatus: true))
            : Say.Yes(call));
        var failed = lane.Rig.Delivery.Poller.WaitAsync(failing, 1, null, null, null, CancellationToken.None);
        var well = lane.Rig.Delivery.Poller.WaitAsync(Guid.NewGuid(), 1, null, null, null, CancellationToken.None);
        await lane.FreeAsync(2);

        (await well).Images.ShouldHaveSingleItem();
        (await failed).Failures.ShouldHaveSingleItem().Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_canceled_caller_does_not_cancel_the_others()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var lane = await TakenLane.OfSubmitsAsync(async call =>
        {
            await (call.Tasks.Length > 1 ? answer.Task.WaitAsync(call.Cancellation) : Task.CompletedTask);
            return Say.Yes(call);
        });
        using var leaving = new CancellationTokenSource();
        var gone = lane.Rig.Delivery.StartAsync(Some.Task("Gone"), leaving.Token);
        await lane.QueuedAsync(1);
        var neighbor = lane.Rig.StartAsync(Some.Task("Neighbor"));
        await lane.FreeAsync(2);
        await Eventually.TrueAsync(() => lane.Calls.Length == 1, "the pack is on its way");

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        answer.SetResult();

        (await neighbor).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    private static string? Prompt(ApiCall call, Guid id) => (string?)call.Tasks.Single(t => (string?)t["taskUUID"] == id.ToString("D"))["positivePrompt"];

    /// <summary>A delivery whose one lane is taken by a task of no interest, until a test frees it.</summary>
    private sealed class TakenLane : IDisposable
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly bool _polls;
        private Task _first = Task.CompletedTask;

        private TakenLane(Func<ApiCall, Task<HttpResponseMessage>> answer, bool polls, FakeTime? time)
        {
            _polls = polls;
            Rig = new Rig(
                async call =>
                {
                    if (call.Number > 0)
                    {
                        return await answer(call);
                    }

                    await _release.Task;
                    return Say.Yes(call);
                },
                time,
                maxConcurrency: 1);
        }

        public Rig Rig { get; }

        /// <summary>What was sent once the lane was free.</summary>
        public ApiCall[] Calls => [.. Rig.Api.Calls.Skip(1)];

        public static Task<TakenLane> OfSubmitsAsync(Func<ApiCall, HttpResponseMessage> answer) => TakeAsync(call => Task.FromResult(answer(call)), polls: false);

        public static Task<TakenLane> OfSubmitsAsync(Func<ApiCall, Task<HttpResponseMessage>> answer) => TakeAsync(answer, polls: false);

        public static Task<TakenLane> OfPollsAsync(Func<ApiCall, HttpResponseMessage> answer, FakeTime? time = null) => TakeAsync(call => Task.FromResult(answer(call)), polls: true, time);

        public Task QueuedAsync(int tasks) => Eventually.TrueAsync(() => (_polls ? Rig.QueuedPolls : Rig.Queued) == tasks, "all tasks wait for the lane");

        public async Task FreeAsync(int waiting)
        {
            await QueuedAsync(waiting);
            _release.SetResult();
            await _first;
        }

        public void Dispose() => Rig.Dispose();

        private static async Task<TakenLane> TakeAsync(Func<ApiCall, Task<HttpResponseMessage>> answer, bool polls, FakeTime? time = null)
        {
            var lane = new TakenLane(answer, polls, time);
            lane._first = polls ? lane.Rig.Delivery.Poller.AskAsync(Guid.NewGuid(), CancellationToken.None) : lane.Rig.StartAsync(Some.Task("First"));
            await Eventually.TrueAsync(() => lane.Rig.Api.Calls.Count == 1, "the first goes at once, though it is alone");
            return lane;
        }
    }

    private static TaskRequest HeavyTask(string how, int number)
    {
        var prompt = FormattableString.Invariant($"Fox {number}");
        var picture = Some.Picture(number, 200_000);
        var uri = "data:image/png;base64," + Convert.ToBase64String(picture);
        switch (how)
        {
            case "reference bytes":
                return With(new MediaInput(picture));
            case "reference text":
                return With(new MediaInput(uri));
            case "reference text from the journal":
                var (row, pictures) = JournalRequest.ToRow(With(new MediaInput(uri)), reserved: null, Some.Seal);
                return JournalRequest.ToTask(row, new KeptRequest(row.Request!, pictures.ToDictionary(p => p.Key, p => p.Value(), StringComparer.Ordinal)), Some.Seal)!;
            case "long prompts in Japanese":
                return Some.Task(prompt + new string('狐', 31_000));
            default:
                return (Some.Request(prompt) with
                {
                    Model = "other:1@1",
                    Additional = new JsonObject { ["inputs"] = new JsonObject { ["maskImage"] = uri } },
                }).ToTask();
        }
    }

    private static TaskRequest With(MediaInput reference) => (Some.Request() with { ReferenceImages = [reference] }).ToTask();
}
