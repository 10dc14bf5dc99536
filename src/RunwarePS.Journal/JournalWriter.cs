using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>
/// The one line of work of a journal. What waits is done in one transaction, so that many tasks share one commit; everything is done in the
/// order in which it was asked for.
/// </summary>
/// <remarks>Who waits for an outcome does the work itself where nobody else is at it: a change of threads costs more than a commit.</remarks>
internal sealed class JournalWriter(Database db, string path) : IDisposable
{
    private const int MaxBatch = 256;
    private static readonly TimeSpan s_patienceAtEnd = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<Operation> _waiting = new();
    private readonly SemaphoreSlim _pen = new(1);
    private readonly List<Operation> _batch = new(MaxBatch);
    private int _unfinished;
    private int _closed;

    /// <summary>Does something at once, on this thread where it can; complete once it is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task<T> DoAsync<T>(Func<Database, T> work)
    {
        var operation = Add(work);
        WriteIfFree();
        return operation.Task;
    }

    /// <summary>Does something soon, on another thread; complete once it is committed.</summary>
    /// <inheritdoc cref="DoAsync"/>
    public Task<T> PostAsync<T>(Func<Database, T> work)
    {
        var operation = Add(work);
        ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.WriteIfFree(), this, preferLocal: false);
        return operation.Task;
    }

    /// <summary>Complete once everything asked for before is committed.</summary>
    public Task FlushAsync() => Volatile.Read(ref _unfinished) == 0 ? Task.CompletedTask : PostAsync(static _ => true);

    public void Dispose()
    {
        // The pen is never given back: the file is closed.
        if (Interlocked.Exchange(ref _closed, 1) == 0 && _pen.Wait(s_patienceAtEnd))
        {
            while (WriteBatch())
            {
            }

            db.Dispose();
        }
    }

    private Operation<T> Add<T>(Func<Database, T> work)
    {
        var operation = new Operation<T>(work);
        Interlocked.Increment(ref _unfinished);
        _waiting.Enqueue(operation);
        if (Volatile.Read(ref _closed) == 1)
        {
            operation.Fail(SqliteJournalFactory.Failure(path, new ObjectDisposedException(nameof(JournalWriter), "it was closed.")));
        }

        return operation;
    }

    private void WriteIfFree()
    {
        if (_waiting.IsEmpty || !_pen.Wait(0))
        {
            return; // who holds the pen looks again after putting it down
        }

        try
        {
            WriteBatch();
        }
        finally
        {
            _pen.Release();
        }

        if (!_waiting.IsEmpty)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.WriteIfFree(), this, preferLocal: false); // the rest is not this caller's to wait for
        }
    }

    private bool WriteBatch()
    {
        while (_batch.Count < MaxBatch && _waiting.TryDequeue(out var operation))
        {
            _batch.Add(operation);
        }

        if (_batch.Count == 0)
        {
            return false;
        }

        Commit(_batch);
        Interlocked.Add(ref _unfinished, -_batch.Count);
        _batch.Clear();
        return true;
    }

    private void Commit(List<Operation> batch)
    {
        try
        {
            db.InTransaction(() => batch.ForEach(operation => operation.Run(db)));
            foreach (var operation in batch)
            {
                operation.Complete();
            }
        }
        catch (Exception e) when (batch.Count > 1 && !ConcernsTheFile(e))
        {
            foreach (var operation in batch)
            {
                Commit([operation]); // one that cannot be done costs no other
            }
        }
        catch (Exception e)
        {
            var failure = SqliteJournalFactory.Failure(path, e);
            batch.ForEach(operation => operation.Fail(failure));
        }
    }

    // Locked, full, read-only, torn: what stops one write stops them all, and each would wait as long again to learn it.
    private static bool ConcernsTheFile(Exception e) => e is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    private abstract class Operation
    {
        public abstract void Run(Database db);

        public abstract void Complete();

        public abstract void Fail(RunwareException e);
    }

    private sealed class Operation<T>(Func<Database, T> work) : Operation
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _done.Task;

        public override void Run(Database db) => _result = work(db);

        public override void Complete() => _done.TrySetResult(_result);

        public override void Fail(RunwareException e) => _done.TrySetException(e);
    }
}
