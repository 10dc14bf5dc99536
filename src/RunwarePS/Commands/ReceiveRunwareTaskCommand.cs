using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Writes the results of tasks, and one error for each failure. Asked again, it gives the same again.</summary>
[Cmdlet(VerbsCommunications.Receive, "RunwareTask", HelpUri = HelpLinks.Base + "Receive-RunwareTask.md")]
[OutputType(
    typeof(RunwareImage), typeof(RunwareVideo), typeof(RunwareAudio), typeof(RunwareFile), typeof(RunwareText), typeof(RunwareResult))]
public sealed class ReceiveRunwareTaskCommand : TaskCmdlet
{
    /// <summary>Tasks, their ids, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TaskUuid")]
    [TasksTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public RunwareTask[] Task { get; set; } = [];

    /// <summary>Waits until each task has ended.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait for each task, in seconds; with -Wait 1200 by default. The task itself continues.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 604800)]
    public int? TimeoutSec { get; set; }

    private protected override string Activity => Strings.ActivityReceive;

    private static RunwareException Unknown(Guid id) =>
        new(ErrorCodes.TaskNotFound, RunwareErrorCategory.NotFound, Strings.TaskNotFound.With(id))
        { TaskUuid = id, Parameter = nameof(Task) };

    private protected override void Process()
    {
        var receiver = Context.Receiver;
        foreach (var task in Task)
        {
            Queue(task, async cancellationToken =>
            {
                var present = Wait
                    ? await receiver.WaitAsync(task, Seconds(TimeoutSec), interval: null, Report(task), cancellationToken)
                        .ConfigureAwait(false)
                    : await receiver.ReceiveAsync(task, Seconds(TimeoutSec), cancellationToken).ConfigureAwait(false);
                return () =>
                {
                    var isUnknown = present.Status == RunwareTaskStatus.Unknown;
                    Progress?.End(present.Output, isUnknown ? 1 : present.Failure.Length);
                    WriteAll(task, present.Output);
                    WriteFailures(present);
                    if (isUnknown)
                    {
                        WriteFailure(Unknown(present.TaskUuid), task);
                    }
                };
            });
        }
    }
}
