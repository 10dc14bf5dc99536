using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Forgets tasks in the journal. What the server does, and what was spent, stays.</summary>
[Cmdlet(VerbsCommon.Remove, "RunwareTask", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Remove-RunwareTask.md")]
[OutputType(typeof(void))]
public sealed class RemoveRunwareTaskCommand : TaskCmdlet
{
    /// <summary>Tasks, their ids, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TaskUuid")]
    [TasksTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public RunwareTask[] Task { get; set; } = [];

    private protected override void Process()
    {
        var ids = Task.Select(t => t.TaskUuid).Where(id => ShouldProcess(id.ToString(), "Remove-RunwareTask")).ToArray();
        if (ids.Length > 0)
        {
            Await(cancellationToken => Context.Journal.RemoveAsync(new TaskQuery { TaskUuids = ids }, ids.Length, cancellationToken));
        }
    }
}
