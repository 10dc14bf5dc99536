namespace RunwarePS.Execution;

/// <summary>
/// Decides when to poll tasks that are waited for together. The interval grows with the time waited and with the number of tasks, so the
/// request rate has a bound. Tasks are polled at common moments, so that their polls share requests. A task that a webhook announces is
/// polled when its call arrives, and rarely before.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="signals">The calls of webhooks; null if there are none.</param>
internal sealed class PollSchedule(TimeProvider time, TaskSignals? signals = null)
{
    /// <summary>All tasks together: thirty requests a second if every request is full.</summary>
    private const int MaxPollsPerSecond = 30 * RequestBatcher.MaxTasks;

    private static readonly TimeSpan s_shortestStep = TimeSpan.FromMilliseconds(50);

    /// <summary>As long as the longest time limit, and short enough for any timer.</summary>
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromDays(7);

    // The common moments count from here, so that machines with synchronized clocks don't poll at the same moment.
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly double _jitter = Backoff.PollJitter();
    private readonly PollSample _sample = new(time);
    private int _count;

    /// <summary>The number of tasks that are waited for.</summary>
    public int Count => Volatile.Read(ref _count);

    private TimeProvider Time => time;

    private TaskSignals? Signals => signals;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Adds a task to those that are waited for. Disposing of the probe removes it.</summary>
    /// <param name="interval">The interval that the user specified; null for the default.</param>
    /// <param name="taskUuid">The task, if a webhook may announce it.</param>
    public Probe Add(TimeSpan? interval, Guid taskUuid = default)
    {
        Interlocked.Increment(ref _count);
        return new Probe(this, interval > s_longestInterval ? s_longestInterval : interval, taskUuid);
    }

    private TimeSpan WaitBeforePoll(TimeSpan waited, TimeSpan? specified)
    {
        var interval = (specified ?? DefaultInterval(waited)) * _jitter;
        return ToCommonMoment(Now, interval);
    }

    private TimeSpan ToCommonMoment(DateTimeOffset from, TimeSpan interval)
    {
        var step = CommonStep(interval).Ticks;
        var due = (from - _start + interval).Ticks;
        return interval + TimeSpan.FromTicks((step - (due % step)) % step);
    }

    private TimeSpan DefaultInterval(TimeSpan waited)
    {
        var (byAge, byCount) = (Backoff.Poll(waited), TimeSpan.FromSeconds((double)_count / MaxPollsPerSecond));
        return byAge > byCount ? byAge : byCount;
    }

    // At most half an interval. Each step doubles the one before, so the moments of a long step are moments of every shorter step too.
    private static TimeSpan CommonStep(TimeSpan interval) =>
        TimeSpan.FromTicks(s_shortestStep.Ticks << Math.Max(0, (int)Math.Log2(Math.Max(1, interval.Ticks) / 2.0 / s_shortestStep.Ticks)));

    /// <summary>The polls of one task.</summary>
    internal sealed class Probe : IDisposable
    {
        /// <summary>How often tasks are polled while others show whether calls arrive.</summary>
        private static readonly TimeSpan s_held = TimeSpan.FromSeconds(10);

        /// <summary>How often a task is polled whose call is expected: thirty seconds, growing to a minute.</summary>
        private static readonly TimeSpan s_rare = TimeSpan.FromSeconds(30);

        private static readonly TimeSpan s_rarest = TimeSpan.FromSeconds(60);

        /// <summary>How much later than any task so far a call is overdue.</summary>
        private static readonly TimeSpan s_overdue = TimeSpan.FromSeconds(1);

        /// <summary>How often it's looked at whether a task has become one of those that show whether calls arrive.</summary>
        private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

        private readonly PollSchedule _schedule;
        private readonly TimeSpan? _interval;
        private readonly Guid _taskUuid;
        private readonly TaskSignal? _signal;
        private readonly DateTimeOffset _start;
        private int _rarePolls;

        public Probe(PollSchedule schedule, TimeSpan? interval, Guid taskUuid)
        {
            (_schedule, _interval, _taskUuid, _start) = (schedule, interval, taskUuid, schedule.Now);
            _signal = schedule.Signals?.Find(taskUuid);
            if (_signal is not null)
            {
                _signal.BeginWait();
                schedule._sample.Add(this);
            }
        }

        /// <summary>Waits until the task is due to be polled.</summary>
        /// <param name="atLeast">The pause that the API asked for.</param>
        /// <param name="atMost">What is left of the time limit.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        public async Task WaitAsync(TimeSpan atLeast, TimeSpan atMost, CancellationToken cancellationToken)
        {
            var start = _schedule.Now;
            var usual = _schedule.WaitBeforePoll(start - _start, _interval);
            for (var isOver = false; !isOver;)
            {
                // Taken before they're looked at, so that a call in between isn't missed.
                var (woken, changed) = (_signal?.Woken, _schedule.Signals?.Changed);
                var isWoken = woken?.IsCompleted == true;
                var wait = woken is null ? usual : isWoken ? TimeSpan.Zero : WaitForSignal(_signal!, usual, start);
                wait = wait < atLeast ? atLeast : wait;
                wait = (wait > atMost ? atMost : wait) - (_schedule.Now - start);
                var part = _signal is null || wait < s_look ? wait : s_look;
                isOver = wait <= TimeSpan.Zero
                    || (await DelayAsync(part, isWoken ? null : woken, changed, cancellationToken).ConfigureAwait(false) && part == wait);
            }

            if (_signal?.TryTake() == false && _schedule.Signals!.Trust == SignalTrust.Proven)
            {
                _rarePolls++;
            }
        }

        /// <summary>Takes note of how far the task is, in percent.</summary>
        public void Report(int? progress)
        {
            if (_signal is not null && progress is > 0 and < 100)
            {
                _schedule._sample.Expect(_signal.Since + ((_schedule.Now - _signal.Since) * (100.0 / progress.Value)));
            }
        }

        /// <summary>Takes note that a poll returned the results.</summary>
        public void End() => _schedule.Signals?.Ended(_taskUuid);

        public void Dispose()
        {
            Interlocked.Decrement(ref _schedule._count);
            if (_signal is not null)
            {
                _signal.EndWait();
                _schedule._sample.Remove(this);
            }
        }

        /// <summary>How long after the last poll the next one is due, if a webhook announces the results.</summary>
        private TimeSpan WaitForSignal(TaskSignal signal, TimeSpan usual, DateTimeOffset start)
        {
            // A task that was announced and isn't complete is polled as usual, and so is one whose receiver was stopped.
            var (signals, sample) = (_schedule.Signals!, _schedule._sample);
            if (_interval is not null || signal.HasArrived || signals.Find(_taskUuid) is null || signals.Trust == SignalTrust.Lost)
            {
                return usual;
            }

            var isPolled = sample.Has(this);
            var wait = signals.Trust == SignalTrust.Proven
                ? isPolled ? OverdueWait(signal, start) : s_rare * Math.Pow(1.5, _rarePolls)
                : !sample.IsPartial ? usual : isPolled ? sample.After(start) - start : s_held;
            wait = wait < s_rarest ? wait : s_rarest;
            return wait > usual ? wait : usual;
        }

        // When a task takes half as long again as any before, its call may have been lost; and again at double the time, and so on.
        private TimeSpan OverdueWait(TaskSignal signal, DateTimeOffset start)
        {
            var overdue = signal.Since + (_schedule.Signals!.Longest * 1.5) + s_overdue - start;
            return _schedule.ToCommonMoment(start, overdue > TimeSpan.Zero ? overdue : start - signal.Since);
        }

        /// <summary>Waits; false if it ends sooner, because there's something to look at.</summary>
        private async Task<bool> DelayAsync(TimeSpan wait, Task? woken, Task? changed, CancellationToken cancellationToken)
        {
            if (woken is null)
            {
                await Task.Delay(wait, _schedule.Time, cancellationToken).ConfigureAwait(false);
                return true;
            }

            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var delay = Task.Delay(wait, _schedule.Time, end.Token);
            await Task.WhenAny(delay, woken, changed!).ConfigureAwait(false);
            var isOver = delay.IsCompleted;
            await end.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return isOver;
        }
    }
}
