using System.Collections.Concurrent;
using RunwarePS.Pipeline;

namespace RunwarePS.Tests;

public sealed class PipelineWorkQueueTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void All_outcomes_are_reported_and_each_once()
    {
        var said = new List<int>();
        using var queue = new PipelineWorkQueue(4);
        for (var i = 0; i < 100; i++)
        {
            var number = i;
            queue.Add(number, _ => Outcome(() => said.Add(number)));
        }

        queue.Drain();

        said.Order().ShouldBe(Enumerable.Range(0, 100));
        queue.Unfinished.ShouldBeEmpty();
    }

    [Fact]
    public void Outcomes_and_messages_are_reported_on_the_callers_thread_alone()
    {
        var caller = Environment.CurrentManagedThreadId;
        var saidOn = new ConcurrentBag<int>();
        var workedOn = new ConcurrentBag<int>();
        using var queue = new PipelineWorkQueue(8);
        for (var i = 0; i < 50; i++)
        {
            queue.Add(i, async _ =>
            {
                workedOn.Add(Environment.CurrentManagedThreadId);
                await Task.Yield();
                queue.Post(() => saidOn.Add(Environment.CurrentManagedThreadId));
                return () => saidOn.Add(Environment.CurrentManagedThreadId);
            });
        }

        queue.Drain();

        saidOn.Count.ShouldBe(100);
        saidOn.ShouldAllBe(thread => thread == caller);
        workedOn.ShouldAllBe(thread => thread != caller);
    }

    [Fact]
    public async Task As_much_work_runs_at_once_as_there_are_places()
    {
        const int Places = 3;
        var running = new CountdownEvent(Places);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await OnACallersThread(() =>
        {
            using var queue = new PipelineWorkQueue(Places);
            for (var i = 0; i < Places; i++)
            {
                queue.Add(i, async _ =>
                {
                    running.Signal();
                    await go.Task;
                    return () => { };
                });
            }

            running.Wait(s_patience).ShouldBeTrue("all places are used before any work ends");
            queue.Unfinished.ShouldBe([0, 1, 2], ignoreOrder: true);
            go.SetResult();
            queue.Drain();
        });
    }

    [Fact]
    public void No_more_work_runs_at_once_than_there_are_places()
    {
        const int Places = 3;
        var now = 0;
        var most = 0;
        using var queue = new PipelineWorkQueue(Places);
        for (var i = 0; i < 60; i++)
        {
            queue.Add(i, async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return () => { };
            });
        }

        queue.Drain();

        most.ShouldBeInRange(1, Places);
    }

    [Fact]
    public void A_place_is_free_only_once_its_outcome_was_reported()
    {
        var events = new ConcurrentQueue<string>();
        var firstIsDone = new ManualResetEventSlim();
        using var queue = new PipelineWorkQueue(1);
        queue.Add("first", _ =>
        {
            events.Enqueue("first worked");
            firstIsDone.Set();
            return Outcome(() => events.Enqueue("first said"));
        });
        firstIsDone.Wait(s_patience).ShouldBeTrue();
        queue.Add("second", _ =>
        {
            events.Enqueue("second worked");
            return Outcome(() => events.Enqueue("second said"));
        });
        queue.Drain();

        events.ShouldBe(["first worked", "first said", "second worked", "second said"]);
    }

    [Fact]
    public void Outcomes_come_in_the_order_in_which_work_ends()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        using var queue = new PipelineWorkQueue(2);
        queue.Add("slow", async _ =>
        {
            await slow.Task;
            return () => said.Add("slow");
        });
        queue.Add("quick", _ => Outcome(() =>
        {
            said.Add("quick");
            slow.SetResult();
        }));
        queue.Drain();

        said.ShouldBe(["quick", "slow"]);
    }

    [Fact]
    public void What_is_ready_is_reported_at_the_next_turn_without_waiting_for_the_rest()
    {
        var never = new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        using var queue = new PipelineWorkQueue(2);
        queue.Add("endless", async cancellation => await never.Task.WaitAsync(cancellation));
        queue.Post(() => said.Add("a word in between"));
        queue.DrainReady();

        said.ShouldBe(["a word in between"]);
        queue.Unfinished.ShouldBe(["endless"]);
    }

    [Fact]
    public void An_outcome_that_throws_ends_the_window_and_nothing_new_starts()
    {
        var started = new ConcurrentBag<int>();
        using var begun = new ManualResetEventSlim();
        var canceled = new ManualResetEventSlim();
        var afterwards = 0;
        using var queue = new PipelineWorkQueue(2);
        queue.Add("endless", async cancellation =>
        {
            using var _ = cancellation.Register(canceled.Set);
            begun.Set();
            await Task.Delay(Timeout.Infinite, cancellation);
            return () => { };
        });
        begun.Wait();
        queue.Add("bad", _ => Outcome(() => throw new InvalidTimeZoneException("the reader has ended")));

        Should.Throw<InvalidTimeZoneException>(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var number = i;
                queue.Add(number, _ =>
                {
                    started.Add(number);
                    return Outcome(() => afterwards++);
                });
            }
        }).Message.ShouldBe("the reader has ended");

        canceled.IsSet.ShouldBeTrue("work in flight is canceled before the exception goes on");
        var before = started.Count;
        Should.Throw<OperationCanceledException>(() => queue.Add("late", _ =>
        {
            started.Add(-1);
            return Outcome(() => { });
        }));
        started.Count.ShouldBe(before);
        afterwards.ShouldBe(0);
    }

    [Fact]
    public void Work_that_throws_does_so_at_the_callers_next_turn()
    {
        using var queue = new PipelineWorkQueue(1);
        var e = Should.Throw<InvalidTimeZoneException>(() =>
        {
            queue.Add("bad", _ => throw new InvalidTimeZoneException("from the pool"));
            queue.Drain();
        });
        e.Message.ShouldBe("from the pool");
        e.StackTrace.ShouldNotBeNull().ShouldContain(
            nameof(Work_that_throws_does_so_at_the_callers_next_turn), customMessage: "where it came from is not lost");
    }

    [Fact]
    public void What_is_ready_runs_while_a_task_is_waited_for()
    {
        var said = new List<string>();
        using var queue = new PipelineWorkQueue(1);
        var task = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Post(() => said.Add("posted"));
        queue.Post(task.SetResult);

        queue.WaitFor(task.Task);
        queue.WaitFor(Task.FromException(new InvalidTimeZoneException("its caller sees it")));

        said.ShouldBe(["posted"]);
    }

    [Fact]
    public async Task Cancelling_wakes_a_caller_who_waits_for_a_task()
    {
        using var queue = new PipelineWorkQueue(1);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        queue.Post(waiting.SetResult);
        var caller = OnACallersThread(() => Should.Throw<OperationCanceledException>(() => queue.WaitFor(never.Task)));
        await waiting.Task;
        queue.Cancel();

        await caller.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Cancelling_wakes_a_caller_who_waits_for_an_outcome()
    {
        using var queue = new PipelineWorkQueue(1);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var caller = OnACallersThread(() =>
        {
            queue.Add("deaf", async _ =>
            {
                waiting.SetResult();
                await release.Task; // takes no notice of the cancellation
                return () => { };
            });
            Should.Throw<OperationCanceledException>(queue.Drain);
        });
        await waiting.Task;
        queue.Cancel();

        await caller.WaitAsync(s_patience); // while the work still runs
        queue.Unfinished.ShouldBe(["deaf"]);
        release.SetResult();
    }

    [Fact]
    public async Task Cancelling_wakes_a_caller_who_waits_for_a_place()
    {
        using var queue = new PipelineWorkQueue(1);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = false;
        var caller = OnACallersThread(() =>
        {
            queue.Add("endless", async cancellation =>
            {
                waiting.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
                return () => { };
            });
            Should.Throw<OperationCanceledException>(() => queue.Add("next", _ =>
            {
                started = true;
                return Outcome(() => { });
            }));
        });
        await waiting.Task;
        queue.Cancel();

        await caller.WaitAsync(s_patience);
        started.ShouldBeFalse();
        queue.Unfinished.ShouldBe(["endless"]);
    }

    [Fact]
    public void Unfinished_is_what_was_added_and_not_reported()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var queue = new PipelineWorkQueue(3);
        queue.Add("a", _ => Outcome(() => { }));
        queue.Add("b", async _ =>
        {
            await gate.Task;
            return () => { };
        });
        var said = new ManualResetEventSlim();
        queue.Add("c", async _ =>
        {
            await gate.Task;
            return said.Set;
        });
        queue.Unfinished.ShouldContain("b");
        queue.Unfinished.ShouldContain("c");
        gate.SetResult();
        queue.Drain();

        queue.Unfinished.ShouldBeEmpty();
        said.IsSet.ShouldBeTrue();
    }

    [Fact]
    public void Ending_waits_until_canceled_work_has_let_go()
    {
        var letGo = false;
        var working = new ManualResetEventSlim();
        var queue = new PipelineWorkQueue(1);
        queue.Add("careful", async cancellation =>
        {
            working.Set();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                await Task.Yield();
                letGo = true;
            }

            return () => { };
        });
        working.Wait(s_patience).ShouldBeTrue();
        queue.Dispose();

        letGo.ShouldBeTrue();
    }

    [Fact]
    public void After_the_end_messages_and_cancellations_have_no_effect()
    {
        var queue = new PipelineWorkQueue(1);
        queue.Dispose();

        Should.NotThrow(() => queue.Post(() => throw new InvalidTimeZoneException()));
        Should.NotThrow(queue.Cancel);
        Should.NotThrow(queue.End);
        Should.NotThrow(queue.Dispose);
    }

    // A thread of its own: the test's thread must stay free to cancel.
    private static Task OnACallersThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<Action> Outcome(Action say) => Task.FromResult(say);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
