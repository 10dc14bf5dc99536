using System.Threading.Channels;

namespace RunwarePS.Journal;

/// <summary>
/// What waits to be written, in its order. One reader takes everything that waits as one batch, so that many writes share one commit.
/// </summary>
/// <typeparam name="T">What is written.</typeparam>
internal sealed class BatchQueue<T>
{
    private const int MaxBatch = 256;

    /// <summary>How long an item without a waiting caller may wait for others. A pipeline adds its next task sooner.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(10);

    private readonly object _gate = new();
    private readonly Queue<T> _waiting = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private IReadOnlyList<T> _batch = [];
    private int _isSignalDue;

    /// <summary>Whether everything is written.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _batch.Count + _waiting.Count == 0;
            }
        }
    }

    /// <summary>Everything that isn't written yet.</summary>
    public IReadOnlyList<T> Unwritten
    {
        get
        {
            lock (_gate)
            {
                return [.. _batch, .. _waiting];
            }
        }
    }

    /// <summary>Adds an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="isUrgent">Whether it's written as soon as possible. Otherwise it waits for others, at most a few milliseconds.</param>
    public void Add(T item, bool isUrgent)
    {
        lock (_gate)
        {
            _waiting.Enqueue(item);
        }

        if (isUrgent)
        {
            _signal.Writer.TryWrite(true);
        }
        else if (Interlocked.Exchange(ref _isSignalDue, 1) == 0)
        {
            _ = SignalSoonAsync();
        }
    }

    /// <summary>Takes batches, one after another, until the queue is closed and empty.</summary>
    /// <param name="write">Writes a batch.</param>
    public async Task RunAsync(Func<IReadOnlyList<T>, Task> write)
    {
        bool isOpen;
        do
        {
            isOpen = await _signal.Reader.WaitToReadAsync().ConfigureAwait(false);
            _signal.Reader.TryRead(out _); // before the queue is read: what comes later signals again
            while (Take() is { Count: > 0 } batch)
            {
                await write(batch).ConfigureAwait(false);
            }
        }
        while (isOpen);
    }

    /// <summary>Nothing is added any more.</summary>
    public void Close() => _signal.Writer.TryComplete();

    private IReadOnlyList<T> Take()
    {
        lock (_gate)
        {
            var batch = new T[Math.Min(_waiting.Count, MaxBatch)];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = _waiting.Dequeue();
            }

            return _batch = batch;
        }
    }

    private async Task SignalSoonAsync()
    {
        await Task.Delay(s_soon).ConfigureAwait(false);
        Volatile.Write(ref _isSignalDue, 0);
        _signal.Writer.TryWrite(true);
    }
}
