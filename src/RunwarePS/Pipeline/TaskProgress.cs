using System.Diagnostics;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>One progress bar for tasks that are waited for: at most five records a second, and gone at the end.</summary>
internal sealed class TaskProgress(Cmdlet cmdlet, string activity)
{
    private const int Id = 0x52554E;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private long _last;
    private int _all;
    private int _ended;
    private bool _shown;

    public void Add() => _all++;

    /// <summary>One more has ended.</summary>
    public void End()
    {
        _ended++;
        Show(detail: null);
    }

    /// <summary>How far one task is, in percent.</summary>
    public void Show(int? detail)
    {
        if (_last != 0 && Stopwatch.GetElapsedTime(_last) < s_interval)
        {
            return;
        }

        _last = Stopwatch.GetTimestamp();
        _shown = true;
        var percent = _all == 1 && detail is { } own ? own : _all == 0 ? 0 : _ended * 100 / _all;
        cmdlet.WriteProgress(new ProgressRecord(Id, activity, $"{_ended} of {_all} ended") { PercentComplete = percent });
    }

    public void Complete()
    {
        if (_shown)
        {
            cmdlet.WriteProgress(new ProgressRecord(Id, activity, "done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
