using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>
/// The one line of work of a journal. What waits is done in one transaction, so that many tasks share one commit; everything is done in the
/// order in which it was asked for.
/// </summary>
/// <remarks>
/// Who waits for an outcome does the work itself, and what others left to be done with it: a change of threads costs more than a commit.
/// What nobody waits for goes along with the next such commit, or shortly after on the pool.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    private const int MaxBatch = 256;

    /// <summary>A pipeline brings its next task sooner; a reader of another process hardly sees the difference.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan s_patienceAtEnd = TimeSpan.FromSeconds(15);

    private readonly Database _db;
    private readonly string _path;
    private readonly ConcurrentQueue<Operation> _waiting = new();
    private readonly SemaphoreSlim _pen = new(1);
    private readonly List<Operation> _batch = new(MaxBatch);
    private readonly Timer _soon;
    private int _isSoonSet;
    private int _unfinished;
    private int _closed;

    public JournalWriter(Database db, string path)
    {
        (_db, _path) = (db, path);
        using (ExecutionContext.SuppressFlow()) // it outlives whoever happened to be first
        {
            _soon = new Timer(static writer => ((JournalWriter)writer!).WriteSoon(), this, Timeout.Infinite, Timeout.Infinite);
        }
    }

    /// <summary>Does something at once, on this thread where it can; complete once it is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task<T> DoAsync<T>(Func<Database, T> work)
    {
        var operation = Add(new Operation<T>(work, TaskCreationOptions.RunContinuationsAsynchronously));
        Write(isPatient: false);
        return operation.Task;
    }

    /// <summary>
    /// Does something soon; complete once it is committed. Continuations run on the writing thread, so that a flush finds them done.
    /// </summary>
    /// <param name="work">What to do.</param>
    /// <param name="committed">Told on the writing thread.</param>
    /// <param name="lost">Told instead where it cannot be done.</param>
    /// <inheritdoc cref="DoAsync"/>
    public Task<T> PostAsync<T>(Func<Database, T> work, Action? committed = null, Action? lost = null)
    {
        var operation = Add(new Operation<T>(work, TaskCreationOptions.None, committed, lost));
        if (Interlocked.Exchange(ref _isSoonSet, 1) == 0)
        {
            SetSoon();
        }

        return operation.Task;
    }

    /// <summary>Complete once everything asked for before is committed. Done at once, on this thread where it can.</summary>
    public Task FlushAsync() => Volatile.Read(ref _unfinished) == 0 ? Task.CompletedTask : DoAsync(static _ => true);

    public void Dispose()
    {
        // The pen is never given back: the file is closed.
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _soon.Dispose();
            if (_pen.Wait(s_patienceAtEnd))
            {
                while (WriteBatch(isPatient: true))
                {
                }

                _db.Dispose();
            }
        }
    }

    private Operation<T> Add<T>(Operation<T> operation)
    {
        Interlocked.Increment(ref _unfinished);
        _waiting.Enqueue(operation);
        if (Volatile.Read(ref _closed) == 1)
        {
            operation.Fail(SqliteJournalFactory.Failure(_path, new ObjectDisposedException(nameof(JournalWriter), "it was closed.")));
        }

        return operation;
    }

    private void SetSoon()
    {
        try
        {
            _soon.Change(s_soon, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // It was closed just now, and wrote what waited.
        }
    }

    private void WriteSoon()
    {
        Volatile.Write(ref _isSoonSet, 0);
        Write(isPatient: true);
    }

    /// <summary>Writes one batch, unless somebody else is writing.</summary>
    /// <param name="isPatient">True where this thread may wait for another process's write; otherwise the pool does that.</param>
    private void Write(bool isPatient)
    {
        if (!_pen.Wait(0))
        {
            return; // who holds the pen looks again after putting it down
        }

        try
        {
            WriteBatch(isPatient);
        }
        finally
        {
            _pen.Release();
        }

        if (Volatile.Read(ref _unfinished) != 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Write(isPatient: true), this, preferLocal: false); // the rest is not this caller's to wait for
        }
    }

    /// <summary>False where there was nothing to write, or another process is writing.</summary>
    private bool WriteBatch(bool isPatient)
    {
        while (_batch.Count < MaxBatch && _waiting.TryDequeue(out var operation))
        {
            _batch.Add(operation);
        }

        if (_batch.Count == 0 || !TryCommit(_batch, isPatient))
        {
            return false;
        }

        Interlocked.Add(ref _unfinished, -_batch.Count);
        _batch.Clear();
        return true;
    }

    private bool TryCommit(List<Operation> batch, bool isPatient)
    {
        try
        {
            if (!_db.TryBegin(isPatient))
            {
                return false;
            }

            _db.Commit(() => batch.ForEach(operation => operation.Run(_db)));
            foreach (var operation in batch)
            {
                operation.Complete();
            }
        }
        catch (Exception e) when (batch.Count > 1 && !ConcernsTheFile(e))
        {
            foreach (var operation in batch)
            {
                TryCommit([operation], isPatient: true); // one that cannot be done costs no other
            }
        }
        catch (Exception e)
        {
            var failure = SqliteJournalFactory.Failure(_path, e);
            batch.ForEach(operation => operation.Fail(failure));
        }

        return true;
    }

    // Locked, full, read-only, torn: what stops one write stops them all, and each would wait as long again to learn it.
    private static bool ConcernsTheFile(Exception e) => e is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    private abstract class Operation
    {
        public abstract void Run(Database db);

        public abstract void Complete();

        public abstract void Fail(RunwareException e);
    }

    private sealed class Operation<T>(Func<Database, T> work, TaskCreationOptions continuations, Action? committed = null, Action? lost = null) : Operation
    {
        private readonly TaskCompletionSource<T> _done = new(continuations);
        private T _result = default!;
        private int _told;

        public Task<T> Task => _done.Task;

        public override void Run(Database db) => _result = work(db);

        public override void Complete()
        {
            if (IsFirst())
            {
                committed?.Invoke();
                _done.TrySetResult(_result);
            }
        }

        public override void Fail(RunwareException e)
        {
            if (IsFirst())
            {
                lost?.Invoke();
                _done.TrySetException(e);
            }
        }

        // What is asked for while the journal closes may be refused and done all the same.
        private bool IsFirst() => Interlocked.Exchange(ref _told, 1) == 0;
    }
}
