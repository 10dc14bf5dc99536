using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>
/// The one line of work of a journal. What waits is done in one transaction, so that many tasks share one commit; a read sees all that was
/// asked for before it.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private const int MaxBatch = 256;
    private static readonly TimeSpan s_patienceAtEnd = TimeSpan.FromSeconds(15);

    private readonly Channel<Operation> _operations = Channel.CreateUnbounded<Operation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Database _db;
    private readonly string _path;
    private readonly Task _loop;

    public JournalWriter(Database db, string path)
    {
        _db = db;
        _path = path;
        _loop = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Does something in the journal's own order; complete once it is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public async Task<T> DoAsync<T>(Func<Database, T> work)
    {
        var operation = new Operation<T>(work);
        if (!_operations.Writer.TryWrite(operation))
        {
            throw SqliteJournalFactory.Failure(_path, new ObjectDisposedException(nameof(JournalWriter), "it was closed."));
        }

        return await operation.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _operations.Writer.TryComplete();
        _loop.Wait(s_patienceAtEnd);
        _db.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Operation>(MaxBatch);
        while (await _operations.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && _operations.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<Operation> batch)
    {
        try
        {
            _db.InTransaction(() => batch.ForEach(operation => operation.Run(_db)));
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
            var failure = SqliteJournalFactory.Failure(_path, e);
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
