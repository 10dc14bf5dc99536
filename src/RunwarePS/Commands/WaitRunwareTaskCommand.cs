using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Waits until tasks have ended, and writes each as it ends.</summary>
[Cmdlet(VerbsLifecycle.Wait, "RunwareTask", HelpUri = HelpLinks.Base + "Wait-RunwareTask.md")]
[OutputType(typeof(RunwareTask))]
public sealed class WaitRunwareTaskCommand : TaskCmdlet
{
    /// <summary>Tasks, their ids, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TaskUuid")]
    [TasksTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public RunwareTask[] Task { get; set; } = [];

    /// <summary>How long to wait for each task, in seconds; 1200 by default. The task continues after that.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 604800)]
    public int? TimeoutSec { get; set; }

    /// <summary>The polling interval in seconds; by default increasing.</summary>
    [Parameter]
    [DurationTransformation]
    [ValidateNotNull]
    public TimeSpan? PollingInterval { get; set; }

    private protected override string Activity => Strings.ActivityWait;

    private protected override void Process()
    {
        var receiver = Context.Receiver;
        foreach (var task in Task)
        {
            Queue(task, async cancellationToken =>
            {
                var ended = await receiver.WaitAsync(task, Seconds(TimeoutSec), PollingInterval, Report(task), cancellationToken)
                    .ConfigureAwait(false);
                return () =>
                {
                    Progress?.End(ended.Output, ended.Failure.Length);
                    WriteObject(ended);
                };
            });
        }
    }
}
