using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Asks the API once for the present state of tasks; without ids, lists what the journal holds for this connection.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareTask", DefaultParameterSetName = ListSet, HelpUri = HelpLinks.Base + "Get-RunwareTask.md")]
[OutputType(typeof(RunwareTask))]
public sealed class GetRunwareTaskCommand : TaskCmdlet
{
    private const string ListSet = "List";
    private const string IdSet = "Id";

    /// <summary>The ids of the tasks, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [TaskIdsTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public Guid[] TaskUuid { get; set; } = [];

    /// <summary>Only those that have not ended.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter Pending { get; set; }

    /// <summary>Only those with this mark; wildcards are taken.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagPatternCompleter))]
    public string? Tag { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == ListSet)
        {
            List();
            return;
        }

        foreach (var id in TaskUuid)
        {
            var task = new RunwareTask { TaskUuid = id };
            Queue(task, async cancellationToken =>
            {
                var present = await Context.Receiver.AskAsync(task, cancellationToken).ConfigureAwait(false);
                return () => WriteObject(present);
            });
        }
    }

    // It only asks: nothing is bought or taken by it.
    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished)
    {
    }

    private void List()
    {
        RequireValues(nameof(Tag));
        var query = new TaskQuery { Tags = MatchingTags(Tag), IsPending = Pending };
        foreach (var row in Stream(cancellationToken => Context.Journal.QueryAsync(query, cancellationToken)))
        {
            WriteObject(row.ToTask());
        }
    }
}
