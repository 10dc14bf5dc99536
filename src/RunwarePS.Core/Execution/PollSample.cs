namespace RunwarePS.Execution;

/// <summary>
/// The tasks that show whether webhooks arrive: of many that wait, as many as fit in one request are polled more often than the others.
/// </summary>
internal sealed class PollSample(TimeProvider time)
{
    private const double Growth = 1.3;

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(500);

    private readonly object _lock = new();
    private readonly HashSet<object> _polled = [];
    private DateTimeOffset _start;
    private DateTimeOffset _next;
    private DateTimeOffset? _end;
    private int _count;

    /// <summary>Whether tasks wait that aren't part of it.</summary>
    public bool IsPartial => Volatile.Read(ref _count) > RequestBatcher.MaxTasks;

    public void Add(object probe)
    {
        lock (_lock)
        {
            if (_count++ == 0)
            {
                (_start, _end) = (time.GetUtcNow(), null);
            }

            if (_polled.Count < RequestBatcher.MaxTasks)
            {
                _polled.Add(probe);
            }
        }
    }

    public void Remove(object probe)
    {
        lock (_lock)
        {
            _count--;
            _polled.Remove(probe);
        }
    }

    /// <summary>Whether a task is part of it, or becomes part of it because another has ended.</summary>
    public bool Has(object probe)
    {
        lock (_lock)
        {
            return _polled.Contains(probe) || (_polled.Count < RequestBatcher.MaxTasks && _polled.Add(probe));
        }
    }

    /// <summary>Takes note of when one of the tasks can be expected to end, by its progress.</summary>
    public void Expect(DateTimeOffset end)
    {
        lock (_lock)
        {
            _end = end;
        }
    }

    /// <summary>The common moment of the next poll after one at the given moment.</summary>
    public DateTimeOffset After(DateTimeOffset last)
    {
        lock (_lock)
        {
            if (_next <= last)
            {
                var waited = last - _start;
                var (soon, late) = (waited * Growth, waited * 2);
                var due = _end is { } end && end - _start > soon ? end - _start : soon;
                due = due > late ? late : due;
                _next = _start + (due < s_first ? s_first : due);
            }

            return _next;
        }
    }
}
