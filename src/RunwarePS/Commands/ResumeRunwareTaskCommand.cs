using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>
/// Resumes the tasks of a session that ended: sends again, under the same ID, what was never accepted; finds what was; returns what is
/// finished and not saved. What a living process works on is left alone.
/// </summary>
[Cmdlet(VerbsLifecycle.Resume, "RunwareTask", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Resume-RunwareTask.md")]
[OutputType(typeof(RunwareTask))]
public sealed class ResumeRunwareTaskCommand : TaskCmdlet
{
    private readonly HashSet<Guid> _asked = [];
    private bool _hasTasks;

    /// <summary>Only these tasks; all unfinished ones by default.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TaskUuid")]
    [TasksTransformation]
    [ArgumentCompleter(typeof(TaskCompleter))]
    public RunwareTask[]? Task { get; set; }

    /// <summary>Waits until each task has ended.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    private protected override string Activity => Strings.ActivityResume;

    // An empty variable, or a pipe that brings nothing, is not everything.
    private protected override void Begin()
    {
        base.Begin();
        _hasTasks = MyInvocation.Specifies(nameof(Task));
    }

    private protected override void Process() => _asked.UnionWith((Task ?? []).Select(t => t.TaskUuid));

    private protected override void End()
    {
        Await(Context.Journal.RequireAsync);
        var resumer = new TaskResumer(Context.Delivery, Context.Journal, TimeProvider.System);
        foreach (var id in FindMissing())
        {
            WriteFailure(new RunwareException(ErrorCodes.TaskNotFound, RunwareErrorCategory.NotFound,
                Strings.TaskNotInJournal.With(id)) { TaskUuid = id, Parameter = nameof(Task) }, id);
        }

        // All of them before the first is resumed: what is resumed meanwhile is not found again.
        foreach (var row in Stream(cancellationToken => resumer.FindAsync(_hasTasks ? _asked : null, cancellationToken)).ToList())
        {
            var action = row.Status == RunwareTaskStatus.Pending ? Strings.ResumePending : Strings.ResumeSubmitted;
            var (status, model, prompt) = (row.Status, row.Metadata.Model, DisplayText.Line(row.Metadata.Prompt, 60));
            if (ShouldProcess(Strings.TaskInBrief.With(row.TaskUuid, status, model, prompt), action))
            {
                Resume(resumer, row);
            }
        }
    }

    private IEnumerable<Guid> FindMissing()
    {
        var query = new TaskQuery { TaskUuids = _asked };
        var rows = _asked.Count == 0 ? [] : Stream(cancellationToken => Context.Journal.QueryAsync(query, cancellationToken));
        return _asked.Except(rows.Select(row => row.TaskUuid));
    }

    private void Resume(TaskResumer resumer, JournalTask row)
    {
        var known = row.ToTask();
        var receiver = Context.Receiver;
        Queue(known, async cancellationToken =>
        {
            var task = await resumer.ResumeAsync(row, cancellationToken).ConfigureAwait(false);
            if (task is not null && Wait)
            {
                task = await receiver.WaitAsync(task, timeout: null, interval: null, Report(known), cancellationToken)
                    .ConfigureAwait(false);
            }

            return () =>
            {
                Progress?.End(task?.Output ?? [], task?.Failure.Length ?? 0);
                if (task is not null)
                {
                    WriteObject(task);
                }
            };
        });
    }
}
