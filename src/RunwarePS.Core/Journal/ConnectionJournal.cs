using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RunwarePS.Journal;

/// <summary>
/// The journal as one cmdlet uses it: for its connection only, and never a reason for a lost result. A journal that can't be opened isn't
/// used from then on, with one warning. One that lost a write is used again for the next: another process may have locked it for a moment.
/// Where the connection requires it, a task that can't be recorded isn't sent.
/// </summary>
/// <param name="open">Opens the journal that all cmdlets of this process share; null for none.</param>
/// <param name="settings">The connection.</param>
/// <param name="warn">Writes a warning; may be called on any thread.</param>
/// <param name="time">The clock; the system's by default.</param>
internal sealed class ConnectionJournal(
    Func<CancellationToken, Task<IJournalStore>>? open, ConnectionSettings settings, Action<string> warn, TimeProvider? time = null)
{
    /// <summary>How often the journal is asked for a task that another process works on.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly HashSet<Task> _facts = [];
    private Task<OpenJournal>? _open;
    private bool _isUnavailable = open is null;
    private bool _hasLost;
    private volatile bool _commitsAtOnce;

    /// <summary>A journal that keeps nothing.</summary>
    public static ConnectionJournal None(ConnectionSettings settings) => new(open: null, settings, _ => { });

    /// <summary>Opens the journal, for what only the journal has. Without it, nothing to show and nothing recorded would look alike.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public Task RequireAsync(CancellationToken cancellationToken) => open is null ? Task.CompletedTask : Open().WaitAsync(cancellationToken);

    /// <summary>Records a task before it is sent.</summary>
    /// <returns>What became of it; null where the journal isn't used, and then the task is to be sent.</returns>
    /// <exception cref="RunwareException"><c>BudgetExceeded</c>, <c>PriceUnknown</c>, <c>TaskUuidReused</c>, or <c>JournalUnavailable</c>
    /// where the journal is required.</exception>
    public async Task<BeginOutcome?> BeginAsync(TaskRequest task, CancellationToken cancellationToken)
    {
        var reserved = task.Forecast.Reserved;
        if (settings.MaxCost is not null && reserved is null)
        {
            throw CostLimit.PriceUnknown(task.Model);
        }

        var outcome = await TryAsync(
            open => BeginAsync(open, task, settings.MaxCost, cancellationToken), cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            null when settings.MaxCost is not null => throw Unavailable(Strings.JournalNeededForCap, inner: null),
            BeginOutcome.DifferentRequest =>
                throw RunwareException.Invalid(ErrorCodes.TaskUuidReused, "TaskUuid", Strings.JournalHasOtherRequest.With(task.TaskUuid)),
            BeginOutcome.OverBudget over =>
                throw CostLimit.Exceeded(task.TaskUuid, reserved!.Value, over.BookedToday, settings.MaxCost!.Value, Strings.BookedToday),
            _ => outcome,
        };
    }

    private static Task<BeginOutcome> BeginAsync(
        OpenJournal open, TaskRequest task, decimal? cap, CancellationToken cancellationToken)
    {
        var (row, media) = JournalRequest.ToRow(task, task.Forecast.Reserved, open.Seal);
        return open.Session.BeginAsync(row, media, cap, cancellationToken);
    }

    /// <summary>Waits for a task that another process or pipeline works on.</summary>
    /// <returns>The task once it has ended; null once no process works on it any longer.</returns>
    public async Task<JournalTask?> WaitAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        while (await FindAsync(taskUuid, cancellationToken).ConfigureAwait(false) is { } row)
        {
            if (row.HasEnded || !row.IsOwned)
            {
                return row.HasEnded ? row : null;
            }

            await Task.Delay(s_look, time ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Whether this process may still send a task: another one may have taken it over while this one was suspended.</summary>
    public async ValueTask<bool> EnsureOwnedAsync(TaskLease lease, CancellationToken cancellationToken) => lease.IsNone
        || (await TryAsync(
            async open => (bool?)await open.Session.EnsureOwnedAsync(lease, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false) ?? true);

    public void Accepted(TaskLease lease, bool isWaitedFor) => Post(open => open.Session.AcceptedAsync(lease, isWaitedFor));

    /// <summary>Records how a task ended.</summary>
    /// <param name="taskUuid">The task.</param>
    /// <param name="result">Its result.</param>
    /// <param name="at">When it ended, in UTC.</param>
    /// <param name="task">The request, to record the task again if the journal lost it, as after a failover of its database.</param>
    public void Ended(Guid taskUuid, TaskResult result, DateTime at, TaskRequest? task = null)
    {
        var end = TaskEnd.Of(result, at); // read now: the outputs are their user's
        Post(async open =>
        {
            if (!await open.Session.EndedAsync(taskUuid, end).ConfigureAwait(false) && task is not null)
            {
                await BeginAsync(open, task, cap: null, CancellationToken.None).ConfigureAwait(false);
                await open.Session.EndedAsync(taskUuid, end).ConfigureAwait(false);
            }
        });
    }

    public void Refused(TaskLease lease, RunwareException failure, DateTime at) =>
        Post(open => open.Session.RefusedAsync(lease, TaskEnd.Refused(failure, at)));

    public void Released(TaskLease lease)
    {
        if (!lease.IsNone)
        {
            Post(open => open.Session.ReleasedAsync(lease));
        }
    }

    public void Saved(RunwareMedia media, string path) => Post(open => open.Session.SavedAsync(media, path));

    /// <summary>Makes this process the holder of a task; null if another running process works on it.</summary>
    public async Task<TaskLease?> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var claim = await TryAsync(
            async open => new Claim(await open.Session.ClaimAsync(taskUuid, cancellationToken).ConfigureAwait(false)), cancellationToken)
            .ConfigureAwait(false);
        return claim is null ? TaskLease.None(taskUuid) : claim.Lease;
    }

    /// <summary>Streams tasks of the connection; none if the journal can't be used.</summary>
    public IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, CancellationToken cancellationToken) =>
        TryStreamAsync(open => open.Session.QueryAsync(query, cancellationToken), cancellationToken);

    /// <summary>What the journal holds of one task; null if it holds nothing.</summary>
    public async Task<JournalTask?> FindAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        await foreach (var row in QueryAsync(new TaskQuery { TaskUuids = [taskUuid] }, cancellationToken).ConfigureAwait(false))
        {
            return row;
        }

        return null;
    }

    /// <summary>The tags that the connection has used, last used first.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(CancellationToken cancellationToken)
    {
        var tags = await TryAsync(open => open.Session.TagsAsync(most: null, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return [.. (tags ?? []).Select(t => t.Tag)];
    }

    /// <summary>A task that was recorded and never accepted, as it was; null if its request isn't kept.</summary>
    public Task<TaskRequest?> RequestAsync(JournalTask row, CancellationToken cancellationToken) => TryAsync(
        async open => await open.Session.RequestAsync(row.TaskUuid, cancellationToken).ConfigureAwait(false) is { } kept
            ? JournalRequest.ToTask(row, kept, open.Seal)
            : null,
        cancellationToken);

    /// <summary>Where the API stores a content that was uploaded before; null if it isn't known.</summary>
    public Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken) =>
        TryAsync(open => open.Session.FindUploadAsync(contentHash, cancellationToken), cancellationToken);

    public void Uploaded(string contentHash, StoredMedium medium) =>
        Post(open => open.Session.UploadedAsync(contentHash, medium, DateTime.UtcNow));

    public void UploadRemoved(Guid id) => Post(open => open.Session.UploadRemovedAsync(id));

    /// <summary>Deletes at most so many of the selected tasks.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> RemoveAsync(TaskQuery query, int most, CancellationToken cancellationToken) =>
        await TryAsync(
            async open => (int?)await open.Session.RemoveAsync(query, most, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false) ?? 0;

    public IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, CancellationToken cancellationToken) =>
        TryStreamAsync(open => open.Session.SpendAsync(query, cancellationToken), cancellationToken);

    /// <summary>Adds the tasks of this connection in another journal to this one, which must be on a server.</summary>
    /// <returns>How many there were, and how many were added.</returns>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    public async Task<(int Found, int Added)> ImportAsync(IJournalStore source, CancellationToken cancellationToken)
    {
        var target = await Open().WaitAsync(cancellationToken).ConfigureAwait(false);
        var scope = JournalScope.Of(settings, source.Salt);
        var session = await source.AttachAsync(scope, isRequired: false, cancellationToken).ConfigureAwait(false);
        return await new JournalImport(
            session, new JournalSeal(settings.Key, source.Salt, scope), (IJournalImporter)target.Session, target.Seal)
            .RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Describes the journal; null if it can't be used.</summary>
    public Task<JournalInfo?> InfoAsync(CancellationToken cancellationToken) =>
        TryAsync(open => open.Store.InfoAsync(cancellationToken), cancellationToken)!;

    /// <summary>Commits facts at once from now on: no task begins any more with which they could share a commit.</summary>
    public void CommitAtOnce()
    {
        _commitsAtOnce = true;
        _ = CommitAsync();
    }

    /// <summary>Completes when each fact was committed, or couldn't be and a warning was written. Doesn't open a journal.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var commit = _commitsAtOnce ? Task.CompletedTask : CommitAsync(cancellationToken); // otherwise each is being committed
        Task[] facts;
        lock (_facts)
        {
            facts = [.. _facts]; // also those that wait for the journal to open
        }

        await Task.WhenAll([commit, .. facts]).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // What would otherwise wait for company.
    private Task CommitAsync(CancellationToken cancellationToken = default) =>
        _open is { IsCompletedSuccessfully: true } open ? WarnIfLostAsync(open.Result.Session.FlushAsync(cancellationToken)) : Task.CompletedTask;

    private async Task<T?> TryAsync<T>(
        Func<OpenJournal, Task<T>> use, CancellationToken cancellationToken, [CallerMemberName] string operation = "")
    {
        if (await TryOpenAsync(cancellationToken).ConfigureAwait(false) is not { } open)
        {
            return default;
        }

        var since = Stopwatch.GetTimestamp();
        try
        {
            return await use(open).ConfigureAwait(false);
        }
        catch (RunwareException e) when (IsTolerated(e))
        {
            WarnNotRecorded(e);
            return default;
        }
        finally
        {
            Telemetry.Journaled(Stopwatch.GetElapsedTime(since), operation);
        }
    }

    private async IAsyncEnumerable<T> TryStreamAsync<T>(
        Func<OpenJournal, IAsyncEnumerable<T>> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await TryOpenAsync(cancellationToken).ConfigureAwait(false) is not { } open)
        {
            yield break;
        }

        var rows = read(open).GetAsyncEnumerator(cancellationToken);
        await using var _ = rows.ConfigureAwait(false);
        while (await HasNextAsync(rows).ConfigureAwait(false))
        {
            yield return rows.Current;
        }
    }

    private async ValueTask<bool> HasNextAsync<T>(IAsyncEnumerator<T> rows)
    {
        try
        {
            return await rows.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RunwareException e) when (IsTolerated(e))
        {
            WarnNotRecorded(e);
            return false;
        }
    }

    private bool IsTolerated(RunwareException e) => e.Code == ErrorCodes.JournalUnavailable && !settings.JournalRequired;

    private void WarnNotRecorded(RunwareException e) => WarnOnce(ref _hasLost,
        Strings.JournalTaskNotRecorded.With(e.Message));

    private void Post(Func<OpenJournal, Task> write, [CallerMemberName] string operation = "")
    {
        var fact = PostAsync(write, operation);
        if (fact.IsCompleted)
        {
            return;
        }

        lock (_facts)
        {
            _facts.Add(fact);
        }

        _ = fact.ContinueWith(
            done =>
            {
                lock (_facts)
                {
                    _facts.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task PostAsync(Func<OpenJournal, Task> write, string operation)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            if (await TryOpenAsync(CancellationToken.None).ConfigureAwait(false) is { } open)
            {
                var written = write(open);
                await WarnIfLostAsync(_commitsAtOnce ? Task.WhenAll(written, open.Session.FlushAsync(CancellationToken.None)) : written)
                    .ConfigureAwait(false);
            }
        }
        catch (RunwareException)
        {
            // A required journal that never opened was reported when the task began.
        }
        finally
        {
            Telemetry.Journaled(Stopwatch.GetElapsedTime(since), operation);
        }
    }

    // The result itself is safe with the caller: only the next task is refused if the journal is required.
    private async Task WarnIfLostAsync(Task write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (RunwareException e)
        {
            WarnOnce(ref _hasLost, Strings.JournalResultNotRecorded.With(e.Message));
        }
    }

    /// <summary>The journal; null if there is none or it can't be opened.</summary>
    /// <exception cref="RunwareException">It is required.</exception>
    private async ValueTask<OpenJournal?> TryOpenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isUnavailable))
        {
            return null;
        }

        try
        {
            return await Open().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RunwareException e) when (IsTolerated(e))
        {
            WarnOnce(ref _isUnavailable,
                Strings.JournalSkipped.With(e.Message));
            return null;
        }
    }

    // One opening for all that wait; after one that failed, the next caller tries again.
    private Task<OpenJournal> Open()
    {
        lock (_lock)
        {
            return _open is { IsFaulted: false } ? _open : _open = OpenAsync();
        }
    }

    private async Task<OpenJournal> OpenAsync()
    {
        try
        {
            var store = await open!(CancellationToken.None).ConfigureAwait(false); // for all that wait: none of them ends it
            var scope = JournalScope.Of(settings, store.Salt);
            var session = await store.AttachAsync(scope, settings.JournalRequired, CancellationToken.None).ConfigureAwait(false);
            return new OpenJournal(store, session, new JournalSeal(settings.Key, store.Salt, scope));
        }
        catch (Exception e) when (e is not RunwareException)
        {
            throw Unavailable(Strings.JournalUnusable.With(e.Message), e); // for example a native library that is missing or blocked
        }
    }

    private void WarnOnce(ref bool isSaid, string message)
    {
        lock (_lock)
        {
            if (!isSaid)
            {
                warn(message); // within the lock and first: a caller that sees the flag may rely on the warning
                Volatile.Write(ref isSaid, true);
            }
        }
    }

    public static RunwareException Unavailable(string message, Exception? inner) =>
        new(ErrorCodes.JournalUnavailable, RunwareErrorCategory.Unknown, message, inner);

    private sealed record OpenJournal(IJournalStore Store, IJournalSession Session, JournalSeal Seal);

    private sealed record Claim(TaskLease? Lease);
}
