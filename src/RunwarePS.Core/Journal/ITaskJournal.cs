namespace RunwarePS.Journal;

/// <summary>
/// Records which tasks were asked for, accepted, ended and saved, for all processes of a machine. Concurrent writes are committed together,
/// in the order in which they were requested. Continuations never run on the writing thread.
/// </summary>
/// <remarks>
/// Members that a user waits for take a token, which also ends the wait for a locked journal. Facts take none: what the API accepted or
/// returned must be recorded, however the cmdlet ends.
/// </remarks>
internal interface ITaskJournal
{
    /// <summary>
    /// Records a task before it is sent. The record is durable when this completes; if it is canceled, nothing was recorded.
    /// </summary>
    /// <param name="scope">The endpoint and account.</param>
    /// <param name="task">The task with its exact request.</param>
    /// <param name="media">The media in the request, by content hash.</param>
    /// <param name="dailyCap">The most that all tasks of this scope and day may cost in USD, including this task's reservation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<BeginOutcome> BeginAsync(
        JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> media, decimal? dailyCap,
        CancellationToken cancellationToken);

    /// <summary>Fact: the API accepted the task. Its request and media are deleted, because they are no longer needed.</summary>
    /// <param name="scope">The endpoint and account.</param>
    /// <param name="taskUuid">The task.</param>
    /// <param name="isWaitedFor">True if this process continues to work on the task; otherwise any process may resume it.</param>
    Task AcceptedAsync(JournalScope scope, Guid taskUuid, bool isWaitedFor);

    /// <summary>Fact: the task ended with these outputs and failures. No process owns it any longer.</summary>
    Task EndedAsync(JournalScope scope, Guid taskUuid, string status, IReadOnlyList<RunwareOutput> outputs,
        IReadOnlyList<RunwareFailure> failures, DateTime at);

    /// <summary>
    /// The API refused the task and bought nothing. Recorded only if this process still owns the task: another process may have sent it
    /// since.
    /// </summary>
    /// <returns>False if this process no longer owns the task.</returns>
    Task<bool> RefusedAsync(JournalScope scope, Guid taskUuid, RunwareFailure failure, DateTime at);

    /// <summary>Fact: this process no longer works on the task.</summary>
    Task ReleasedAsync(JournalScope scope, Guid taskUuid);

    /// <summary>Fact: the file of an output is complete on disk.</summary>
    Task SavedAsync(JournalScope scope, RunwareMedia media, string path);

    /// <summary>Makes this process the owner of a task; false if another running process owns it.</summary>
    Task<bool> ClaimAsync(JournalScope scope, Guid taskUuid, CancellationToken cancellationToken);

    /// <summary>The request of a task that was never accepted, with its images; null if there is none.</summary>
    Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Media)?> RequestAsync(JournalScope scope, Guid taskUuid,
        CancellationToken cancellationToken);

    /// <summary>A content that was uploaded in the last weeks; null if there is none.</summary>
    Task<StoredMedium?> FindUploadAsync(JournalScope scope, string contentHash, CancellationToken cancellationToken);

    /// <summary>Fact: the API stores a content.</summary>
    Task UploadedAsync(JournalScope scope, string contentHash, StoredMedium medium, DateTime at);

    /// <summary>Fact: the API no longer stores a medium.</summary>
    Task UploadRemovedAsync(JournalScope scope, Guid id);

    /// <summary>Deletes tasks. Their cost stays in the ledger.</summary>
    Task RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> taskUuids, CancellationToken cancellationToken);

    /// <summary>Completes when everything requested before it is committed.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}
