namespace RunwarePS.Journal;

/// <summary>
/// Records which tasks of one endpoint and account were asked for, accepted, ended and saved, for all processes that share the journal.
/// Concurrent writes are committed together, in the order in which they were requested. Continuations never run on the writing thread.
/// </summary>
/// <remarks>
/// Members that a user waits for take a token, which also ends the wait for a journal that is locked or away. Facts take none: what the
/// API accepted or returned must be recorded, however the cmdlet ends, and anyone who learns a fact may record it. Only the process that
/// holds a task's lease may record that nothing was bought.
/// </remarks>
internal interface ITaskJournal
{
    /// <summary>
    /// Records a task before it is sent. The record is durable when this completes; if it is canceled, nothing was recorded.
    /// </summary>
    /// <param name="task">The task with its request.</param>
    /// <param name="media">The media in the request, by name. One that the journal has already isn't asked for.</param>
    /// <param name="dailyCap">The most that all tasks of this scope and day may cost in USD, including this task's reservation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<BeginOutcome> BeginAsync(
        JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap, CancellationToken cancellationToken);

    /// <summary>
    /// Whether this process still holds a lease. True at once while the lease has surely not ended; otherwise the journal is asked.
    /// </summary>
    ValueTask<bool> EnsureOwnedAsync(TaskLease lease, CancellationToken cancellationToken);

    /// <summary>Fact: the API accepted the task. Its request and media are deleted, because they are no longer needed.</summary>
    /// <param name="lease">The task. Another process may hold it by now, which changes nothing about the fact.</param>
    /// <param name="isWaitedFor">True if this process continues to work on the task; otherwise any process may resume it.</param>
    Task AcceptedAsync(TaskLease lease, bool isWaitedFor);

    /// <summary>Fact: the task ended. No process holds it any longer.</summary>
    /// <returns>False if the journal doesn't have the task.</returns>
    Task<bool> EndedAsync(Guid taskUuid, TaskEnd end);

    /// <summary>The API refused the task and bought nothing. Recorded only with the lease: another process may have sent it since.</summary>
    /// <returns>False if this process no longer holds the task.</returns>
    Task<bool> RefusedAsync(TaskLease lease, TaskEnd end);

    /// <summary>This process no longer works on the task.</summary>
    Task ReleasedAsync(TaskLease lease);

    /// <summary>Fact: the file of an output is complete on disk.</summary>
    Task SavedAsync(RunwareMedia media, string path);

    /// <summary>Makes this process the holder of a task; null if another running process holds it, or if there is no such task.</summary>
    Task<TaskLease?> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken);

    /// <summary>The request of a task that was never accepted, with its media by name; null if there is none.</summary>
    Task<KeptRequest?> RequestAsync(Guid taskUuid, CancellationToken cancellationToken);

    /// <summary>Deletes at most so many of the selected tasks. Their cost stays in the ledger.</summary>
    /// <returns>How many were deleted.</returns>
    Task<int> RemoveAsync(TaskQuery query, int most, CancellationToken cancellationToken);

    /// <summary>Completes when everything requested before it is committed.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}

/// <summary>A request as it was recorded.</summary>
/// <param name="Request">Its JSON, in which each medium is replaced by a mark.</param>
/// <param name="Media">The media by name.</param>
internal sealed record KeptRequest(byte[] Request, IReadOnlyDictionary<string, byte[]> Media);
