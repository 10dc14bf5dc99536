using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

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
/// Brings one task from its request to its results, and buys it once. The only place that repeats a submit.
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
    /// <summary>
    /// The number of further polls if there are fewer results than requested and nothing is running. After that, the task counts as ended.
    /// </summary>
    private const int PollsWithoutChange = 5;

    /// <summary>A pipeline that brings a task every few milliseconds fills a request in this time.</summary>
    private static readonly TimeSpan s_longestSubmitDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Results that are ready wait no longer for others.</summary>
    private static readonly TimeSpan s_longestPollDelay = TimeSpan.FromMilliseconds(100);

    private readonly RunwareClient _client;
    private readonly DeliveryOptions _options;
    private readonly ConnectionJournal _journal;
    private readonly Budget? _budget;
    private readonly TimeProvider _time;
    private readonly RateLimitGate _gate;
    private readonly RequestBatcher _submits;
    private readonly RequestBatcher _polls;
    private readonly PollSchedule _schedule;
    private readonly MediaUploader _uploader;
    private readonly TaskSignals? _signals;

    public TaskExecutor(RunwareClient client, DeliveryOptions options, ConnectionJournal journal, TimeProvider time, Budget? budget = null,
        TaskSignals? signals = null)
    {
        _client = client;
        _options = options;
        _journal = journal;
        _budget = budget;
        _time = time;
        _gate = new RateLimitGate(time);
        _submits = new RequestBatcher(WithRateLimit(client.SubmitAsync), _gate, options.MaxConcurrency, s_longestSubmitDelay);
        _polls = new RequestBatcher(WithRateLimit(client.GetResponseAsync), _gate, options.MaxConcurrency, s_longestPollDelay);
        _schedule = new PollSchedule(time, signals);
        _signals = signals;
        _uploader = new MediaUploader(AnswerAsync, journal);
    }

    /// <summary>The numbers of tasks that wait for a concurrency slot.</summary>
    public (int Submits, int Polls) Waiting => (_submits.Waiting, _polls.Waiting);

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
        RecordedAsync(
            task,
            async (begun, limit) =>
            {
                var result = await SubmitAsync(task, begun, limit, cancellationToken, startStream?.Invoke(begun.Lease))
                    .ConfigureAwait(false);
                if (result is { HasStreamed: true, IsTorn: true })
                {
                    _journal.Accepted(begun.Lease, isWaitedFor: false);
                    result.Outputs.ForEach(task.Metadata.ApplyTo);
                    return result;
                }

                if (result.HasStreamed)
                {
                    result.CloseShort(task.TaskUuid, task.Expected);
                }

                if (!result.IsFinalAnswer(task.Expected))
                {
                    _journal.Accepted(begun.Lease, isWaitedFor: true);
                    result = await PollAsync(task.TaskUuid, task.Expected, interval: null, limit, progress: null, cancellationToken)
                        .ConfigureAwait(false);
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
        RecordedAsync(
            task,
            async (begun, limit) =>
            {
                var submitted = _time.GetUtcNow().UtcDateTime;
                var result = await SubmitAsync(task, begun, limit, cancellationToken).ConfigureAwait(false);
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

    /// <inheritdoc cref="MediaUploader.Forget"/>
    public void Forget(Guid id) => _uploader.Forget(id);

    /// <summary>Runs a utility task, which generates nothing: it isn't in the journal and isn't polled.</summary>
    /// <exception cref="RunwareException">The request was refused, or there was no response within the timeout.</exception>
    public async Task<TaskResult> AnswerAsync(TaskRequest task, CancellationToken cancellationToken) =>
        (await AnswerAsync([task], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Runs utility tasks in one request. The results are in the order of the tasks.</summary>
    /// <inheritdoc cref="AnswerAsync(TaskRequest, CancellationToken)"/>
    public async Task<IReadOnlyList<TaskResult>> AnswerAsync(IReadOnlyList<TaskRequest> tasks, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_time, _options.Timeout, cancellationToken);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var responses = tasks is [var only]
                    ? [await _submits.SendAsync(only.Body, only.TaskUuid, alone: true, limit).ConfigureAwait(false)]
                    : await SendTogetherAsync(tasks, limit).ConfigureAwait(false);
                var results = tasks.Zip(responses, (task, response) => ResultReader.Read(response, task.TaskUuid, _time)).ToList();
                foreach (var (task, result) in tasks.Zip(results))
                {
                    result.Outputs.ForEach(task.Metadata.ApplyTo);
                }

                return results;
            }
            catch (RunwareException e) when (RetryPolicy.IsRepeatable(e) && attempt < _options.MaxRetryCount)
            {
                var wait = Backoff.Repeat(attempt, e.RetryAfter);
                if (wait > Backoff.LongestPause || wait > limit.Left)
                {
                    throw;
                }

                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<IEnumerable<TaskResponse>> SendTogetherAsync(IReadOnlyList<TaskRequest> tasks, TimeLimit limit)
    {
        await _gate.PassAsync(tasks[0].TaskUuid, limit).ConfigureAwait(false);
        var responses = await WithRateLimit(_client.SubmitAsync)([.. tasks.Select(t => t.Body)], limit.Token).ConfigureAwait(false);
        return tasks.Select(t => responses.Of(t.TaskUuid));
    }

    /// <summary>Asks once for the present state of a task.</summary>
    /// <exception cref="RunwareException">The status request was refused, which doesn't determine the state of the task.</exception>
    public Task<TaskResult> AskAsync(Guid taskUuid, CancellationToken cancellationToken) =>
        AskAsync(taskUuid, timeout: null, cancellationToken);

    /// <inheritdoc cref="AskAsync(Guid, CancellationToken)"/>
    public async Task<TaskResult> AskAsync(Guid taskUuid, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_time, timeout, cancellationToken);
        return await AskAsync(taskUuid, limit).ConfigureAwait(false);
    }

    private async Task<TaskResult> AskAsync(Guid taskUuid, TimeLimit limit)
    {
        var question = RunwareClient.GetResponse(taskUuid);
        var alone = !_polls.IsBatching;
        var response = await _polls.SendAsync(question, taskUuid, alone, limit, waitsForOthers: _schedule.Count > 1).ConfigureAwait(false);
        if (Unpackable(response))
        {
            _polls.IsBatching &= response.AreNeighborsAnswered;
            response = await _polls.SendAsync(question, taskUuid, alone: true, limit).ConfigureAwait(false);
        }

        // A refused key and a rate limit don't determine the state of the task, even if the refusal contains an ID.
        // Results in the same response are valid.
        var refused = response.Items.Count > 0 ? null : response.Errors.Find(e =>
            !response.ErrorsNameTask || e.Category == RunwareErrorCategory.Authentication || e.StatusCode is 408 or 429 or >= 500);
        return refused is null ? ResultReader.Read(response, taskUuid, _time) : throw refused;
    }

    /// <summary>Asks until a task has ended.</summary>
    /// <exception cref="RunwareException"><c>TaskTimeout</c>, with the id; the task is still running.</exception>
    public async Task<TaskResult> WaitAsync(
        Guid taskUuid, int? expected, TimeSpan? timeout, TimeSpan? interval, IProgress<TaskResult>? progress,
        CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_time, timeout ?? _options.Timeout, cancellationToken);
        return await PollAsync(taskUuid, expected, interval, limit, progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TaskResult> SubmitAsync(
        TaskRequest task, BegunTask begun, TimeLimit limit, CancellationToken cancellationToken,
        Func<RunwareTextDelta, ValueTask>? write = null)
    {
        var wasIndeterminate = begun.IsHeld || task.IsResumed;
        var wasPacked = false;
        var alone = false;
        _signals?.Expect(task.TaskUuid, task.Body.Text("webhookURL"));
        for (var attempt = 0; ; attempt++)
        {
            RunwareException failure;
            try
            {
                if (!await _journal.EnsureOwnedAsync(begun.Lease, limit.Token).ConfigureAwait(false))
                {
                    throw new LeaseLostException();
                }

                // A stream is sent again only when the API doesn't know it: what it has can be had without another request.
                if (write is not null && wasIndeterminate && await FindAsync(task.TaskUuid, limit).ConfigureAwait(false) is { } found)
                {
                    return found;
                }

                var response = write is null
                    ? await _submits.SendAsync(task.Body, task.TaskUuid, alone || !task.IsAsync, limit).ConfigureAwait(false)
                    : await StreamOnceAsync(task, write, limit, cancellationToken).ConfigureAwait(false);
                if (Unpackable(response))
                {
                    wasPacked = true; // a neighbor may have been refused after this one was taken
                    response = await _submits.SendAsync(task.Body, task.TaskUuid, alone: true, limit).ConfigureAwait(false);
                }

                var result = ResultReader.Read(response, task.TaskUuid, _time);
                if ((wasIndeterminate || wasPacked || task.IsDerived) && result.Failures.Exists(e => e.Code == RetryPolicy.Conflict))
                {
                    return TaskResult.Nothing; // an earlier try was accepted: its results can be retrieved
                }

                if (result.HasStreamed || result.Outputs.Count > 0 || (result.IsKnown && result.Failures.Count == 0))
                {
                    return result;
                }

                failure = result.Failures.FirstOrDefault() ?? RetryPolicy.MissingResponse(task.TaskUuid);
                if (!RetryPolicy.IsRepeatable(failure) && !wasIndeterminate)
                {
                    return result;
                }
            }
            catch (RunwareException e)
            {
                failure = e;
            }

            if (!RetryPolicy.IsRepeatable(failure))
            {
                // This try bought nothing. An earlier, unclear one may have: then the row stays as it is, to be settled.
                if (!wasIndeterminate)
                {
                    _signals?.Forget(task.TaskUuid);
                    _budget?.Release(task.TaskUuid);
                    _journal.Refused(begun.Lease, failure, _time.GetUtcNow().UtcDateTime);
                }

                throw failure;
            }

            wasIndeterminate |= RetryPolicy.IsIndeterminate(failure);
            var wait = Backoff.Repeat(attempt, failure.RetryAfter);
            if (attempt >= _options.MaxRetryCount || wait > Backoff.LongestPause || wait > limit.Left)
            {
                throw failure;
            }

            if (RetryPolicy.IsBusy(failure))
            {
                _gate.CloseFor(wait, failure);
            }

            Telemetry.Retried(task.TaskType, failure.Code);

            // From here on the task is sent alone: an indeterminate response to a batch doesn't apply to its single tasks.
            alone = true;
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TaskResponse> StreamOnceAsync(
        TaskRequest task, Func<RunwareTextDelta, ValueTask> write, TimeLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            await _gate.PassAsync(task.TaskUuid, limit).ConfigureAwait(false);
            return await _client.StreamAsync(task.Body, task.Expected, write, limit.Token, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw limit.NoResponse(task.TaskUuid, wasSent: true);
        }
    }

    /// <summary>The API's state of a task whose response was lost; null if the API doesn't know the task.</summary>
    public async Task<TaskResult?> FindAsync(Guid taskUuid, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_time, timeout, cancellationToken);
        return await FindAsync(taskUuid, limit).ConfigureAwait(false);
    }

    private async Task<TaskResult?> FindAsync(Guid taskUuid, TimeLimit limit)
    {
        var result = await AskAsync(taskUuid, limit).ConfigureAwait(false);
        if (result.IsKnown || result.Failures.Exists(f => f.Category != RunwareErrorCategory.NotFound))
        {
            return result;
        }

        var question = RunwareClient.GetTaskDetails(taskUuid);
        var details = await _polls.SendAsync(question, taskUuid, alone: true, limit).ConfigureAwait(false);
        return details.Items.Count == 0 && details.Errors.Find(e => e.Category != RunwareErrorCategory.NotFound) is { } refused
            ? throw refused
            : TaskDetailsReader.Read(details, taskUuid, _time);
    }

    /// <summary>
    /// Records a task before it is sent. Another process may have locked the journal: that wait, too, ends at the time limit.
    /// </summary>
    private async Task<BeginOutcome?> RecordAsync(TaskRequest task, TimeLimit limit)
    {
        try
        {
            return await _journal.BeginAsync(task, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            var span = Strings.LimitSpan.With(limit.Span?.TotalSeconds);
            throw new RunwareException(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout,
                Strings.TaskNotRecorded.With(task.TaskUuid, span))
            {
                TaskUuid = task.TaskUuid,
            };
        }
    }

    private async Task<TaskResult> PollAsync(
        Guid taskUuid, int? expected, TimeSpan? interval, TimeLimit given, IProgress<TaskResult>? progress,
        CancellationToken cancellationToken)
    {
        using var probe = _schedule.Add(interval, taskUuid);
        using var usual = given.Span is null ? new TimeLimit(_time, DeliveryOptions.DefaultPollTimeout, cancellationToken) : null;
        var limit = usual ?? given;
        RunwareException? refused = null;
        var (unchanged, results) = (0, 0);
        var isKnown = false;
        while (true)
        {
            var quiet = refused?.RetryAfter is { } asked && asked > _gate.Remaining ? asked : _gate.Remaining;
            if (limit.IsOver || quiet > limit.Left)
            {
                throw TimedOut(taskUuid, isKnown, refused); // there is no asking any more in the time given
            }

            await probe.WaitAsync(quiet, limit.Left, cancellationToken).ConfigureAwait(false);
            try
            {
                var result = await AskAsync(taskUuid, limit).ConfigureAwait(false);
                refused = null;
                isKnown |= result.IsKnown;
                var told = result.Count;
                unchanged = !result.IsProcessing && told > 0 && told == results ? unchanged + 1 : 0;
                results = told;
                if (result.HasEnded(expected))
                {
                    probe.End();
                    return result;
                }

                if (unchanged > PollsWithoutChange)
                {
                    result.CloseShort(taskUuid, expected);
                    return result;
                }

                probe.Report(result.Progress);
                progress?.Report(result);
            }
            catch (RunwareException e) when (RetryPolicy.IsRepeatable(e))
            {
                refused = e;
            }
        }
    }

    private void End(TaskRequest task, BegunTask begun, TaskResult result)
    {
        begun.Counted.Ended(result.Status, result.Cost);
        result.Outputs.ForEach(task.Metadata.ApplyTo);
        _budget?.Settle(task.TaskUuid, result);
        _journal.Ended(task.TaskUuid, result, _time.GetUtcNow().UtcDateTime, task);
    }

    /// <summary>Closes the gate as soon as the API asks for quiet, before the next request can leave.</summary>
    private Func<IReadOnlyList<JsonObject>, CancellationToken, Task<ResponsesByTask>> WithRateLimit(
        Func<IReadOnlyList<JsonObject>, CancellationToken, Task<ResponsesByTask>> send) =>
        async (tasks, cancellationToken) =>
        {
            try
            {
                var responses = await send(tasks, cancellationToken).ConfigureAwait(false);
                if (responses.Busy is { } busy)
                {
                    _gate.CloseFor(Backoff.Repeat(0, busy.RetryAfter), busy);
                }

                return responses;
            }
            catch (RunwareException e) when (RetryPolicy.IsBusy(e))
            {
                _gate.CloseFor(Backoff.Repeat(0, e.RetryAfter), e);
                throw;
            }
        };

    /// <summary>
    /// Records a task, then delivers it. If the delivery fails, any process may resume the task. A task that another process or pipeline
    /// works on isn't sent: its result is awaited and returned.
    /// </summary>
    private async Task<T> RecordedAsync<T>(
        TaskRequest task, Func<BegunTask, TimeLimit, Task<T>> deliver, Func<JournalTask, T> view, TaskLease? lease,
        CancellationToken cancellationToken)
    {
        await _uploader.UploadAsync(task.Body, cancellationToken).ConfigureAwait(false);
        using var limit = new TimeLimit(_time, _options.Timeout, cancellationToken);
        while (true)
        {
            var outcome = lease is { } held ? new BeginOutcome.Held(held) : await RecordAsync(task, limit).ConfigureAwait(false);
            if (outcome is BeginOutcome.InProgress or BeginOutcome.Ended
                && await WaitForOtherAsync(task.TaskUuid, limit).ConfigureAwait(false) is { } row && row.IsComplete)
            {
                _budget?.Release(task.TaskUuid);
                return view(row);
            }

            if (outcome is BeginOutcome.InProgress)
            {
                continue; // the other gave it up
            }

            using var counted = Telemetry.BeginTask(task.TaskType, task.Model);
            var begun = BegunTask.Of(outcome, task.TaskUuid) with { Counted = counted };
            try
            {
                return await deliver(begun, limit).ConfigureAwait(false);
            }
            catch (LeaseLostException)
            {
                lease = null; // another process has taken the task over: its result is this one's too
            }
            catch (Exception e)
            {
                counted.Failed((e as RunwareException)?.Code ?? e.GetType().Name);
                _journal.Released(begun.Lease);
                throw;
            }
        }
    }

    private async Task<JournalTask?> WaitForOtherAsync(Guid taskUuid, TimeLimit limit)
    {
        try
        {
            return await _journal.WaitAsync(taskUuid, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw TimedOut(taskUuid, isKnown: true, refused: null);
        }
    }

    // A refusal of the request as a whole, where it carried several tasks: it may be the packing that the server minds. And an error that
    // names none of them, where others were taken: whose it is shows when this task is sent alone.
    private static bool Unpackable(TaskResponse response) =>
        response is { Neighbors: > 0, Items.Count: 0, ErrorsNameTask: false } && response.Errors.Exists(e =>
            response.AreNeighborsAnswered || (e.StatusCode is < 500 and not 408 && e.Category
                is not (RunwareErrorCategory.Authentication or RunwareErrorCategory.Quota or RunwareErrorCategory.RateLimit)));

    private static RunwareException TimedOut(Guid taskUuid, bool isKnown, RunwareException? refused)
    {
        var state = (isKnown ? Strings.TaskStillRunning : Strings.TaskStillUnknown).With(taskUuid);
        var message = refused is null ? state : Strings.TaskLastQueryFailed.With(state, refused.Message);
        return new RunwareException(ErrorCodes.TaskTimeout, RunwareErrorCategory.Timeout, message, refused) { TaskUuid = taskUuid };
    }

    /// <summary>A task that may be sent.</summary>
    /// <param name="Lease">The right to send it.</param>
    /// <param name="IsHeld">True where an earlier request may have been accepted.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct BegunTask(TaskLease Lease, bool IsHeld)
    {
        /// <summary>The task as it is measured.</summary>
        public Telemetry.TaskScope Counted { get; init; }

        public static BegunTask Of(BeginOutcome? outcome, Guid taskUuid) => outcome switch
        {
            BeginOutcome.Booked booked => new(booked.Lease, IsHeld: false),
            BeginOutcome.Held held => new(held.Lease, IsHeld: true),
            BeginOutcome.Ended => new(TaskLease.None(taskUuid), IsHeld: true), // the API has results that the journal lacks
            _ => new(TaskLease.None(taskUuid), IsHeld: false),
        };
    }

    /// <summary>Another process has taken a task over, because this one was suspended for longer than its lease.</summary>
    private sealed class LeaseLostException : Exception;
}
