using System.Globalization;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>
/// Writes to a journal, one batch after another. What waits is written together, so that many tasks share one round trip and one commit.
/// Facts are kept until they are written; what a caller waits for ends with its wait, and is undone if it was written all the same.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private const int MostNamed = 5;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(5);

    private readonly JournalDatabase _database;
    private readonly Options _options;
    private readonly BatchQueue<Operation> _queue;
    private readonly CancellationTokenSource _closing = new();
    private Exception? _failure;
    private int _isClosed;

    public JournalWriter(JournalDatabase database, Options options)
    {
        (_database, _options) = (database, options);
        _queue = new BatchQueue<Operation>(WriteDetachedAsync);
    }

    /// <summary>Writes something as soon as possible; completes once it is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task<T> DoAsync<T>(Operation<T> operation, CancellationToken cancellationToken) =>
        DoAsync(operation, _options.RetryTimeout, cancellationToken);

    /// <summary>Writes a fact together with the next operation, within milliseconds; completes once it is committed.</summary>
    /// <exception cref="RunwareException">
    /// <c>JournalUnavailable</c>. If the server didn't respond, the fact is kept and written later.
    /// </exception>
    public async Task<long?> PostAsync(Fact fact)
    {
        Add(fact, isUrgent: false);
        try
        {
            return await fact.Done.WaitAsync(_options.FactTimeout, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw NotRecorded();
        }
    }

    /// <summary>Completes once everything requested before is committed.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>: some facts are kept and not yet written.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!_queue.IsEmpty)
        {
            await DoAsync(new Barrier(), _options.FactTimeout, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closing.Cancel();
        }

        if (_queue.CloseAsync().Wait(s_closeTimeout))
        {
            _closing.Dispose();
        }
    }

    private async Task<T> DoAsync<T>(Operation<T> operation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Add(operation, isUrgent: true);
        try
        {
            return await operation.Done.WaitAsync(timeout, _options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (!operation.TryAbandon())
            {
                return await operation.Done.ConfigureAwait(false); // finished at the same moment
            }

            if (e is OperationCanceledException)
            {
                throw;
            }

            throw operation is Barrier ? NotRecorded() : Away(timeout);
        }
    }

    private void Add(Operation operation, bool isUrgent)
    {
        _queue.Add(operation, isUrgent);
        if (_closing.IsCancellationRequested)
        {
            operation.Fail(Failures.Unavailable(_database.Address, Strings.JournalClosed));
        }
    }

    // Connecting may hold a thread, and a batch is of many callers: the context of none of them, with its activity, belongs to it.
    private Task WriteDetachedAsync(IReadOnlyList<Operation> batch)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(() => WriteAsync(batch));
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => WriteAsync(batch));
        }
    }

    private async Task WriteAsync(IReadOnlyList<Operation> batch)
    {
        foreach (var group in Groups(batch))
        {
            await WriteGroupAsync(group).ConfigureAwait(false);
            if (group.Where(o => o is { Token: not null, SentAt: not null, IsAbandoned: true }).Select(Fact.Undo).ToArray()
                is { Length: > 0 } undone)
            {
                await WriteGroupAsync(undone).ConfigureAwait(false);
            }
        }

        foreach (var barrier in batch.OfType<Barrier>())
        {
            barrier.TryFinish(true);
        }
    }

    /// <summary>What can be written together: begins, or facts. The operations of one task keep their order.</summary>
    private static List<List<Operation>> Groups(IEnumerable<Operation> batch)
    {
        var groups = new List<List<Operation>>();
        var last = new Dictionary<(int, Guid), int>();
        foreach (var operation in batch.Where(o => o is not Barrier))
        {
            var index = groups.FindIndex(last.GetValueOrDefault(operation.Key), g => g[0].GetType() == operation.GetType());
            if (index < 0)
            {
                index = groups.Count;
                groups.Add([]);
            }

            groups[index].Add(operation);
            last[operation.Key] = index;
        }

        return groups;
    }

    private async Task WriteGroupAsync(IReadOnlyList<Operation> group)
    {
        for (var pause = s_firstPause; Waiting(group) is { Count: > 0 } waiting; pause = Longer(pause))
        {
            try
            {
                await _database.WriteAsync(waiting).ConfigureAwait(false);
                Volatile.Write(ref _failure, null);
            }
            catch (Exception e) when (CanRetry(e, waiting[0]) && !_closing.IsCancellationRequested)
            {
                Volatile.Write(ref _failure, e);
                await PauseAsync(pause).ConfigureAwait(false);
            }
            catch (Exception) when (waiting.Count > 1 && !_closing.IsCancellationRequested)
            {
                foreach (var operation in waiting)
                {
                    await WriteGroupAsync([operation]).ConfigureAwait(false); // one that can't be written costs no other
                }
            }
            catch (Exception e)
            {
                var failure = Failures.Unavailable(_database.Address, e);
                foreach (var operation in waiting)
                {
                    operation.Fail(failure);
                }
            }
        }
    }

    // A full disk isn't worth a task's wait, but no reason to lose a fact.
    private static bool CanRetry(Exception e, Operation operation) => Failures.IsTransient(e)
        || (operation is Fact && e is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.DiskFull });

    private static List<Operation> Waiting(IEnumerable<Operation> group) => [.. group.Where(o => o.IsWaiting)];

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _options.Time, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // One last attempt.
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < s_longestPause ? pause * 2 : s_longestPause;

    private RunwareException Away(TimeSpan timeout) =>
        Failures.Unavailable(_database.Address, Strings.JournalServerAway.With((int)timeout.TotalSeconds, Reason()));

    private RunwareException NotRecorded()
    {
        var ids = _queue.Unwritten.Where(o => o is Fact { IsWaiting: true }).Select(o => o.Key.TaskUuid)
            .Where(id => id != Guid.Empty).Distinct().ToList();
        var named = string.Join(", ", ids.Take(MostNamed).Select(id => id.ToString("D")))
            + (ids.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $", … ({ids.Count})") : "");
        return Failures.Unavailable(_database.Address, Strings.JournalServerWaiting.With(
            Strings.JournalServerAway.With((int)_options.FactTimeout.TotalSeconds, Reason()), named));
    }

    private string Reason() => Volatile.Read(ref _failure) is { } failure ? Failures.Describe(failure) : Strings.JournalServerSlow;
}
