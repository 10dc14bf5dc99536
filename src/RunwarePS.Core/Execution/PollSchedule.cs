namespace RunwarePS.Execution;

/// <summary>
/// Decides when to poll tasks that are waited for together. The interval grows with the time waited and with the number of tasks, so the
/// request rate has a bound. Tasks are polled at common moments, so that their polls share requests.
/// </summary>
internal sealed class PollSchedule(TimeProvider time)
{
    /// <summary>All tasks together: thirty requests a second if every request is full.</summary>
    private const int MaxPollsPerSecond = 30 * RequestBatcher.MaxTasks;

    private static readonly TimeSpan s_shortestStep = TimeSpan.FromMilliseconds(50);

    /// <summary>As long as the longest time limit, and short enough for any timer.</summary>
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromDays(7);

    // The common moments count from here, so that machines with synchronized clocks don't poll at the same moment.
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly double _jitter = Backoff.PollJitter();
    private int _count;

    private TimeProvider Time => time;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Adds a task to those that are waited for. Disposing of the probe removes it.</summary>
    /// <param name="interval">The interval that the user specified; null for the default.</param>
    public Probe Add(TimeSpan? interval)
    {
        Interlocked.Increment(ref _count);
        return new Probe(this, interval > s_longestInterval ? s_longestInterval : interval);
    }

    private TimeSpan WaitBeforePoll(TimeSpan waited, TimeSpan? specified)
    {
        var interval = (specified ?? DefaultInterval(waited)) * _jitter;
        var step = CommonStep(interval).Ticks;
        var due = (Now - _start + interval).Ticks;
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
    internal sealed class Probe(PollSchedule schedule, TimeSpan? interval) : IDisposable
    {
        private readonly DateTimeOffset _start = schedule.Now;

        /// <summary>Waits until the task is due to be polled.</summary>
        /// <param name="atLeast">The pause that the API asked for.</param>
        /// <param name="atMost">What is left of the time limit.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        public Task WaitAsync(TimeSpan atLeast, TimeSpan atMost, CancellationToken cancellationToken)
        {
            var wait = schedule.WaitBeforePoll(schedule.Now - _start, interval);
            wait = wait < atLeast ? atLeast : wait;
            wait = wait > atMost ? atMost : wait;
            return Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, schedule.Time, cancellationToken);
        }

        public void Dispose() => Interlocked.Decrement(ref schedule._count);
    }
}
