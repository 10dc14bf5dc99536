using System.Globalization;
using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>
/// The progress bar of a run, with a bar below it for the last task if that reports its progress. It is removed at the end.
/// </summary>
/// <remarks>All members belong to the pipeline's thread.</remarks>
internal sealed class RunProgress : IDisposable
{
    private const int RunId = 0x52554E;
    private const int TaskId = RunId + 1;
    private const int PromptLength = 60;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly ProgressMeter _meter = new(TimeProvider.System);
    private static long s_lastSource = (long)RunId << 32;

    // A number of its own, not the engine's for this cmdlet, so that the bar can still be taken away when the engine takes no more from it.
    private readonly long _source = Interlocked.Increment(ref s_lastSource);
    private readonly PSCmdlet _cmdlet;
    private readonly string _activity;
    private readonly Timer _timer;
    private int _ticks;
    private (RunwareTask Task, int Percent)? _heard;
    private bool _isRunShown;
    private bool _isTaskShown;

    /// <param name="cmdlet">The cmdlet that shows it.</param>
    /// <param name="queue">Brings the ticks of a timer to the pipeline's thread.</param>
    /// <param name="activity">What is being done.</param>
    public RunProgress(PSCmdlet cmdlet, PipelineWorkQueue queue, string activity)
    {
        _cmdlet = cmdlet;
        _activity = activity;

        // Nothing else would show a bar while one image takes a minute. A pipeline that is busy elsewhere gets one tick, not many.
        _timer = new Timer(_ =>
        {
            if (Interlocked.Exchange(ref _ticks, 1) == 0)
            {
                queue.Post(Tick);
            }
        }, state: null, s_tick, s_tick);
    }

    /// <summary>
    /// Counts one more running. It isn't shown: if it ends a moment later, that isn't due, and the bar would lag behind the output.
    /// </summary>
    public void Begin() => _meter.Begin();

    /// <summary>One more has ended with these results; it has failed where all it has is failures.</summary>
    public void End(IReadOnlyCollection<RunwareOutput> outputs, int failures)
    {
        foreach (var output in outputs)
        {
            _meter.Charge(output.Cost);
        }

        if (outputs.Count == 0 && failures > 0)
        {
            Fail();
        }
        else
        {
            End();
        }
    }

    /// <summary>One more has ended.</summary>
    public void End()
    {
        _meter.End();
        _heard = null;
        ShowIfDue();
    }

    /// <summary>One more has failed.</summary>
    public void Fail()
    {
        _meter.Fail();
        _heard = null;
        ShowIfDue();
    }

    /// <summary>One more never began: its record was refused.</summary>
    public void Refuse()
    {
        _meter.Refuse();
        ShowIfDue();
    }

    /// <summary>No more will begin.</summary>
    public void Close() => _meter.Close();

    /// <summary>A task that is waited for tells how far it is.</summary>
    public void Report(RunwareTask task, TaskResult result)
    {
        _heard = result.Progress is { } percent ? (task, Math.Clamp(percent, 0, 100)) : _heard;
        ShowIfDue();
    }

    /// <summary>Whether the user wants to see progress; the engine alone would show it, but knows no bar that is taken away late.</summary>
    public static bool IsWanted(PSCmdlet cmdlet)
    {
        var preference = cmdlet.MyInvocation.BoundParameters.GetValueOrDefault("ProgressAction")
            ?? cmdlet.GetVariableValue("ProgressPreference");
        return preference?.ToString() is not (nameof(ActionPreference.SilentlyContinue) or nameof(ActionPreference.Ignore));
    }

    /// <summary>Takes it away.</summary>
    public void Complete()
    {
        _timer.Dispose();
        Complete(TaskId, ref _isTaskShown, _cmdlet.CommandRuntime.WriteProgress);
        Complete(RunId, ref _isRunShown, _cmdlet.CommandRuntime.WriteProgress);
    }

    /// <summary>
    /// Removes the bars after an error or a stop: the engine accepts no more records from the cmdlet then, but the host does.
    /// </summary>
    public void Dispose()
    {
        _timer.Dispose();
        if (_isRunShown && _cmdlet.Host?.UI is { } screen)
        {
            Complete(TaskId, ref _isTaskShown, screen.WriteProgress);
            Complete(RunId, ref _isRunShown, screen.WriteProgress);
        }
    }

    private void Tick()
    {
        Interlocked.Exchange(ref _ticks, 0);
        if (_meter.InWork > 0)
        {
            ShowIfDue();
        }
    }

    private void ShowIfDue()
    {
        if (_meter.IsDue)
        {
            Show(_meter.InWork == 1 ? _heard : null);
        }
    }

    private void Show((RunwareTask Task, int Percent)? last)
    {
        _meter.Shown(records: last is null ? 1 : 2);
        _isRunShown = true;
        _cmdlet.CommandRuntime.WriteProgress(_source, new ProgressRecord(RunId, _activity, _meter.Status())
        {
            PercentComplete = _meter.Percent(last?.Percent),
            SecondsRemaining = _meter.SecondsLeft,
        });
        if (last is { } only)
        {
            _isTaskShown = true;
            var about = DisplayText.Line(only.Task.Prompt, PromptLength);
            var name = string.Create(CultureInfo.InvariantCulture, $"Task {only.Task.TaskUuid:D}");
            _cmdlet.CommandRuntime.WriteProgress(_source,
                new ProgressRecord(TaskId, name, about.Length > 0 ? about : Strings.ProgressInWork)
            {
                ParentActivityId = RunId,
                PercentComplete = only.Percent,
            });
        }
    }

    private void Complete(int id, ref bool isShown, Action<long, ProgressRecord> write)
    {
        if (isShown)
        {
            isShown = false;
            var parent = id == TaskId ? RunId : -1;
            write(_source, new ProgressRecord(id, _activity, "done")
            { RecordType = ProgressRecordType.Completed, ParentActivityId = parent });
        }
    }
}
