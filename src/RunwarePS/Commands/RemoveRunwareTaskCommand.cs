using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Forgets tasks in the journal. What the server does, and what was spent, stays.</summary>
[Cmdlet(VerbsCommon.Remove, "RunwareTask", SupportsShouldProcess = true, DefaultParameterSetName = TaskSet,
    HelpUri = HelpLinks.Base + "Remove-RunwareTask.md")]
[OutputType(typeof(void))]
public sealed class RemoveRunwareTaskCommand : TaskCmdlet
{
    private const string TaskSet = "Task";
    private const string FilterSet = "Filter";

    /// <summary>How many are removed in one transaction, for which other processes wait.</summary>
    private const int BatchSize = 500;

    /// <summary>Tasks, their ids, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = TaskSet)]
    [Alias("TaskUuid")]
    [TasksTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public RunwareTask[] Task { get; set; } = [];

    /// <summary>Tasks submitted before this time.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [TimeTransformation]
    public DateTime? Before { get; set; }

    /// <summary>Tasks with this mark; wildcards are taken.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagPatternCompleter))]
    public string? Tag { get; set; }

    /// <summary>Tasks with one of these statuses.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateSet(RunwareTaskStatus.Pending, RunwareTaskStatus.Submitted, RunwareTaskStatus.Succeeded, RunwareTaskStatus.PartiallySucceeded,
        RunwareTaskStatus.Failed)]
    public string[]? Status { get; set; }

    /// <summary>Also tasks that haven't ended, and those with results that aren't saved.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == FilterSet)
        {
            RemoveSelected();
            return;
        }

        var ids = Task.Select(t => t.TaskUuid).Where(id => ShouldProcess(Strings.TaskWithId.With(id), Strings.RemoveTaskAction)).ToArray();
        if (ids.Length > 0)
        {
            Await(Context.Journal.RequireAsync);
            Await(cancellationToken => Context.Journal.RemoveAsync(new TaskQuery { TaskUuids = ids }, ids.Length, cancellationToken));
        }
    }

    private void RemoveSelected()
    {
        RequireValues(nameof(Before), nameof(Tag), nameof(Status));
        var selection = string.Join(", ", Describe());
        if (selection.Length == 0)
        {
            ThrowFailure(RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Task), Strings.TasksNotSelected), target: null);
        }

        if (!ShouldProcess(Strings.TasksSelected.With(selection), Strings.RemoveTaskAction))
        {
            return;
        }

        Await(Context.Journal.RequireAsync);
        var query = new TaskQuery
        {
            Until = Before?.ToUniversalTime(),
            Tags = MatchingTags(Tag),
            Statuses = Status is null ? null : RunwareTaskStatus.Canonical(Status),
            IsSettled = !Force,
        };
        int removed;
        do
        {
            removed = Await(cancellationToken => Context.Journal.RemoveAsync(query, BatchSize, cancellationToken));
        }
        while (removed == BatchSize);
    }

    private IEnumerable<string> Describe()
    {
        if (Before is { } before)
        {
            yield return Strings.TasksBefore.With(before);
        }

        if (Tag is not null)
        {
            yield return Strings.TasksTagged.With(Tag);
        }

        if (Status is not null)
        {
            yield return Strings.TasksOfStatus.With(string.Join(", ", Status));
        }
    }
}
