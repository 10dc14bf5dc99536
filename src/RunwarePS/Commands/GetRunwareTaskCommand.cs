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

    /// <summary>Only those with one of these statuses.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateSet(RunwareTaskStatus.Pending, RunwareTaskStatus.Submitted, RunwareTaskStatus.Succeeded, RunwareTaskStatus.PartiallySucceeded,
        RunwareTaskStatus.Failed)]
    public string[]? Status { get; set; }

    /// <summary>Only those submitted at or after this time.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [TimeTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Only those submitted before this time.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [TimeTransformation]
    public DateTime? Until { get; set; }

    /// <summary>At most this many, and those submitted last.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [IntegerTransformation]
    [ValidateRange(1, int.MaxValue)]
    public int? Newest { get; set; }

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

        var receiver = Context.Receiver;
        foreach (var id in TaskUuid)
        {
            var task = new RunwareTask { TaskUuid = id };
            Queue(task, async cancellationToken =>
            {
                var present = await receiver.AskAsync(task, cancellationToken).ConfigureAwait(false);
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
        RequireValues(nameof(Tag), nameof(Status), nameof(Since), nameof(Until), nameof(Newest));
        Await(Context.Journal.RequireAsync);
        var query = new TaskQuery
        {
            Tags = MatchingTags(Tag),
            IsPending = Pending,
            Statuses = Status is null ? null : RunwareTaskStatus.Canonical(Status),
            Since = Since?.ToUniversalTime(),
            Until = Until?.ToUniversalTime(),
            Newest = Newest,
        };
        var rows = Stream(cancellationToken => Context.Journal.QueryAsync(query, cancellationToken));
        foreach (var row in Newest is null ? rows : rows.Reverse()) // the newest last, as in every list
        {
            WriteObject(row.ToTask());
        }
    }
}
