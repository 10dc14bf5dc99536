namespace RunwarePS.Execution;

/// <summary>Asks the API for the state of tasks: once, or until they have ended. A refused poll doesn't determine the state of a task.</summary>
internal sealed class TaskPoller
{
    /// <summary>
    /// The number of further polls if there are fewer results than requested and nothing is running. After that, the task counts as ended.
    /// </summary>
    private const int PollsWithoutChange = 5;

    /// <summary>Results that are ready wait no longer for others.</summary>
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMilliseconds(100);

    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly RateLimitGate _gate;
    private readonly RequestBatcher _polls;
    private readonly PollSchedule _schedule;

    public TaskPoller(RunwareClient client, DeliveryOptions options, RateLimitGate gate, TimeProvider time, TaskSignals? signals)
    {
        (_options, _gate, _time) = (options, gate, time);
        _polls = new RequestBatcher(gate.Guard(client.SendAsync), gate, options.MaxConcurrency, s_longestDelay);
        _schedule = new PollSchedule(time, signals);
    }

    /// <summary>The number of questions that wait for a concurrency slot.</summary>
    public int Waiting => _polls.Waiting;

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
        if (RequestBatcher.MustBeAlone(response))
        {
            _polls.IsBatching &= response.AreNeighborsAnswered;
            response = await _polls.SendAsync(question, taskUuid, alone: true, limit).ConfigureAwait(false);
        }

        response.Errors.RemoveAll(e => e.Code == RetryPolicy.Unknown); // as an empty response: the task may just have been accepted

        // A refused key and a rate limit don't determine the state of the task, even if the refusal contains an ID.
        // Results in the same response are valid.
        var refused = response.Items.Count > 0 ? null : response.Errors.Find(e =>
            !response.ErrorsNameTask || e.Category == RunwareErrorCategory.Authentication || (e.StatusCode is 408 or 429 or >= 500 && !RetryPolicy.IsEndOfTask(e)));
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

    /// <summary>The API's state of a task whose response was lost; null if the API doesn't know the task.</summary>
    public async Task<TaskResult?> FindAsync(Guid taskUuid, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_time, timeout, cancellationToken);
        return await FindAsync(taskUuid, limit).ConfigureAwait(false);
    }

    /// <inheritdoc cref="FindAsync(Guid, TimeSpan?, CancellationToken)"/>
    public async Task<TaskResult?> FindAsync(Guid taskUuid, TimeLimit limit)
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

    /// <summary>Asks until a task has ended, at the latest until the limit.</summary>
    /// <inheritdoc cref="WaitAsync"/>
    public async Task<TaskResult> PollAsync(
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

    /// <summary>The failure of a wait that took too long. The task continues.</summary>
    public static RunwareException TimedOut(Guid taskUuid, bool isKnown, RunwareException? refused)
    {
        var state = (isKnown ? Strings.TaskStillRunning : Strings.TaskStillUnknown).With(taskUuid);
        var message = refused is null ? state : Strings.TaskLastQueryFailed.With(state, refused.Message);
        return new RunwareException(ErrorCodes.TaskTimeout, RunwareErrorCategory.Timeout, message, refused) { TaskUuid = taskUuid };
    }
}
