using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>
/// One progress bar for a run: what is done, in work and failed, what it cost so far, how fast it goes. At most five records a second,
/// none for a run that is over at once, and gone at the end. Counting costs no allocation.
/// </summary>
/// <param name="cmdlet">Who shows it, on the pipeline's thread.</param>
/// <param name="activity">What is being done.</param>
internal sealed class RunProgress(Cmdlet cmdlet, string activity)
{
    private const int Id = 0x52554E;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_worthShowing = TimeSpan.FromMilliseconds(400);

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _shown;
    private int _begun;
    private int _done;
    private int _failed;
    private decimal _cost;

    /// <summary>One more is in work.</summary>
    public void Begin()
    {
        _begun++;
        Show();
    }

    /// <summary>One more has ended; it cost this in USD, or nothing that is known.</summary>
    public void End(decimal? cost = null)
    {
        _done++;
        _cost += cost ?? 0;
        Show();
    }

    /// <summary>One more has failed.</summary>
    public void Fail()
    {
        _failed++;
        Show();
    }

    /// <summary>Shows it, unless it was shown a moment ago.</summary>
    /// <param name="percent">How far a single long task is.</param>
    public void Show(int? percent = null)
    {
        if (Stopwatch.GetElapsedTime(_shown == 0 ? _start : _shown) < (_shown == 0 ? s_worthShowing : s_interval))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        cmdlet.WriteProgress(new ProgressRecord(Id, activity, Status())
        {
            PercentComplete = _begun == 1 ? percent ?? -1 : (int)(100L * (_done + _failed) / Math.Max(1, _begun)),
        });
    }

    /// <summary>Takes it away. Not for a stop: then the host does.</summary>
    public void Complete()
    {
        if (_shown != 0)
        {
            _shown = 0;
            cmdlet.WriteProgress(new ProgressRecord(Id, activity, "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private string Status()
    {
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var text = string.Create(CultureInfo.InvariantCulture, $"{_done} done, {_begun - _done - _failed} in work");
        if (_failed > 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $", {_failed} failed");
        }

        if (_cost > 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $", {_cost:0.###} USD");
        }

        return _done == 0 ? text : text + string.Create(CultureInfo.InvariantCulture, $", {_done / seconds:0.#} a second");
    }
}
