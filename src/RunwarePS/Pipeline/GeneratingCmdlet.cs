using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>What the cmdlets share that send tasks: one task per record, several in flight, each sent once.</summary>
public abstract class GeneratingCmdlet : RunwareCmdlet
{
    /// <summary>How many pieces of text may wait for the pipeline: behind a slow command, the stream is read more slowly.</summary>
    private const int WaitingPieces = 100;

    private readonly SemaphoreSlim _pieces = new(WaitingPieces);
    private readonly TaskBatch _series = new();
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private TaskExecutor? _delivery;
    private Budget? _budget;
    private int _index;
    private bool _warnedOfCost;

    /// <summary>
    /// The ID of the task, if the call has one task. By default, each task gets a new ID. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-taskuuid.
    /// </summary>
    [Parameter]
    [GuidTransformation(RequiresValue = true)]
    public Guid? TaskUuid { get; set; }

    /// <summary>
    /// A name for what is asked for. The same key, request and place among equals give the same task id on any machine, so that a
    /// restarted runbook gets the results that it bought before.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    public string? IdempotencyKey { get; set; }

    /// <summary>What all records of this call may cost, in USD. What could pass it is not sent.</summary>
    [Parameter]
    [MoneyTransformation]
    [ValidateRange(0, 1_000_000)]
    public decimal? MaxCost { get; set; }

    /// <summary>Doesn't request the cost. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-includecost.</summary>
    [Parameter]
    public SwitchParameter NoCost { get; set; }

    /// <summary>Sends what the module's own rules would refuse: the data of a model can be out of date.</summary>
    [Parameter]
    public SwitchParameter SkipValidation { get; set; }

    /// <summary>Returns a task as soon as the API has accepted it, not its results.</summary>
    [Parameter]
    public SwitchParameter Async { get; set; }

    /// <summary>Your own mark, copied to the results.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(TagCompleter))]
    public string? Tag { get; set; }

    /// <summary>How many requests may be in flight.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>The time limit of this call for each task, in seconds: requests, pauses, queues and polls. The task continues.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 86400)]
    public int? TimeoutSec { get; set; }

    private protected RowReader Rows { get; private set; } = null!;

    /// <summary>Whether the API's own objects are needed.</summary>
    private protected virtual bool KeepsRaw => false;

    // An asynchronous submit takes a moment and shares its request with others that wait.
    private protected override int MaxInFlight => Async ? ThrottleLimit * RequestBatcher.MaxTasks : ThrottleLimit;

    private bool IsDryRun => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var whatIf)
        ? LanguagePrimitives.IsTrue(whatIf)
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    // People count records from 1, as the tables do.
    private protected override string NameOf(object? target) =>
        target is RunwareErrorTarget { InputIndex: var index }
            ? base.NameOf(target).Trim() is { Length: > 0 } name ? Strings.RecordWithName.With(index + 1, name) : Strings.Record.With(index + 1)
            : "";

    private protected override void Begin()
    {
        Rows = new RowReader(this);
        _budget = MaxCost is { } cap ? new Budget(cap) : null;
        if (!IsDryRun)
        {
            Context.Prepare();
        }
    }

    /// <summary>One record of the pipeline.</summary>
    private protected RunwareErrorTarget NextRequest(string? prompt = null) =>
        new() { Prompt = prompt, InputIndex = _index++, Tag = Tag, TaskUuid = TaskUuid };

    /// <summary>Sends the task of one record, unless it's invalid or the user declines.</summary>
    /// <param name="target">The record.</param>
    /// <param name="prepare">Creates the task, and determines whether it is returned as soon as it is accepted.</param>
    private protected void Send(RunwareErrorTarget target, Func<(TaskRequest Task, bool IsAccepted)> prepare) =>
        PerRecord(target, () =>
    {
        var (made, isAccepted) = prepare();
        var task = _series.Prepare(made, IdempotencyKey);
        (target.TaskUuid, target.Prompt) = (task.TaskUuid, target.Prompt ?? task.Prompt);
        WarnAboutModel(task);
        var budget = task.IsUtility ? null : _budget;
        budget?.Reserve(task); // under -WhatIf too, so that a dry run meets the cap where the real one would
        if (!Confirms(task, out var reason))
        {
            if (reason != ShouldProcessReason.WhatIf)
            {
                budget?.Release(task.TaskUuid);
            }

            return;
        }

        var delivery = Delivery();
        Queue(target, cancellationToken => DeliverAsync(delivery, task, isAccepted, target, cancellationToken));
    });

    /// <summary>What of a task's results is written.</summary>
    private protected abstract IReadOnlyList<object> OutputOf(TaskResult result);

    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished) =>
        ReportIds(unfinished.OfType<RunwareErrorTarget>().Select(r => r.TaskUuid).OfType<Guid>());

    // Without a warning and a caption, -Confirm asks as everywhere.
    private bool Confirms(TaskRequest task, out ShouldProcessReason reason) =>
        ShouldProcess(Strings.PerformingOperation.With(task.Action, task.Target), verboseWarning: null, caption: null, out reason);

    // Each warning once, however many records there are.
    private void WarnAboutModel(TaskRequest task)
    {
        foreach (var warning in ModelWarnings.Of(task, SkipValidation).Where(_warned.Add))
        {
            WriteWarning(warning);
        }
    }

    private async Task<Action> DeliverAsync(TaskExecutor delivery, TaskRequest task, bool isAccepted, RunwareErrorTarget target,
        CancellationToken cancellationToken)
    {
        if (isAccepted && !task.IsUtility)
        {
            var accepted = await delivery.StartAsync(task, cancellationToken).ConfigureAwait(false);
            return () =>
            {
                Progress?.End();
                WriteObject(accepted);
            };
        }

        var result = task.IsUtility
            ? await delivery.AnswerAsync(task, cancellationToken).ConfigureAwait(false)
            : task.IsStream
            ? await delivery.StreamAsync(task, delta => WriteAsync(delta, cancellationToken), cancellationToken).ConfigureAwait(false)
            : await delivery.RunAsync(task, cancellationToken).ConfigureAwait(false);
        return () => Write(task, result, target);
    }

    private async ValueTask WriteAsync(RunwareTextDelta delta, CancellationToken cancellationToken)
    {
        await _pieces.WaitAsync(cancellationToken).ConfigureAwait(false);
        WorkQueue.Post(() =>
        {
            _pieces.Release();
            WriteObject(delta);
        });
    }

    private void Write(TaskRequest task, TaskResult result, RunwareErrorTarget target)
    {
        if (!_warnedOfCost && result.CostLooksMultiplied(task))
        {
            _warnedOfCost = true;
            WriteWarning(
                Strings.CostAboveForecast.With(task.TaskUuid, task.Expected, task.Forecast));
        }

        Progress?.End(result.Outputs, result.Failures.Count);
        WriteAll(target, OutputOf(result));
        var refusals = result.Outputs.OfType<RunwareText>().Select(t => t.Refusal).OfType<RunwareException>();
        foreach (var failure in result.Failures.Concat(refusals))
        {
            WriteFailure(failure, target);
        }
    }

    private TaskExecutor Delivery()
    {
        try
        {
            TimeSpan? limit = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return _delivery ??= Context.CreateDelivery(limit, ThrottleLimit, _budget, KeepsRaw);
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null); // without a connection no record can be served
            throw;
        }
    }
}
