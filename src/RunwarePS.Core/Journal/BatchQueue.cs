namespace RunwarePS.Journal;

/// <summary>
/// What waits to be written, in its order. If nothing is being written, an urgent item is written on the calling thread, with what waits
/// already. What is added meanwhile is written next, as one batch on the thread pool, so that many writes share one commit.
/// </summary>
/// <typeparam name="T">What is written.</typeparam>
/// <param name="write">Writes a batch. Doesn't fail.</param>
internal sealed class BatchQueue<T>(Func<IReadOnlyList<T>, Task> write)
{
    private const int MaxBatch = 256;

    /// <summary>How long an item without a waiting caller may wait for others. A pipeline adds its next task sooner.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(10);

    private readonly object _gate = new();
    private readonly Queue<T> _waiting = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IReadOnlyList<T> _batch = [];
    private bool _isWriting;
    private bool _isClosing;
    private int _isWriteDue;

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

    /// <summary>Adds an item, unless the queue is closed.</summary>
    /// <param name="item">The item.</param>
    /// <param name="isUrgent">Whether it's written as soon as possible. Otherwise it waits for others, at most a few milliseconds.</param>
    public void Add(T item, bool isUrgent)
    {
        lock (_gate)
        {
            if (_isClosing)
            {
                return;
            }

            _waiting.Enqueue(item);
        }

        if (isUrgent)
        {
            Write();
        }
        else if (Interlocked.Exchange(ref _isWriteDue, 1) == 0)
        {
            _ = WriteSoonAsync();
        }
    }

    /// <summary>Completes when everything that was added is written. Nothing is added any more.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosing = true;
        }

        Write();
        return _closed.Task;
    }

    private void Write()
    {
        lock (_gate)
        {
            if (_isWriting)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteOneAsync();
    }

    // The calling thread writes one batch. What came meanwhile concerns others.
    private async Task WriteOneAsync()
    {
        if (Take() is { } batch)
        {
            await write(batch).ConfigureAwait(false);
            if (Take() is { } rest)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static state => _ = state.Queue.WriteAllAsync(state.Batch), (Queue: this, Batch: rest), preferLocal: false);
            }
        }
    }

    private async Task WriteAllAsync(IReadOnlyList<T>? batch)
    {
        for (; batch is not null; batch = Take())
        {
            await write(batch).ConfigureAwait(false);
        }
    }

    /// <summary>The next batch; null if there is none, and then nothing is being written any more.</summary>
    private IReadOnlyList<T>? Take()
    {
        lock (_gate)
        {
            var batch = new T[Math.Min(_waiting.Count, MaxBatch)];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = _waiting.Dequeue();
            }

            _batch = batch;
            _isWriting = batch.Length > 0;
            if (!_isWriting && _isClosing)
            {
                _closed.TrySetResult();
            }

            return _isWriting ? batch : null;
        }
    }

    private async Task WriteSoonAsync()
    {
        await Task.Delay(s_soon).ConfigureAwait(false);
        Volatile.Write(ref _isWriteDue, 0);
        Write();
    }
}
