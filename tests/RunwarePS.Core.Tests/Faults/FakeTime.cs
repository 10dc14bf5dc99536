namespace RunwarePS.Core.Tests.Faults;

/// <summary>A clock that stands still until a test moves it, or that jumps to the end of each wait as soon as it begins.</summary>
internal sealed class FakeTime(bool jumps = false) : TimeProvider
{
    // A wait is counted in whole milliseconds: without this, what is left of one would be waited for without end.
    private static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly List<Timer> _running = [];
    private readonly List<TimeSpan> _waits = [];
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    public static FakeTime Jumping() => new(jumps: true);

    /// <summary>Every wait that was begun, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_lock)
            {
                return [.. _waits];
            }
        }
    }

    /// <summary>How many waits have not ended.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public void Advance(TimeSpan span)
    {
        var target = GetUtcNow() + span;
        while (Next(target) is { } timer)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private Timer? Next(DateTimeOffset target)
    {
        lock (_lock)
        {
            var next = _running.Where(t => t.Due <= target).MinBy(t => t.Due);
            _now = next is null ? target : next.Due > _now ? next.Due : _now;
            if (next is not null)
            {
                _running.Remove(next);
            }

            return next;
        }
    }

    private void Start(Timer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _running.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            _waits.Add(dueTime);
            timer.Due = _now + dueTime;
            if (!jumps)
            {
                _running.Add(timer);
                return;
            }

            _now = timer.Due + s_late;
        }

        // Never on the caller's own stack: it has not yet seen its timer.
        ThreadPool.QueueUserWorkItem(_ => timer.Fire());
    }

    private void Stop(Timer timer)
    {
        lock (_lock)
        {
            _running.Remove(timer);
        }
    }

    private sealed class Timer(FakeTime time, Action fire) : ITimer
    {
        private volatile bool _stopped;

        public DateTimeOffset Due { get; set; }

        public void Fire()
        {
            if (!_stopped)
            {
                fire();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Start(this, dueTime);
            return true;
        }

        public void Dispose()
        {
            _stopped = true;
            time.Stop(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
