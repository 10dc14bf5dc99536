using System.Runtime.InteropServices;

namespace RunwarePS.Execution;

/// <summary>Sends tasks until the API has accepted or refused them. The only place that repeats a submit.</summary>
internal sealed class TaskSubmitter(RunwareClient client, DeliveryOptions options, RateLimitGate gate, TaskPoller poller,
    ConnectionJournal journal, TimeProvider time, Budget? budget, TaskSignals? signals)
{
    /// <summary>A pipeline that brings a task every few milliseconds fills a request in this time.</summary>
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMilliseconds(200);

    private readonly RequestBatcher _submits = new(gate.Guard(client.SendAsync), gate, options.MaxConcurrency, s_longestDelay);

    /// <summary>The number of tasks that wait for a concurrency slot.</summary>
    public int Waiting => _submits.Waiting;

    /// <summary>Sends a task that may be sent, and again if the response is unclear.</summary>
    /// <param name="task">The task.</param>
    /// <param name="begun">The right to send it.</param>
    /// <param name="limit">Ends at the time limit of the call, and when the user stops it.</param>
    /// <param name="cancellationToken">Ends when the user stops it.</param>
    /// <param name="write">Passes on the text as it arrives; null without a stream.</param>
    /// <returns>The result in the response; without outputs if an earlier try was accepted and its results can be retrieved.</returns>
    /// <exception cref="RunwareException">It was refused, or no try got a clear response.</exception>
    /// <exception cref="TaskLeaseLostException">Another process has taken the task over.</exception>
    public async Task<TaskResult> SubmitAsync(
        TaskRequest task, BegunTask begun, TimeLimit limit, CancellationToken cancellationToken,
        Func<RunwareTextDelta, ValueTask>? write = null)
    {
        var tries = new Tries { AreIndeterminate = begun.IsHeld || task.IsResumed };
        signals?.Expect(task.TaskUuid, task.Body.Text("webhookURL"));
        for (var attempt = 0; ; attempt++)
        {
            var (result, failure) = await TryAsync(task, begun, tries, write, limit, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                return result;
            }

            if (!RetryPolicy.IsRepeatable(failure))
            {
                // This try bought nothing. An earlier, unclear one may have: then the row stays as it is, to be settled.
                if (!tries.AreIndeterminate)
                {
                    Refused(task, begun, failure);
                }

                throw failure;
            }

            tries.AreIndeterminate |= RetryPolicy.IsIndeterminate(failure);
            var wait = PauseBeforeRetry(task, failure, attempt, limit);

            // From here on the task is sent alone: an indeterminate response to a batch doesn't apply to its single tasks.
            tries.AreAlone = true;
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a task once.</summary>
    /// <returns>The result; or the failure that determines whether it's sent again.</returns>
    private async Task<(TaskResult Result, RunwareException? Failure)> TryAsync(
        TaskRequest task, BegunTask begun, Tries tries, Func<RunwareTextDelta, ValueTask>? write, TimeLimit limit,
        CancellationToken cancellationToken)
    {
        try
        {
            if (!await journal.EnsureOwnedAsync(begun.Lease, limit.Token).ConfigureAwait(false))
            {
                throw new TaskLeaseLostException();
            }

            // A stream is sent again only when the API doesn't know it: what it has can be had without another request.
            if (write is not null && tries.AreIndeterminate
                && await poller.FindAsync(task.TaskUuid, limit).ConfigureAwait(false) is { } found)
            {
                return (found, null);
            }

            var response = write is null
                ? await _submits.SendAsync(task.Body, task.TaskUuid, tries.AreAlone || !task.IsAsync, limit).ConfigureAwait(false)
                : await StreamAsync(task, write, limit, cancellationToken).ConfigureAwait(false);
            if (RequestBatcher.MustBeAlone(response))
            {
                tries.WerePacked = true; // a neighbor may have been refused after this one was accepted
                response = await _submits.SendAsync(task.Body, task.TaskUuid, alone: true, limit).ConfigureAwait(false);
            }

            return Judge(task, tries, ResultReader.Read(response, task.TaskUuid, time));
        }
        catch (RunwareException e)
        {
            return (TaskResult.Nothing, e);
        }
    }

    private static (TaskResult Result, RunwareException? Failure) Judge(TaskRequest task, Tries tries, TaskResult result)
    {
        if ((tries.AreIndeterminate || tries.WerePacked || task.IsDerived)
            && result.Failures.Exists(e => e.Code == RetryPolicy.Conflict))
        {
            return (TaskResult.Nothing, null); // an earlier try was accepted: its results can be retrieved
        }

        if (result.HasStreamed || result.Outputs.Count > 0 || (result.IsKnown && result.Failures.Count == 0))
        {
            return (result, null);
        }

        var failure = result.Failures.FirstOrDefault() ?? RetryPolicy.MissingResponse(task.TaskUuid);
        return (result, RetryPolicy.IsRepeatable(failure) || tries.AreIndeterminate ? failure : null);
    }

    private TimeSpan PauseBeforeRetry(TaskRequest task, RunwareException failure, int attempt, TimeLimit limit)
    {
        var wait = Backoff.Repeat(attempt, failure.RetryAfter);
        if (attempt >= options.MaxRetryCount || wait > Backoff.LongestPause || wait > limit.Left)
        {
            throw failure;
        }

        if (RetryPolicy.IsBusy(failure))
        {
            gate.CloseFor(wait, failure);
        }

        Telemetry.Retried(task.TaskType, failure.Code);
        return wait;
    }

    private async Task<TaskResponse> StreamAsync(
        TaskRequest task, Func<RunwareTextDelta, ValueTask> write, TimeLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            await gate.PassAsync(task.TaskUuid, limit).ConfigureAwait(false);
            return await client.StreamAsync(task.Body, task.Expected, write, limit.Token, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw limit.NoResponse(task.TaskUuid, wasSent: true);
        }
    }

    private void Refused(TaskRequest task, BegunTask begun, RunwareException failure)
    {
        signals?.Forget(task.TaskUuid);
        budget?.Release(task.TaskUuid);
        journal.Refused(begun.Lease, failure, time.GetUtcNow().UtcDateTime);
    }

    /// <summary>Runs a utility task, which generates nothing: it isn't in the journal and isn't polled.</summary>
    /// <exception cref="RunwareException">The request was refused, or there was no response within the timeout.</exception>
    public async Task<TaskResult> AnswerAsync(TaskRequest task, CancellationToken cancellationToken) =>
        (await AnswerAsync([task], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Runs utility tasks in one request. The results are in the order of the tasks.</summary>
    /// <inheritdoc cref="AnswerAsync(TaskRequest, CancellationToken)"/>
    public async Task<IReadOnlyList<TaskResult>> AnswerAsync(IReadOnlyList<TaskRequest> tasks, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(time, options.Timeout, cancellationToken);
        for (var attempt = 0; ; attempt++)
        {
            RunwareException? failure;
            IReadOnlyList<TaskResult> results = [];
            try
            {
                var responses = tasks is [var only]
                    ? [await _submits.SendAsync(only.Body, only.TaskUuid, alone: true, limit).ConfigureAwait(false)]
                    : await SendTogetherAsync(tasks, limit).ConfigureAwait(false);
                results = [.. tasks.Zip(responses, (task, response) => ResultReader.Read(response, task.TaskUuid, time))];
                failure = results.SelectMany(r => r.Outputs.Count == 0 ? r.Failures : []).FirstOrDefault(RetryPolicy.IsRepeatable);
            }
            catch (RunwareException e)
            {
                failure = e;
            }

            if (failure is null)
            {
                foreach (var (task, result) in tasks.Zip(results))
                {
                    result.Outputs.ForEach(task.Metadata.ApplyTo);
                }

                return results;
            }

            if (!RetryPolicy.IsRepeatable(failure))
            {
                throw failure;
            }

            await Task.Delay(PauseBeforeRetry(tasks[0], failure, attempt, limit), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IEnumerable<TaskResponse>> SendTogetherAsync(IReadOnlyList<TaskRequest> tasks, TimeLimit limit)
    {
        await gate.PassAsync(tasks[0].TaskUuid, limit).ConfigureAwait(false);
        var responses = await gate.Guard(client.SendAsync)([.. tasks.Select(t => t.Body)], limit.Token).ConfigureAwait(false);
        return tasks.Select(t => responses.Of(t.TaskUuid));
    }

    /// <summary>What is known of the earlier tries.</summary>
    private sealed class Tries
    {
        /// <summary>One of them may have been accepted.</summary>
        public bool AreIndeterminate { get; set; }

        /// <summary>The task was in a request with others that was refused.</summary>
        public bool WerePacked { get; set; }

        /// <summary>The task is sent in a request of its own.</summary>
        public bool AreAlone { get; set; }
    }
}

/// <summary>A task that may be sent.</summary>
/// <param name="Lease">The right to send it.</param>
/// <param name="IsHeld">True where an earlier request may have been accepted.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BegunTask(TaskLease Lease, bool IsHeld)
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
internal sealed class TaskLeaseLostException : Exception;
