namespace RunwarePS.Core.Tests.Faults;

/// <summary>When tasks that are waited for together are asked for.</summary>
public sealed class PollPaceTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    private readonly FakeTime _time = new();
    private readonly PollPace _pace;

    public PollPaceTests() => _pace = new PollPace(_time);

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public void Many_are_had_soon_after_their_time_with_few_questions(int seconds)
    {
        var takes = TimeSpan.FromSeconds(seconds);
        var waits = Enumerable.Range(0, 60).Select(_ => new Wait(this, takes)).ToArray();

        Run(until: takes * 1.5);

        waits.Select(w => w.Ended).ShouldAllBe(e => e <= takes * 1.15);
        waits.Skip(20).Select(w => w.Questions).ShouldAllBe(q => q <= 7);
    }

    [Fact]
    public void Those_sent_later_are_asked_for_when_they_are_as_old()
    {
        var first = Enumerable.Range(0, 20).Select(_ => new Wait(this, TimeSpan.FromSeconds(5))).ToArray();
        Run(until: TimeSpan.FromSeconds(2));
        var second = Enumerable.Range(0, 20).Select(_ => new Wait(this, TimeSpan.FromSeconds(5))).ToArray();

        Run(until: TimeSpan.FromSeconds(7));

        second.Select(w => w.Ended).ShouldAllBe(e => e <= TimeSpan.FromSeconds(6));
        second.Select(w => w.Questions).ShouldAllBe(q => q <= 5);
    }

    [Fact]
    public void A_few_that_end_at_once_tell_nothing_of_the_others()
    {
        var quick = Enumerable.Range(0, 4).Select(_ => new Wait(this, TimeSpan.Zero)).ToArray();
        var slow = Enumerable.Range(0, 60).Select(_ => new Wait(this, TimeSpan.FromSeconds(6))).ToArray();

        Run(until: TimeSpan.FromSeconds(10));

        quick.ShouldAllBe(w => w.Ended != null);
        slow.Select(w => w.Ended).ShouldAllBe(e => e <= TimeSpan.FromSeconds(6 * 1.2));
        slow.Skip(16).Select(w => w.Questions).ShouldAllBe(q => q <= 7);
    }

    [Fact]
    public void One_alone_is_had_soon_after_its_time()
    {
        var wait = new Wait(this, TimeSpan.FromSeconds(20));

        Run(until: TimeSpan.FromSeconds(25));

        wait.Ended!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(20 * 1.2));
        wait.Questions.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task The_rest_does_not_wait_for_scouts_that_never_end()
    {
        var scouts = Enumerable.Range(0, 20).Select(_ => new Wait(this, TimeSpan.FromHours(1))).ToArray();
        var rest = Enumerable.Range(0, 20).Select(_ => new Wait(this, TimeSpan.FromSeconds(4))).ToArray();

        Run(until: TimeSpan.FromSeconds(10));

        rest.ShouldAllBe(w => w.Ended != null);
        scouts.ShouldAllBe(w => w.Ended == null);
        Array.ForEach(scouts, w => w.Stop());
        await Task.WhenAll(scouts.Select(w => w.Task));
    }

    [Fact]
    public async Task Neither_quiet_nor_the_end_of_patience_is_passed_over()
    {
        using var turn = _pace.Join(_time.GetUtcNow(), interval: null);

        var quiet = turn.WaitAsync(atLeast: TimeSpan.FromSeconds(30), atMost: TimeSpan.FromMinutes(1), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(29));
        quiet.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await quiet;

        var impatient = turn.WaitAsync(atLeast: TimeSpan.FromSeconds(30), atMost: TimeSpan.FromSeconds(5), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        await impatient;
    }

    [Fact]
    public async Task A_wrong_date_and_an_endless_interval_do_no_harm()
    {
        using var future = _pace.Join(DateTimeOffset.MaxValue, interval: null);
        using var ancient = _pace.Join(DateTimeOffset.MinValue, interval: null);
        using var endless = _pace.Join(_time.GetUtcNow(), TimeSpan.MaxValue);
        using var learned = _pace.Join(_time.GetUtcNow(), interval: null);
        future.Learn();
        ancient.Learn();
        _time.Advance(TimeSpan.FromSeconds(2));
        learned.Learn();

        var waits = new[] { future, ancient, endless }.Select(t => t.WaitAsync(TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None)).ToArray();
        _time.Advance(TimeSpan.FromSeconds(20));
        await Task.WhenAll(waits[..2]);
        waits[2].IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        await waits[2];
    }

    private void Run(TimeSpan until)
    {
        // Without a context whoever waits goes on within the step that woke it.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        for (var passed = TimeSpan.Zero; passed < until; passed += s_step)
        {
            _time.Advance(s_step);
        }

        SynchronizationContext.SetSynchronizationContext(context);
    }

    /// <summary>One that waits for a task which takes so long.</summary>
    private sealed class Wait
    {
        private readonly CancellationTokenSource _stop = new();

        public Wait(PollPaceTests test, TimeSpan takes) => Task = RunAsync(test, takes);

        public Task Task { get; }

        public TimeSpan? Ended { get; private set; }

        public int Questions { get; private set; }

        public void Stop() => _stop.Cancel();

        private async Task RunAsync(PollPaceTests test, TimeSpan takes)
        {
            var since = test._time.GetUtcNow();
            using var turn = test._pace.Join(since, interval: null);
            while (Ended is null)
            {
                try
                {
                    await turn.WaitAsync(TimeSpan.Zero, TimeSpan.FromDays(1), _stop.Token).ConfigureAwait(false); // all on the thread that moves the clock
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                Questions++;
                if (test._time.GetUtcNow() - since is var age && age >= takes)
                {
                    Ended = age;
                    turn.Learn();
                }
            }
        }
    }
}
