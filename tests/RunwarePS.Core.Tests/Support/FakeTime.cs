using Microsoft.Extensions.Time.Testing;

namespace RunwarePS.Core.Tests;

/// <summary>A clock that stands still until a test moves it, or that jumps to the end of each wait as soon as it begins.</summary>
internal sealed class FakeTime(bool jumps = false, DateTimeOffset? start = null)
    : FakeTimeProvider(start ?? DateTimeOffset.UtcNow)
{
    // A wait is counted in whole milliseconds: without this, the rest of one would be waited for without end.
    private static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(1);

    private readonly bool _jumps = jumps;
    private readonly Lock _lock = new();
    private readonly HashSet<Timer> _running = [];
    private readonly List<TimeSpan> _waits = [];

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

    /// <summary>How many waits haven't ended.</summary>
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

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this);
        timer.Inner = base.CreateTimer(
            _ =>
            {
                Stop(timer);
                callback(state);
            },
            state: null, Timeout.InfiniteTimeSpan, period);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Begin(Timer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _running.Remove(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _waits.Add(dueTime);
                _running.Add(timer);
            }
        }
    }

    private void Stop(Timer timer)
    {
        lock (_lock)
        {
            _running.Remove(timer);
        }
    }

    /// <summary>The library's timer, whose waits are recorded.</summary>
    private sealed class Timer(FakeTime time) : ITimer
    {
        public ITimer Inner { get; set; } = null!;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Begin(this, dueTime);
            var isChanged = Inner.Change(dueTime, period);
            if (time._jumps && dueTime != Timeout.InfiniteTimeSpan)
            {
                // Never on the caller's own stack: it hasn't seen its timer yet.
                ThreadPool.QueueUserWorkItem(_ => time.Advance(dueTime + s_late));
            }

            return isChanged;
        }

        public void Dispose()
        {
            time.Stop(this);
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
