namespace RunwarePS.Pipeline;

/// <summary>What the cmdlets share that work on tasks.</summary>
public abstract class TaskCmdlet : RunwareCmdlet
{
    // A task that waits costs next to nothing; its polls share requests.
    private protected override int MaxInFlight => 1000;

    /// <summary>Without a connection no record can be served.</summary>
    private protected override void Begin() => _ = Context.Connection;

    private protected static TimeSpan? Seconds(int? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;

    /// <summary>Hears from any thread how far a task is, and shows it on the pipeline's.</summary>
    private protected IProgress<TaskResult> Report(RunwareTask task) =>
        new ProgressReport(result => WorkQueue.Post(() => Progress?.Report(task, result)));

    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished) =>
        ReportIds(unfinished.OfType<RunwareTask>().Select(t => t.TaskUuid));

    /// <summary>One error for each failure of a task.</summary>
    private protected void WriteFailures(RunwareTask task)
    {
        foreach (var failure in task.Failure)
        {
            var target = new RunwareErrorTarget { Prompt = task.Prompt, Tag = task.Tag, TaskUuid = task.TaskUuid };
            WriteFailure(failure.ToException(task.TaskUuid), target);
        }
    }

    private sealed class ProgressReport(Action<TaskResult> tell) : IProgress<TaskResult>
    {
        public void Report(TaskResult value) => tell(value);
    }
}
