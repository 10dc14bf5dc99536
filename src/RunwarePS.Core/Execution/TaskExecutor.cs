namespace RunwarePS.Execution;

/// <summary>How patiently a task is delivered.</summary>
/// <param name="MaxRetryCount">How often an unclear or refused-for-now request is repeated.</param>
/// <param name="Timeout">How long a whole delivery may take; null is without end for a submit, and twenty minutes for polling.</param>
/// <param name="MaxConcurrency">The maximum number of requests in flight.</param>
internal sealed record DeliveryOptions(int MaxRetryCount, TimeSpan? Timeout, int MaxConcurrency)
{
    public static readonly TimeSpan DefaultPollTimeout = TimeSpan.FromMinutes(20);
}

/// <summary>
/// Brings one task from its request to its results, and buys it once.
/// </summary>
/// <remarks>
/// <code>
///   Prepared ──journal: Pending──► POST ──results───────────────────────────────► Ended
///                                   │ ├──acknowledged──► Accepted ──► poll ─────► Ended
///                                   │ ├──conflictTaskUUID
///                                   │ │    after an unclear try, or on a derived id ──► Accepted ──► poll
///                                   │ │    on a first try ──────────────────────► Refused: the id is the user's, and used
///                                   │ ├──refused (validation, key, credit, safety) ──► Refused: nothing was bought
///                                   │ ├──429 ──► wait, the whole pipeline with it ──► POST, same id
///                                   └─┴──unclear (time-out, reset, 408, 5xx, unreadable) ──► wait ──► POST, same id
///                                        timeout ends ──► the error names the id; the journal keeps the request
/// </code>
/// A refused poll doesn't determine the state of the task: the poll is repeated until the timeout, or reported if the key is no longer
/// accepted.
/// </remarks>
internal sealed class TaskExecutor
{
    private readonly ConnectionJournal _journal;
    private readonly Budget? _budget;
    private readonly TimeProvider _time;
    private readonly TaskSubmitter _submitter;
    private readonly MediaUploader _uploader;
    private readonly RecordedTasks _recorded;

    public TaskExecutor(RunwareClient client, DeliveryOptions options, ConnectionJournal journal, TimeProvider time, Budget? budget = null,
        TaskSignals? signals = null)
    {
        (_journal, _time, _budget) = (journal, time, budget);
        var gate = new RateLimitGate(time);
        Poller = new TaskPoller(client, options, gate, time, signals);
        _submitter = new TaskSubmitter(client, options, gate, Poller, journal, time, budget, signals);
        _uploader = new MediaUploader(AnswerAsync, journal);
        _recorded = new RecordedTasks(journal, _uploader, options, time, budget);
    }

    /// <summary>Asks for the state of tasks, under the same rate limit.</summary>
    public TaskPoller Poller { get; }

    /// <summary>The numbers of tasks that wait for a concurrency slot.</summary>
    public (int Submits, int Polls) Waiting => (_submitter.Waiting, Poller.Waiting);

    /// <summary>Brings a task to its end: all its results, and what failed of it.</summary>
    /// <exception cref="RunwareException">It was refused, or timeout ended; then the exception names the id.</exception>
    public Task<TaskResult> RunAsync(TaskRequest task, CancellationToken cancellationToken) =>
        DeliverAsync(task, startStream: null, cancellationToken);

    /// <summary>
    /// Brings a task to its end like <see cref="RunAsync"/>, and passes on its text as it arrives. A stream is
    /// one request: if it breaks off, the result has what is whole and the failure has what arrived, and the task can be received later.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task<TaskResult> StreamAsync(TaskRequest task, Func<RunwareTextDelta, ValueTask> write, CancellationToken cancellationToken)
    {
        return DeliverAsync(task, lease =>
        {
            var isStarted = false;
            return delta =>
            {
                if (!isStarted)
                {
                    isStarted = true;
                    _journal.Accepted(lease, isWaitedFor: true);
                }

                delta.InputIndex = task.InputIndex;
                return write(delta);
            };
        }, cancellationToken);
    }

    private Task<TaskResult> DeliverAsync(
        TaskRequest task, Func<TaskLease, Func<RunwareTextDelta, ValueTask>>? startStream, CancellationToken cancellationToken) =>
        _recorded.RunAsync(
            task,
            async (begun, limit) =>
            {
                var result = await _submitter.SubmitAsync(task, begun, limit, cancellationToken, startStream?.Invoke(begun.Lease))
                    .ConfigureAwait(false);
                if (result is { HasStreamed: true, IsTorn: true })
                {
                    return Leave(task, begun, result);
                }

                if (result.HasStreamed)
                {
                    result.CloseShort(task.TaskUuid, task.Expected);
                }

                if (!result.IsFinalAnswer(task.Expected))
                {
                    _journal.Accepted(begun.Lease, isWaitedFor: true);
                    try
                    {
                        result = await Poller.PollAsync(
                            task.TaskUuid, task.Expected, interval: null, limit, progress: null, cancellationToken).ConfigureAwait(false);
                    }
                    catch (RunwareException e) when (result.Outputs.Count > 0)
                    {
                        result.Failures.Add(e); // what the response had isn't lost with the rest
                        return Leave(task, begun, result);
                    }
                }

                End(task, begun, result);
                return result;
            },
            row => row.ToResult(),
            lease: null,
            cancellationToken);

    /// <summary>Sends a task until it is accepted; its results are retrieved later.</summary>
    /// <param name="task">The task.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="lease">The lease of a task that is in the journal already and is resumed.</param>
    /// <inheritdoc cref="RunAsync"/>
    public Task<RunwareTask> StartAsync(TaskRequest task, CancellationToken cancellationToken, TaskLease? lease = null) =>
        _recorded.RunAsync(
            task,
            async (begun, limit) =>
            {
                var submitted = _time.GetUtcNow().UtcDateTime;
                var result = await _submitter.SubmitAsync(task, begun, limit, cancellationToken).ConfigureAwait(false);
                if (result.IsFinalAnswer(task.Expected))
                {
                    End(task, begun, result);
                    if (result.Outputs.Count == 0)
                    {
                        throw result.Failures[0];
                    }
                }
                else
                {
                    _journal.Accepted(begun.Lease, isWaitedFor: false);
                }

                var accepted = TaskView.Of(task, result);
                accepted.SubmittedAt = submitted;
                return accepted;
            },
            row => row.Outputs.Count > 0 || row.Failures.Count == 0
                ? row.ToTask()
                : throw row.Failures[0].ToException(row.TaskUuid),
            lease,
            cancellationToken);

    /// <summary>Has the API store content, unless it was uploaded before.</summary>
    /// <inheritdoc cref="MediaUploader.StoreAsync"/>
    public Task<StoredMedium> StoreAsync(MediaInput media, CancellationToken cancellationToken) =>
        _uploader.StoreAsync(media, cancellationToken);

    /// <inheritdoc cref="MediaUploader.FetchAsync"/>
    public Task<RunwareMediaReference> FetchAsync(Uri url, CancellationToken cancellationToken) =>
        _uploader.FetchAsync(url, cancellationToken);

    /// <inheritdoc cref="MediaUploader.Forget"/>
    public void Forget(Guid id) => _uploader.Forget(id);

    /// <inheritdoc cref="TaskSubmitter.AnswerAsync(TaskRequest, CancellationToken)"/>
    public Task<TaskResult> AnswerAsync(TaskRequest task, CancellationToken cancellationToken) =>
        _submitter.AnswerAsync(task, cancellationToken);

    /// <inheritdoc cref="TaskSubmitter.AnswerAsync(IReadOnlyList{TaskRequest}, CancellationToken)"/>
    public Task<IReadOnlyList<TaskResult>> AnswerAsync(IReadOnlyList<TaskRequest> tasks, CancellationToken cancellationToken) =>
        _submitter.AnswerAsync(tasks, cancellationToken);

    // The rest of the task can be received later.
    private TaskResult Leave(TaskRequest task, BegunTask begun, TaskResult result)
    {
        _journal.Accepted(begun.Lease, isWaitedFor: false);
        result.Outputs.ForEach(task.Metadata.ApplyTo);
        return result;
    }

    private void End(TaskRequest task, BegunTask begun, TaskResult result)
    {
        begun.Counted.Ended(result.Status, result.Cost);
        result.Outputs.ForEach(task.Metadata.ApplyTo);
        _budget?.Settle(task.TaskUuid, result);
        _journal.Ended(task.TaskUuid, result, _time.GetUtcNow().UtcDateTime, task);
    }
}
