namespace RunwarePS.Execution;

/// <summary>Runs tasks under their records in the journal, so that no process sends a task that another one works on.</summary>
internal sealed class RecordedTasks(ConnectionJournal journal, MediaUploader uploader, DeliveryOptions options, TimeProvider time, Budget? budget)
{
    /// <summary>
    /// Records a task, then delivers it. If the delivery fails, any process may resume the task. A task that another process or pipeline
    /// works on isn't sent: its result is awaited and returned.
    /// </summary>
    public async Task<T> RunAsync<T>(
        TaskRequest task, Func<BegunTask, TimeLimit, Task<T>> deliver, Func<JournalTask, T> view, TaskLease? lease,
        CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(time, options.Timeout, cancellationToken);
        await UploadAsync(task, limit).ConfigureAwait(false);
        while (true)
        {
            var outcome = lease is { } held ? new BeginOutcome.Held(held) : await RecordAsync(task, limit).ConfigureAwait(false);
            if (outcome is BeginOutcome.InProgress or BeginOutcome.Ended
                && await WaitForOtherAsync(task.TaskUuid, limit).ConfigureAwait(false) is { } row && row.IsComplete)
            {
                budget?.Release(task.TaskUuid);
                // It has the place and the tag of this call, as it would have from the API.
                row.Metadata = task.Metadata with { Tag = task.Tag ?? row.Metadata.Tag };
                row.Outputs.ForEach(row.Metadata.ApplyTo);
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
            catch (TaskLeaseLostException)
            {
                lease = null; // another process has taken the task over: its result is this one's too
            }
            catch (Exception e)
            {
                counted.Failed((e as RunwareException)?.Code ?? e.GetType().Name);
                journal.Released(begun.Lease);
                throw;
            }
        }
    }

    private async Task UploadAsync(TaskRequest task, TimeLimit limit)
    {
        try
        {
            await uploader.UploadAsync(task.Body, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw limit.NoResponse(task.TaskUuid, wasSent: false);
        }
    }

    /// <summary>
    /// Records a task before it is sent. Another process may have locked the journal: that wait, too, ends at the time limit.
    /// </summary>
    private async Task<BeginOutcome?> RecordAsync(TaskRequest task, TimeLimit limit)
    {
        try
        {
            return await journal.BeginAsync(task, limit.Token).ConfigureAwait(false);
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

    private async Task<JournalTask?> WaitForOtherAsync(Guid taskUuid, TimeLimit limit)
    {
        try
        {
            return await journal.WaitAsync(taskUuid, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw TaskPoller.TimedOut(taskUuid, isKnown: true, refused: null);
        }
    }
}
