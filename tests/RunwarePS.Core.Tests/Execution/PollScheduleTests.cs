namespace RunwarePS.Core.Tests.Execution;

/// <summary>When tasks that are waited for together are polled.</summary>
public sealed class PollScheduleTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    private readonly FakeTime _time = new();
    private readonly PollSchedule _schedule;

    public PollScheduleTests() => _schedule = new PollSchedule(_time);

    [Theory]
    [InlineData(1, 20, 40)]
    [InlineData(20, 2, 25)]
    [InlineData(60, 2, 60)]
    [InlineData(500, 2, 150)]
    [InlineData(500, 30, 700)]
    public void Results_come_soon_and_the_polls_share_requests(int count, int seconds, int requests)
    {
        var takes = TimeSpan.FromSeconds(seconds);
        var waits = Start(count, takes);

        Run(until: (takes * 1.5) + TimeSpan.FromSeconds(3));

        var late = (takes * 0.2) + TimeSpan.FromSeconds(count / 100.0); // by age, and by number
        waits.Select(w => w.Ended).ShouldAllBe(e => e <= takes + late);
        Requests(waits).ShouldBeLessThanOrEqualTo(requests);
    }

    [Fact]
    public void Tasks_that_are_added_one_after_another_share_requests_too()
    {
        var waits = new List<Wait>();
        for (var i = 0; i < 100; i++)
        {
            waits.AddRange(Start(5, TimeSpan.FromSeconds(2)));
            Run(until: s_step);
        }

        Run(until: TimeSpan.FromSeconds(8));

        waits.ShouldAllBe(w => w.Ended != null);
        Requests([.. waits]).ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task Tasks_that_never_end_do_not_hold_up_the_others()
    {
        var endless = Start(20, TimeSpan.FromHours(1));
        var others = Start(20, TimeSpan.FromSeconds(4));

        Run(until: TimeSpan.FromSeconds(6));

        others.ShouldAllBe(w => w.Ended != null);
        endless.ShouldAllBe(w => w.Ended == null);
        Array.ForEach(endless, w => w.Stop());
        await Task.WhenAll(endless.Select(w => w.Task));
    }

    [Fact]
    public void A_task_alone_is_polled_often_again_once_the_others_have_ended()
    {
        Start(1000, TimeSpan.Zero);
        Run(until: TimeSpan.FromSeconds(10));

        var alone = Start(1, TimeSpan.FromSeconds(1)).Single();
        Run(until: TimeSpan.FromSeconds(2));

        alone.Ended!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(1.4));
    }

    [Fact]
    public async Task Neither_a_pause_nor_the_end_of_the_time_limit_is_passed_over()
    {
        using var probe = _schedule.Add(interval: null);

        var pause = probe.WaitAsync(atLeast: TimeSpan.FromSeconds(30), atMost: TimeSpan.FromMinutes(1), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(29));
        pause.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await pause;

        var limited = probe.WaitAsync(atLeast: TimeSpan.FromSeconds(30), atMost: TimeSpan.FromSeconds(5), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        await limited;
    }

    [Fact]
    public async Task A_specified_interval_is_kept_to_beside_many_tasks_and_may_be_endless()
    {
        Start(1000, TimeSpan.FromHours(1));
        using var quick = _schedule.Add(TimeSpan.FromSeconds(1));
        using var endless = _schedule.Add(TimeSpan.MaxValue);

        var soon = quick.WaitAsync(TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None);
        var late = endless.WaitAsync(TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(0.8));
        soon.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        await soon;
        late.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        await late;
    }

    private Wait[] Start(int count, TimeSpan takes) => [.. Enumerable.Range(0, count).Select(_ => new Wait(this, takes))];

    // The polls of a moment go in as few requests as they fit in.
    private static int Requests(Wait[] waits) =>
        waits.SelectMany(w => w.Polls).GroupBy(at => at).Sum(g => (g.Count() + RequestBatcher.MaxTasks - 1) / RequestBatcher.MaxTasks);

    private void Run(TimeSpan until)
    {
        // Without a context, a wait that ends continues within the step that woke it.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        for (var passed = TimeSpan.Zero; passed < until; passed += s_step)
        {
            _time.Advance(s_step);
        }

        SynchronizationContext.SetSynchronizationContext(context);
    }

    /// <summary>Waits for a task that takes a given time.</summary>
    private sealed class Wait
    {
        private readonly CancellationTokenSource _stop = new();

        public Wait(PollScheduleTests test, TimeSpan takes) => Task = RunAsync(test, takes);

        public Task Task { get; }

        public TimeSpan? Ended { get; private set; }

        public List<DateTimeOffset> Polls { get; } = [];

        public void Stop() => _stop.Cancel();

        private async Task RunAsync(PollScheduleTests test, TimeSpan takes)
        {
            var start = test._time.GetUtcNow();
            using var probe = test._schedule.Add(interval: null);
            while (Ended is null)
            {
                try
                {
                    // Continues on the thread that moves the clock.
                    await probe.WaitAsync(TimeSpan.Zero, TimeSpan.FromDays(1), _stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                Polls.Add(test._time.GetUtcNow());
                if (test._time.GetUtcNow() - start is var age && age >= takes)
                {
                    Ended = age;
                }
            }
        }
    }
}
