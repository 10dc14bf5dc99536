namespace RunwarePS.Core.Tests.Execution;

/// <summary>When tasks are polled whose results a webhook announces.</summary>
public sealed class SignalTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private readonly FakeTime _time = new();
    private readonly TaskSignals _signals;
    private readonly PollSchedule _schedule;
    private readonly WebhookRoute _route = new(new Uri("http://127.0.0.1:8123"), isReachable: true);

    public SignalTests()
    {
        _signals = new TaskSignals(_time);
        _schedule = new PollSchedule(_time, _signals);
        _signals.Attach(_route);
    }

    [Fact]
    public void With_calls_each_task_is_polled_once_and_at_once()
    {
        var waits = Start(500, TimeSpan.FromSeconds(2));

        Run(TimeSpan.FromSeconds(2), Deliver(waits));
        Run(TimeSpan.FromSeconds(0.2), Deliver(waits));

        waits.ShouldAllBe(w => w.Ended != null && w.Ended <= TimeSpan.FromSeconds(2.1));
        Requests(waits).ShouldBeLessThanOrEqualTo(25 + 7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(500)]
    public void Without_any_call_results_come_about_as_soon_as_without_a_receiver(int count)
    {
        var takes = TimeSpan.FromSeconds(2);
        var waits = Start(count, takes);

        Run(TimeSpan.FromSeconds(6));

        var usual = (takes * 0.2) + TimeSpan.FromSeconds(count / 100.0); // what PollScheduleTests grants without a receiver
        waits.ShouldAllBe(w => w.Ended != null && w.Ended <= takes + (takes * 0.35) + usual);
        _signals.Trust.ShouldBe(SignalTrust.Lost);
    }

    [Fact]
    public void Once_calls_arrive_a_task_is_polled_rarely_until_its_own_call()
    {
        var first = Start(1, TimeSpan.FromSeconds(1));
        Run(TimeSpan.FromSeconds(1.1), Deliver(first));
        first[0].Ended.ShouldNotBeNull();

        var later = Start(1, TimeSpan.FromMinutes(5));
        Run(TimeSpan.FromMinutes(5.1), Deliver(later), stepMs: 500);

        later[0].Ended!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(5.01));
        later[0].Polls.Count.ShouldBeInRange(4, 12); // when it is overdue, at double that time and so on, and then every minute
    }

    [Fact]
    public void A_call_that_is_lost_among_others_costs_no_more_than_half_the_usual_time()
    {
        var waits = Start(40, TimeSpan.FromSeconds(10));

        Run(TimeSpan.FromSeconds(30), Deliver([.. waits.Skip(1)]), stepMs: 100);

        waits.ShouldAllBe(w => w.Ended != null);
        waits[0].Ended!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(17));
    }

    [Fact]
    public void A_call_that_is_lost_among_many_is_noticed_when_the_others_have_ended()
    {
        var waits = Start(100, TimeSpan.FromSeconds(2));

        Run(TimeSpan.FromSeconds(12), Deliver([.. waits.Take(99)]), stepMs: 100);

        waits.ShouldAllBe(w => w.Ended != null);
        Requests(waits).ShouldBeLessThanOrEqualTo(20);
    }

    [Fact]
    public void Many_tasks_that_take_longer_than_those_before_cost_few_requests()
    {
        var proof = Start(1, TimeSpan.FromSeconds(0.3));
        Run(TimeSpan.FromSeconds(1), Deliver(proof));

        var waits = Start(500, TimeSpan.FromSeconds(20));
        Run(TimeSpan.FromSeconds(20.5), Deliver(waits), stepMs: 100);

        waits.ShouldAllBe(w => w.Ended != null);
        Requests(waits).ShouldBeLessThanOrEqualTo(25 + 8);
    }

    [Fact]
    public void After_a_lost_call_all_tasks_are_polled_as_usual_until_the_next_call()
    {
        var proof = Start(1, TimeSpan.FromSeconds(1));
        Run(TimeSpan.FromSeconds(2), Deliver(proof));
        _signals.Trust.ShouldBe(SignalTrust.Proven);

        var waits = Start(40, TimeSpan.FromSeconds(3));
        Run(TimeSpan.FromSeconds(8));

        waits.ShouldAllBe(w => w.Ended != null && w.Ended < TimeSpan.FromSeconds(7));
        _signals.Trust.ShouldBe(SignalTrust.Lost);
        _signals.Arrived(Guid.NewGuid(), isReady: true);
        _signals.Trust.ShouldBe(SignalTrust.Proven);
    }

    [Fact]
    public void A_call_before_the_wait_is_not_forgotten_and_one_for_a_part_is_followed_by_the_usual_polls()
    {
        var early = Start(1, TimeSpan.FromSeconds(0))[0];
        _signals.Arrived(early.Id, isReady: true);
        Run(s_step);
        early.Ended.ShouldNotBeNull();

        var parts = Start(1, TimeSpan.FromSeconds(20))[0];
        Run(TimeSpan.FromSeconds(10), stepMs: 100);
        _signals.Arrived(parts.Id, isReady: true); // the first of several results
        Run(TimeSpan.FromSeconds(15), stepMs: 100);
        parts.Ended!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(24));
    }

    [Fact]
    public void When_the_receiver_stops_the_tasks_are_polled_as_usual()
    {
        _signals.Arrived(Guid.NewGuid(), isReady: true);
        var waits = Start(5, TimeSpan.FromMinutes(2));
        Run(TimeSpan.FromMinutes(1.5), stepMs: 100);
        waits.ShouldAllBe(w => w.Polls.Count < 12);

        _signals.Detach(_route);
        Run(TimeSpan.FromMinutes(1), stepMs: 100);

        waits.ShouldAllBe(w => w.Ended != null && w.Ended < TimeSpan.FromMinutes(2.3)); // at the latest ten seconds apart
    }

    [Fact]
    public void A_specified_interval_is_kept_to_and_a_call_comes_first()
    {
        _signals.Arrived(Guid.NewGuid(), isReady: true);
        var waits = Start(2, TimeSpan.FromSeconds(3), interval: TimeSpan.FromSeconds(5));

        Run(TimeSpan.FromSeconds(3.1), Deliver([waits[0]]));
        waits[0].Ended.ShouldNotBeNull();
        waits[1].Ended.ShouldBeNull();
        Run(TimeSpan.FromSeconds(6));
        waits[1].Ended.ShouldNotBeNull();
    }

    [Fact]
    public void A_task_with_another_webhook_is_polled_as_usual()
    {
        _signals.Arrived(Guid.NewGuid(), isReady: true);
        var id = Guid.NewGuid();

        _signals.Expect(id, "https://hooks.example/mine?token=x");
        _signals.Expect(id, webhookUrl: null);

        _signals.Find(id).ShouldBeNull();
    }

    [Fact]
    public async Task A_pause_that_the_API_asked_for_is_kept_to_although_a_call_arrived()
    {
        var id = Guid.NewGuid();
        _signals.Expect(id, _route.Url.AbsoluteUri);
        using var probe = _schedule.Add(interval: null, id);
        _signals.Arrived(id, isReady: true);

        var wait = probe.WaitAsync(atLeast: TimeSpan.FromSeconds(5), atMost: TimeSpan.FromMinutes(1), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        wait.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await wait;
    }

    private Wait[] Start(int count, TimeSpan takes, TimeSpan? interval = null) =>
        [.. Enumerable.Range(0, count).Select(_ => new Wait(this, takes, interval))];

    /// <summary>Calls for each task once it is ready.</summary>
    private Action Deliver(Wait[] waits)
    {
        var open = waits.ToList();
        return () => open.RemoveAll(w =>
        {
            if (!w.IsReady)
            {
                return false;
            }

            _signals.Arrived(w.Id, isReady: true);
            return true;
        });
    }

    private static int Requests(Wait[] waits) =>
        waits.SelectMany(w => w.Polls).GroupBy(at => at).Sum(g => (g.Count() + RequestBatcher.MaxTasks - 1) / RequestBatcher.MaxTasks);

    private void Run(TimeSpan until, Action? each = null, int stepMs = 20)
    {
        var step = TimeSpan.FromMilliseconds(stepMs);
        for (var passed = TimeSpan.Zero; passed < until; passed += step)
        {
            _time.Advance(step);
            each?.Invoke();
            Settle();
        }

        Thread.Sleep(50); // what is on its way on a busy machine
        Settle();
    }

    // What a call or a change of trust sets off runs on other threads.
    private static void Settle()
    {
        var deadline = Environment.TickCount64 + 2;
        while (ThreadPool.PendingWorkItemCount > 0 || Environment.TickCount64 < deadline)
        {
            Thread.Sleep(1);
        }
    }

    /// <summary>Waits for a task that takes a given time.</summary>
    private sealed class Wait
    {
        private readonly SignalTests _test;
        private readonly TimeSpan _takes;
        private readonly DateTimeOffset _start;

        public Wait(SignalTests test, TimeSpan takes, TimeSpan? interval)
        {
            (_test, _takes, _start) = (test, takes, test._time.GetUtcNow());
            test._signals.Expect(Id, test._route.Url.AbsoluteUri);
            _ = Task.Run(() => RunAsync(test._schedule.Add(interval, Id)));
            SpinWait.SpinUntil(() => test._signals.Find(Id)!.IsWaitedFor);
        }

        public Guid Id { get; } = Guid.NewGuid();

        public bool IsReady => _test._time.GetUtcNow() - _start >= _takes;

        public TimeSpan? Ended { get; private set; }

        public List<DateTimeOffset> Polls { get; } = [];

        private async Task RunAsync(PollSchedule.Probe probe)
        {
            using (probe)
            {
                while (Ended is null)
                {
                    await probe.WaitAsync(TimeSpan.Zero, TimeSpan.FromDays(1), CancellationToken.None).ConfigureAwait(false);
                    Polls.Add(_test._time.GetUtcNow());
                    if (IsReady)
                    {
                        probe.End();
                        Ended = _test._time.GetUtcNow() - _start;
                    }
                }
            }
        }
    }
}
