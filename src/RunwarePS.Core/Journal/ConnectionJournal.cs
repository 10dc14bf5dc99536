using RunwarePS.Delivery;

namespace RunwarePS;

/// <summary>
/// The journal as one cmdlet uses it: for its connection only, and never in the way of a picture. Where the journal fails, generation goes
/// on with one warning, unless the connection requires it.
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
    private bool _failed = open is null;

    /// <summary>A journal that keeps nothing.</summary>
    public static ConnectionJournal None(ConnectionSettings settings) => new(open: null, settings, _ => { });

    /// <summary>Books a task before it is sent. True where an earlier send of this id may have been accepted.</summary>
    /// <exception cref="RunwareException"><c>BudgetExceeded</c>, <c>PriceUnknown</c>, or <c>JournalUnavailable</c> where the journal is required.</exception>
    public async Task<bool> BeginAsync(ImageTask task)
    {
        var reserved = task.Forecast.Exact ?? task.Forecast.AtMost;
        if (settings.MaxCost is not null && reserved is null)
        {
            throw Budget.PriceUnknown(task);
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
            BeginResult.OverBudget => throw Budget.Exceeded(task, reserved!.Value, outcome.BookedToday, settings.MaxCost!.Value, "today (UTC) on this connection"),
            _ => false,
        };
    }

    public void Accepted(Guid taskUuid, bool isWaitedFor) => Post((journal, scope) => journal.AcceptedAsync(scope, taskUuid, isWaitedFor));

    public void Ended(Guid taskUuid, TaskResult result, DateTime at) =>
        Post((journal, scope) => journal.EndedAsync(scope, taskUuid, result.Status, result.Images, [.. result.Failures.Select(TaskView.ToFailure)], at));

    public void Refused(Guid taskUuid, RunwareException failure, DateTime at) =>
        Post((journal, scope) => journal.EndedAsync(scope, taskUuid, RunwareTaskStatus.Failed, [], [TaskView.ToFailure(failure)], at));

    public void Released(Guid taskUuid) => Post((journal, scope) => journal.ReleasedAsync(scope, taskUuid));

    public void Saved(RunwareImage image, string path) => Post((journal, scope) => journal.SavedAsync(scope, image, path));

    /// <summary>Takes a task up for this process; false where another living one works on it.</summary>
    public async Task<bool> ClaimAsync(Guid taskUuid) =>
        await Try(async (journal, scope) => (bool?)await journal.ClaimAsync(scope, taskUuid).ConfigureAwait(false)).ConfigureAwait(false) ?? true;

    public async Task<IReadOnlyList<JournalTask>> ListAsync(IReadOnlyCollection<Guid>? taskUuids = null) =>
        await Try((journal, scope) => journal.ListAsync(scope, taskUuids)).ConfigureAwait(false) ?? [];

    /// <summary>What the journal holds of one task; null where it holds nothing.</summary>
    public async Task<JournalTask?> FindAsync(Guid taskUuid) => (await ListAsync([taskUuid]).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>A task that was booked and never accepted, as it was; null where its request is not held.</summary>
    public async Task<ImageTask?> RequestAsync(JournalTask row)
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
    public Task FlushAsync() => _journal is { } journal && !_failed ? WarnIfLost(journal.FlushAsync()) : Task.CompletedTask;

    private async Task<T?> Try<T>(Func<ITaskJournal, JournalScope, Task<T>> use)
    {
        if (_failed)
        {
            return default;
        }

        try
        {
            var journal = Open();
            return await use(journal, _scope!).ConfigureAwait(false);
        }
        catch (RunwareException e) when (e.Code == ErrorCodes.JournalUnavailable)
        {
            Fail(e);
            return default;
        }
    }

    private void Post(Func<ITaskJournal, JournalScope, Task> write)
    {
        if (_failed)
        {
            return;
        }

        try
        {
            _ = WarnIfLost(write(Open(), _scope!));
        }
        catch (RunwareException)
        {
            // A journal that never opened was spoken of when the task began.
        }
    }

    // At once, wherever it fails: a cmdlet that ends after its flush must still say it.
    private Task WarnIfLost(Task write) => write.IsCompletedSuccessfully ? Task.CompletedTask : write.ContinueWith(
        static (task, me) =>
        {
            if (task.Exception?.InnerException is RunwareException e)
            {
                ((ConnectionJournal)me!).WarnOfLostWrite(e);
            }
        },
        this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // The result itself is safe with the caller: only the next start of work is refused where the journal is required.
    private void WarnOfLostWrite(RunwareException e) => WarnOnce($"{e.Message} Results are not lost, but a killed session could not be resumed.");

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

    private void Fail(RunwareException e)
    {
        if (settings.JournalRequired)
        {
            throw e;
        }

        WarnOnce($"{e.Message} Generation goes on without it: a killed session could not be resumed, and its spending is not booked.");
    }

    private void WarnOnce(string message)
    {
        lock (_lock)
        {
            if (_failed)
            {
                return;
            }

            warn(message); // within the lock and first: who sees that it failed may count on the warning being on its way
            _failed = true;
        }
    }

    public static RunwareException Unavailable(string message, Exception? inner) =>
        new(ErrorCodes.JournalUnavailable, RunwareErrorCategory.Unknown, message, inner);

    private sealed record Held(byte[] Request, IReadOnlyDictionary<string, byte[]> Pictures);
}
