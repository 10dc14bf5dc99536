using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RunwarePS.Journal.Sqlite;

/// <summary>
/// Writes to a journal, one batch after another. What waits is done in one transaction, so that many tasks share one commit; everything is
/// done in the order in which it was requested.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    /// <summary>How long the writer pauses at most before it tries again to lock the file.</summary>
    private const int LongestPauseMs = 10;

    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(15);

    private readonly Database _db;
    private readonly string _path;
    private readonly BatchQueue<Operation> _queue;
    private readonly Lazy<Task> _closing;
    private int _unfinished;
    private volatile bool _isClosed;

    public JournalWriter(Database db, string path)
    {
        (_db, _path) = (db, path);
        _queue = new BatchQueue<Operation>(CommitAsync);
        _closing = new Lazy<Task>(() => Task.Run(CloseAsync));
    }

    /// <summary>Does something as soon as possible; completes once it is committed.</summary>
    /// <param name="work">What to do, within a transaction.</param>
    /// <param name="cancellationToken">If the work didn't start yet, it isn't done. Otherwise ends the wait, unless the caller's thread works.</param>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task<T> DoAsync<T>(Func<Database, T> work, CancellationToken cancellationToken) =>
        Add(new Operation<T>(this, work, cancellationToken), isUrgent: true);

    /// <summary>Does something together with the next awaited work, within milliseconds; completes once it is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task<T> PostAsync<T>(Func<Database, T> work) => Add(new Operation<T>(this, work, CancellationToken.None), isUrgent: false);

    /// <summary>Completes once everything requested before is committed. Doesn't hold the caller's thread, which may be the pipeline's.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Volatile.Read(ref _unfinished) == 0
        ? Task.CompletedTask
        : Task.Run(() => DoAsync(static _ => true, cancellationToken), CancellationToken.None);

    /// <summary>From now on, each commit waits for the disk.</summary>
    public void RequireFullSync() => _db.RequireFullSync();

    public void Dispose()
    {
        _isClosed = true;
        _closing.Value.Wait(s_closeTimeout);
    }

    private Task<T> Add<T>(Operation<T> operation, bool isUrgent)
    {
        _queue.Add(operation, isUrgent);
        if (_isClosed)
        {
            operation.Finish(SqliteJournalProvider.Failure(_path,
                new ObjectDisposedException(nameof(JournalWriter), Strings.JournalClosed)));
        }

        return operation.Task;
    }

    private async Task CloseAsync()
    {
        await _queue.CloseAsync().ConfigureAwait(false);
        _db.Dispose();
    }

    private async Task CommitAsync(IReadOnlyList<Operation> batch)
    {
        try
        {
            if (await TryBeginAsync(batch).ConfigureAwait(false))
            {
                _db.Commit(() =>
                {
                    foreach (var operation in batch)
                    {
                        operation.Run(_db);
                    }
                });
            }

            Finish(batch, failure: null);
        }
        catch (Exception e) when (batch.Count > 1 && !ConcernsTheFile(e))
        {
            foreach (var operation in batch)
            {
                await CommitAsync([operation]).ConfigureAwait(false); // one that cannot be done costs no other
            }
        }
        catch (Exception e)
        {
            Finish(batch, SqliteJournalProvider.Failure(_path, e));
        }
    }

    private static void Finish(IReadOnlyList<Operation> batch, RunwareException? failure)
    {
        foreach (var operation in batch)
        {
            operation.Finish(failure);
        }
    }

    /// <summary>Begins a transaction. Waits for a process that is writing, without holding a thread.</summary>
    /// <returns>False if no caller waits for the batch any longer.</returns>
    /// <exception cref="SqliteException">Also if another process writes for too long.</exception>
    private async Task<bool> TryBeginAsync(IReadOnlyList<Operation> batch)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = 1; !_db.TryBegin(); pause = Math.Min(pause * 2, LongestPauseMs))
        {
            if (batch.All(operation => operation.IsCanceled))
            {
                return false;
            }

            if (watch.ElapsedMilliseconds > JournalFile.BusyTimeoutMs)
            {
                throw new SqliteException(Strings.JournalLocked, raw.SQLITE_BUSY);
            }

            await Task.Delay(pause).ConfigureAwait(false);
        }

        return true;
    }

    // Locked, full, read-only, torn: what stops one write stops them all, and each would wait as long again to find out.
    private static bool ConcernsTheFile(Exception e) => e is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    private abstract class Operation
    {
        public abstract void Run(Database db);

        public abstract bool IsCanceled { get; }

        /// <param name="failure">Null if the work is committed.</param>
        public abstract void Finish(RunwareException? failure);
    }

    private sealed class Operation<T> : Operation
    {
        private const int Waits = 0;
        private const int Started = 1;
        private const int Canceled = 2;
        private const int Finished = 3;

        private readonly JournalWriter _writer;
        private readonly Func<Database, T> _work;
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenRegistration _cancellation;
        private T _result = default!;
        private int _state;

        public Operation(JournalWriter writer, Func<Database, T> work, CancellationToken cancellationToken)
        {
            (_writer, _work) = (writer, work);
            Interlocked.Increment(ref writer._unfinished);
            _cancellation = cancellationToken.UnsafeRegister(static (me, token) => ((Operation<T>)me!).Cancel(token), this);
        }

        public Task<T> Task => _done.Task;

        public override void Run(Database db)
        {
            if (Interlocked.CompareExchange(ref _state, Started, Waits) != Canceled)
            {
                _result = _work(db);
            }
        }

        public override bool IsCanceled => Volatile.Read(ref _state) == Canceled;

        public override void Finish(RunwareException? failure)
        {
            if (Interlocked.Exchange(ref _state, Finished) is Canceled or Finished)
            {
                return; // it is counted once
            }

            _cancellation.Unregister();
            Interlocked.Decrement(ref _writer._unfinished); // first: code that continues then has nothing to flush
            if (failure is null)
            {
                _done.TrySetResult(_result);
            }
            else
            {
                _done.TrySetException(failure);
            }
        }

        // Work that started is committed within milliseconds: its outcome is known then, and nothing has to be undone.
        private void Cancel(CancellationToken token)
        {
            if (Interlocked.CompareExchange(ref _state, Canceled, Waits) == Waits)
            {
                Interlocked.Decrement(ref _writer._unfinished);
                _done.TrySetCanceled(token);
            }
        }
    }
}
