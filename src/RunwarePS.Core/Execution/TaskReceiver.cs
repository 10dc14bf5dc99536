namespace RunwarePS.Execution;

/// <summary>
/// The present state of tasks, from the server and the journal: the server has the results, the journal has what was
/// asked for.
/// </summary>
internal sealed class TaskReceiver(TaskExecutor delivery, ConnectionJournal journal, TimeProvider time)
{
    /// <summary>After this time, the API is asked for current links. They last for seven days by default.</summary>
    private static readonly TimeSpan s_linkLifetime = TimeSpan.FromDays(1);

    /// <summary>Asks the server once.</summary>
    /// <exception cref="RunwareException">The status request was refused, which doesn't determine the state of the task.</exception>
    public async Task<RunwareTask> AskAsync(RunwareTask task, CancellationToken cancellationToken)
    {
        var row = await journal.FindAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false);
        var result = await delivery.Poller.AskAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false);
        return View(task, row, result);
    }

    /// <summary>
    /// The results of a task: from the journal if it has all of them, otherwise from the server. A second call returns the same results.
    /// Links to files that aren't saved and may have expired come from the server while it has them.
    /// </summary>
    public async Task<RunwareTask> ReceiveAsync(RunwareTask task, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var row = await journal.FindAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false);
        if (row is { IsComplete: true })
        {
            return await RefreshAsync(row, timeout, cancellationToken).ConfigureAwait(false);
        }

        // If the stream of a text was incomplete, the task's details contain the longest text.
        var result = (row?.TaskType ?? task.TaskType) == TaskTypes.TextInference
            ? await delivery.Poller.FindAsync(task.TaskUuid, timeout, cancellationToken).ConfigureAwait(false) ?? TaskResult.Nothing
            : await delivery.Poller.AskAsync(task.TaskUuid, timeout, cancellationToken).ConfigureAwait(false);
        return View(task, row, result);
    }

    /// <summary>Records the results of a task that a webhook announced, if the journal has it and no process works on it.</summary>
    public async Task SettleAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var row = await journal.FindAsync(taskUuid, cancellationToken).ConfigureAwait(false);
        if (row is { HasEnded: false, IsOwned: false } && row.Status != RunwareTaskStatus.Pending)
        {
            View(row.ToTask(), row, await delivery.Poller.AskAsync(taskUuid, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Waits until a task has ended.</summary>
    /// <exception cref="RunwareException"><c>TaskTimeout</c>; the task is still running.</exception>
    public async Task<RunwareTask> WaitAsync(
        RunwareTask task, TimeSpan? timeout, TimeSpan? interval, IProgress<TaskResult>? progress, CancellationToken cancellationToken)
    {
        var row = await journal.FindAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false);
        if (row is { IsComplete: true })
        {
            return await RefreshAsync(row, timeout, cancellationToken).ConfigureAwait(false);
        }

        var expected = row?.Expected ?? task.Expected;
        var result = await delivery.Poller.WaitAsync(task.TaskUuid, expected, timeout, interval, progress, cancellationToken)
            .ConfigureAwait(false);
        return View(task, row, result);
    }

    private async Task<RunwareTask> RefreshAsync(JournalTask row, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var known = row.ToTask();
        if (row.CompletedAt > time.GetUtcNow().UtcDateTime - s_linkLifetime
            || !row.Outputs.Exists(output => output is RunwareMedia { Url: not null, Path: null }))
        {
            return known;
        }

        try
        {
            var result = await delivery.Poller.AskAsync(row.TaskUuid, timeout, cancellationToken).ConfigureAwait(false);
            return result.Outputs.Count >= row.Outputs.Count ? View(known, row, result) : known;
        }
        catch (RunwareException)
        {
            return known; // the server isn't needed for what the journal has
        }
    }

    private RunwareTask View(RunwareTask known, JournalTask? row, TaskResult result)
    {
        if (row is { HasEnded: true } && result.Outputs.Count == 0)
        {
            return row.ToTask(); // the server has forgotten what the journal still knows
        }

        var view = TaskView.Of(known.TaskUuid, result);
        view.TaskType ??= row?.TaskType ?? known.TaskType;
        view.Expected = row?.Expected ?? known.Expected;
        view.Model = row?.Metadata.Model ?? known.Model;
        view.Prompt = row?.Metadata.Prompt ?? known.Prompt;
        view.Tag = row?.Metadata.Tag ?? known.Tag;
        view.SubmittedAt = row?.SubmittedAt ?? known.SubmittedAt;
        view.CompletedAt = row?.CompletedAt ?? known.CompletedAt;
        if (!result.IsKnown && result.Failures.Count == 0)
        {
            // The server returns nothing for a task that hasn't started; the journal may show that it was accepted.
            view.Status = row?.Status ?? RunwareTaskStatus.Unknown;
        }

        var metadata = row?.Metadata ?? new GenerationMetadata { Prompt = known.Prompt, Model = known.Model, Tag = known.Tag };
        result.Outputs.ForEach(metadata.ApplyTo);
        if (result.HasEnded(view.Expected) && (row is not { HasEnded: true } || result.Outputs.Count > row.Outputs.Count))
        {
            view.CompletedAt ??= time.GetUtcNow().UtcDateTime;
            journal.Ended(known.TaskUuid, result, view.CompletedAt.Value);
        }

        return view;
    }
}
