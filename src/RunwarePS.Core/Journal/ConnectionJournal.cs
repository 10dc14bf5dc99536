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
internal sealed class ConnectionJournal(Func<Task<IJournalStore>>? open, ConnectionSettings settings, Action<string> warn)
{
    private readonly object _lock = new();
    private readonly HashSet<Task> _facts = [];
    private Task<OpenJournal>? _open;
    private bool _isUnavailable = open is null;
    private bool _hasLost;

    /// <summary>A journal that keeps nothing.</summary>
    public static ConnectionJournal None(ConnectionSettings settings) => new(open: null, settings, _ => { });

    /// <summary>Books a task before it is sent. True where an earlier send of this id may have been accepted.</summary>
    /// <exception cref="RunwareException"><c>BudgetExceeded</c>, <c>PriceUnknown</c>, or <c>JournalUnavailable</c> where the journal is
    /// required.</exception>
    public async Task<bool> BeginAsync(TaskRequest task, CancellationToken cancellationToken)
    {
        var reserved = task.Forecast.Exact ?? task.Forecast.AtMost;
        if (settings.MaxCost is not null && reserved is null)
        {
            throw CostLimit.PriceUnknown(task.Model);
        }

        var outcome = await TryAsync(
            (journal, scope) =>
            {
                var (row, media) = JournalRequest.ToRow(task, reserved);
                return journal.BeginAsync(scope, row, media, settings.MaxCost, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);

        if (outcome is null && settings.MaxCost is not null)
        {
            throw Unavailable(Strings.JournalNeededForCap, inner: null);
        }

        return outcome?.Result switch
        {
            BeginResult.AlreadyExists => true,
            BeginResult.DifferentRequest =>
                throw RunwareException.Invalid(ErrorCodes.TaskUuidReused, "TaskUuid",
                    Strings.JournalHasOtherRequest.With(task.TaskUuid)),
            BeginResult.OverBudget =>
                throw CostLimit.Exceeded(task.TaskUuid, reserved!.Value, outcome.BookedToday, settings.MaxCost!.Value,
                    Strings.BookedToday),
            _ => false,
        };
    }

    public void Accepted(Guid taskUuid, bool isWaitedFor) => Post((journal, scope) => journal.AcceptedAsync(scope, taskUuid, isWaitedFor));

    public void Ended(Guid taskUuid, TaskResult result, DateTime at) =>
        Post((journal, scope) => journal.EndedAsync(scope, taskUuid, result.Status, result.Outputs,
            [.. result.Failures.Select(RunwareFailure.From)], at));

    public void Refused(Guid taskUuid, RunwareException failure, DateTime at) =>
        Post((journal, scope) => journal.RefusedAsync(scope, taskUuid, RunwareFailure.From(failure), at));

    public void Released(Guid taskUuid) => Post((journal, scope) => journal.ReleasedAsync(scope, taskUuid));

    public void Saved(RunwareMedia media, string path) => Post((journal, scope) => journal.SavedAsync(scope, media, path));

    /// <summary>Makes this process the owner of a task; false if another running process owns it.</summary>
    public async Task<bool> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken) =>
        await TryAsync(
            async (journal, scope) => (bool?)await journal.ClaimAsync(scope, taskUuid, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false) ?? true;

    /// <summary>Streams tasks of the connection; none if the journal can't be used.</summary>
    public IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, CancellationToken cancellationToken) =>
        TryStreamAsync((journal, scope) => journal.QueryAsync(scope, query, cancellationToken), cancellationToken);

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
        var tags = await TryAsync((journal, scope) => journal.TagsAsync(scope, mostRows: null, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return [.. (tags ?? []).Select(t => t.Tag)];
    }

    /// <summary>A task that was recorded and never accepted, as it was; null if its request isn't kept.</summary>
    public async Task<TaskRequest?> RequestAsync(JournalTask row, CancellationToken cancellationToken)
    {
        var kept = await TryAsync(
            async (journal, scope) => await journal.RequestAsync(scope, row.TaskUuid, cancellationToken).ConfigureAwait(false) is { } found
                ? new KeptRequest(found.Request, found.Media)
                : null,
            cancellationToken).ConfigureAwait(false);
        return kept is null ? null : JournalRequest.ToTask(row.Metadata, kept.Request, kept.Media);
    }

    /// <summary>Where the API stores a content that was uploaded before; null if it isn't known.</summary>
    public async Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken) => await TryAsync(
        (journal, scope) => journal.FindUploadAsync(scope, contentHash, cancellationToken), cancellationToken).ConfigureAwait(false);

    public void Uploaded(string contentHash, StoredMedium medium) =>
        Post((journal, scope) => journal.UploadedAsync(scope, contentHash, medium, DateTime.UtcNow));

    public void UploadRemoved(Guid id) => Post((journal, scope) => journal.UploadRemovedAsync(scope, id));

    public Task RemoveAsync(IReadOnlyCollection<Guid> taskUuids, CancellationToken cancellationToken) =>
        TryAsync(
            async (journal, scope) =>
            {
                await journal.RemoveAsync(scope, taskUuids, cancellationToken).ConfigureAwait(false);
                return "";
            },
            cancellationToken);

    public IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, CancellationToken cancellationToken) =>
        TryStreamAsync((journal, scope) => journal.SpendAsync(scope, query, cancellationToken), cancellationToken);

    /// <summary>Completes when each fact was committed, or couldn't be and a warning was written. Doesn't open a journal.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_open is not { IsCompletedSuccessfully: true } open)
        {
            await AllFactsAsync(cancellationToken).ConfigureAwait(false); // facts that wait for the journal to open
            return;
        }

        // The flush commits at once what would otherwise wait for company.
        await WarnIfLostAsync(open.Result.Journal.FlushAsync(cancellationToken)).ConfigureAwait(false);
        await AllFactsAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task AllFactsAsync(CancellationToken cancellationToken)
    {
        lock (_facts)
        {
            return Task.WhenAll(_facts).WaitAsync(cancellationToken);
        }
    }

    private async Task<T?> TryAsync<T>(Func<IJournalStore, JournalScope, Task<T>> use, CancellationToken cancellationToken)
    {
        if (await TryOpenAsync(cancellationToken).ConfigureAwait(false) is not { } open)
        {
            return default;
        }

        try
        {
            return await use(open.Journal, open.Scope).ConfigureAwait(false);
        }
        catch (RunwareException e) when (IsTolerated(e))
        {
            WarnNotRecorded(e);
            return default;
        }
    }

    private async IAsyncEnumerable<T> TryStreamAsync<T>(
        Func<IJournalStore, JournalScope, IAsyncEnumerable<T>> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await TryOpenAsync(cancellationToken).ConfigureAwait(false) is not { } open)
        {
            yield break;
        }

        var rows = read(open.Journal, open.Scope).GetAsyncEnumerator(cancellationToken);
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

    private void Post(Func<IJournalStore, JournalScope, Task> write)
    {
        var fact = PostAsync(write);
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

    private async Task PostAsync(Func<IJournalStore, JournalScope, Task> write)
    {
        try
        {
            if (await TryOpenAsync(CancellationToken.None).ConfigureAwait(false) is { } open)
            {
                await WarnIfLostAsync(write(open.Journal, open.Scope)).ConfigureAwait(false);
            }
        }
        catch (RunwareException)
        {
            // A required journal that never opened was reported when the task began.
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
            var journal = await open!().ConfigureAwait(false);
            if (settings.JournalRequired)
            {
                journal.RequireFullSync();
            }

            return new OpenJournal(journal, JournalScope.Of(settings, journal.Salt));
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

    private sealed record OpenJournal(IJournalStore Journal, JournalScope Scope);

    private sealed record KeptRequest(byte[] Request, IReadOnlyDictionary<string, byte[]> Media);
}
