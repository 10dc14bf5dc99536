namespace RunwarePS.Journal;

/// <summary>
/// The journal as one cmdlet uses it: for its connection only, and never in the way of a picture. A journal that can't be opened is left
/// alone from then on, with one warning. One that lost a write is used again for the next: another process may have locked it for a moment.
/// Where the connection requires it, a task that can't be booked isn't sent.
/// </summary>
/// <param name="open">Gives the journal that all cmdlets of this process share; null for none.</param>
/// <param name="settings">The connection.</param>
/// <param name="warn">Says something to the user; for any thread.</param>
internal sealed class ConnectionJournal(Func<ITaskJournal>? open, ConnectionSettings settings, Action<string> warn)
{
    private static readonly BeginOutcome s_booked = new(BeginResult.Booked, BookedToday: 0);

    private readonly object _lock = new();
    private ITaskJournal? _journal;
    private JournalScope? _scope;
    private bool _isUnavailable = open is null;
    private bool _hasLost;
    private bool _hasMissed;

    /// <summary>A journal that keeps nothing.</summary>
    public static ConnectionJournal None(ConnectionSettings settings) => new(open: null, settings, _ => { });

    /// <summary>Books a task before it is sent. True where an earlier send of this id may have been accepted.</summary>
    /// <exception cref="RunwareException"><c>BudgetExceeded</c>, <c>PriceUnknown</c>, or <c>JournalUnavailable</c> where the journal is required.</exception>
    public async Task<bool> BeginAsync(TaskRequest task)
    {
        var reserved = task.Forecast.Exact ?? task.Forecast.AtMost;
        if (settings.MaxCost is not null && reserved is null)
        {
            throw CostLimit.PriceUnknown(task.Model);
        }

        var outcome = await Try(async (journal, scope) =>
        {
            var (row, pictures) = JournalRequest.ToRow(task, reserved);
            if (task.IsNew && pictures.Count == 0 && settings is { MaxCost: null, JournalRequired: false } && journal.TryAnnounce(scope, row, out var committed))
            {
                _ = WarnIfLost(committed);
                return s_booked;
            }

            return await journal.BeginAsync(scope, row, pictures, settings.MaxCost).ConfigureAwait(false);
        }).ConfigureAwait(false);

        if (outcome is null && settings.MaxCost is not null)
        {
            throw Unavailable("A daily cap (Connect-Runware -MaxCost) needs the journal, which cannot be used.", inner: null);
        }

        return outcome?.Result switch
        {
            BeginResult.Held => true,
            BeginResult.OfAnother => throw RunwareException.Invalid(ErrorCodes.TaskUuidReused, "TaskUuid", $"The journal holds task {task.TaskUuid:D} for another request; a task id serves one task."),
            BeginResult.OverBudget => throw CostLimit.Exceeded(task.TaskUuid, reserved!.Value, outcome.BookedToday, settings.MaxCost!.Value, "today (UTC) on this connection"),
            _ => false,
        };
    }

    public void Accepted(Guid taskUuid, bool isWaitedFor) => Post((journal, scope) => journal.AcceptedAsync(scope, taskUuid, isWaitedFor));

    public void Ended(Guid taskUuid, TaskResult result, DateTime at) =>
        Post((journal, scope) => journal.EndedAsync(scope, taskUuid, result.Status, result.Outputs, [.. result.Failures.Select(RunwareFailure.From)], at));

    public void Refused(Guid taskUuid, RunwareException failure, DateTime at) =>
        Post((journal, scope) => journal.EndedAsync(scope, taskUuid, RunwareTaskStatus.Failed, [], [RunwareFailure.From(failure)], at));

    public void Released(Guid taskUuid) => Post((journal, scope) => journal.ReleasedAsync(scope, taskUuid));

    public void Saved(RunwareImage image, string path) => Post((journal, scope) => journal.SavedAsync(scope, image, path));

    /// <summary>Takes a task up for this process; false where another living one works on it.</summary>
    public async Task<bool> ClaimAsync(Guid taskUuid) =>
        await Try(async (journal, scope) => (bool?)await journal.ClaimAsync(scope, taskUuid).ConfigureAwait(false)).ConfigureAwait(false) ?? true;

    public async Task<IReadOnlyList<JournalTask>> ListAsync(IReadOnlyCollection<Guid>? taskUuids = null) =>
        await Try(async (journal, scope) =>
        {
            var rows = await journal.ListAsync(scope, taskUuids).ConfigureAwait(false);
            _ = WarnIfFailed(journal.TakeOver, static (me, message) => me.WarnOnce(ref me._hasMissed,
                $"{message} Tasks that an ended process began may be missing here; what it left is kept, and read again next time."));
            return rows;
        }).ConfigureAwait(false) ?? [];

    /// <summary>What the journal holds of one task; null where it holds nothing.</summary>
    public async Task<JournalTask?> FindAsync(Guid taskUuid) => (await ListAsync([taskUuid]).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>A task that was booked and never accepted, as it was; null where its request is not held.</summary>
    public async Task<TaskRequest?> RequestAsync(JournalTask row)
    {
        var held = await Try(async (journal, scope) =>
            (Held?)(await journal.RequestAsync(scope, row.TaskUuid).ConfigureAwait(false) is { } found ? new Held(found.Request, found.Pictures) : null)).ConfigureAwait(false);
        return held is null ? null : JournalRequest.ToTask(row.Facts, held.Request, held.Pictures);
    }

    public Task RemoveAsync(IReadOnlyCollection<Guid> taskUuids) =>
        Try(async (journal, scope) =>
        {
            await journal.RemoveAsync(scope, taskUuids).ConfigureAwait(false);
            return "";
        });

    public async Task<IReadOnlyList<RunwareSpend>> SpendAsync(DateTime? since, DateTime? until) =>
        await Try((journal, scope) => journal.SpendAsync(scope, since, until)).ConfigureAwait(false) ?? [];

    /// <summary>Complete when what was written is committed, or cannot be and was warned of. Does not open a journal for that.</summary>
    public Task FlushAsync() => _journal is { } journal ? WarnIfLost(journal.FlushAsync()) : Task.CompletedTask;

    private async Task<T?> Try<T>(Func<ITaskJournal, JournalScope, Task<T>> use)
    {
        if (TryOpen() is not { } journal)
        {
            return default;
        }

        try
        {
            return await use(journal, _scope!).ConfigureAwait(false);
        }
        catch (RunwareException e) when (e.Code == ErrorCodes.JournalUnavailable && !settings.JournalRequired)
        {
            WarnOnce(ref _hasLost,
                $"{e.Message} Generation continues: a task that isn't in the journal can't be resumed, and its cost isn't in the ledger.");
            return default;
        }
    }

    private void Post(Func<ITaskJournal, JournalScope, Task> write)
    {
        try
        {
            if (TryOpen() is { } journal)
            {
                _ = WarnIfLost(write(journal, _scope!));
            }
        }
        catch (RunwareException)
        {
            // A required journal that never opened was spoken of when the task began.
        }
    }

    // The result itself is safe with the caller: only the next start of work is refused where the journal is required.
    private Task WarnIfLost(Task write) => WarnIfFailed(write, static (me, message) =>
        me.WarnOnce(ref me._hasLost, $"{message} Results are not lost, but a killed session could not be resumed."));

    // At once, wherever it fails: a cmdlet that ends after its flush must still say it.
    private Task WarnIfFailed(Task work, Action<ConnectionJournal, string> warn) => work.IsCompletedSuccessfully
        ? Task.CompletedTask
        : work.ContinueWith(
            task =>
            {
                if (task.Exception?.InnerException is RunwareException e)
                {
                    warn(this, e.Message);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>The journal; null where there is none or it could not be opened.</summary>
    /// <exception cref="RunwareException">It is required.</exception>
    private ITaskJournal? TryOpen()
    {
        if (Volatile.Read(ref _isUnavailable))
        {
            return null;
        }

        try
        {
            return Open();
        }
        catch (RunwareException e) when (e.Code == ErrorCodes.JournalUnavailable && !settings.JournalRequired)
        {
            WarnOnce(ref _isUnavailable,
                $"{e.Message} Generation goes on without it: a killed session could not be resumed, and its spending is not booked.");
            return null;
        }
    }

    private ITaskJournal Open()
    {
        lock (_lock)
        {
            if (_journal is null)
            {
                _journal = OpenOrFail();
                _scope = JournalScope.Of(settings, _journal.Salt);
            }

            return _journal;
        }
    }

    // A native library that is missing or blocked is a journal that cannot be used, like a full disk.
    private ITaskJournal OpenOrFail()
    {
        try
        {
            return open!();
        }
        catch (Exception e) when (e is not RunwareException)
        {
            throw Unavailable($"The journal cannot be used: {e.Message}", e);
        }
    }

    private void WarnOnce(ref bool isSaid, string message)
    {
        lock (_lock)
        {
            if (!isSaid)
            {
                warn(message); // within the lock and first: who sees that it failed may count on the warning being on its way
                Volatile.Write(ref isSaid, true);
            }
        }
    }

    public static RunwareException Unavailable(string message, Exception? inner) =>
        new(ErrorCodes.JournalUnavailable, RunwareErrorCategory.Unknown, message, inner);

    private sealed record Held(byte[] Request, IReadOnlyDictionary<string, byte[]> Pictures);
}
