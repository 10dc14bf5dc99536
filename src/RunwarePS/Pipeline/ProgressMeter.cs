using System.Globalization;

namespace RunwarePS.Pipeline;

/// <summary>
/// Counts a run for its progress bar: what is done, in progress and failed, its cost and speed, the time left, and when the bar may be
/// shown again. Counting allocates nothing.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ProgressMeter(TimeProvider time)
{
    private static readonly TimeSpan s_worthShowing = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _next = s_worthShowing;
    private int _begun;
    private int _done;
    private int _failed;
    private int _refused;
    private decimal _cost;
    private int _unpriced;
    private bool _isTotalKnown;

    private TimeSpan Elapsed => time.GetElapsedTime(_start);

    private int Ended => _done + _failed;

    /// <summary>The number of running tasks.</summary>
    public int InWork => _begun - Ended;

    public void Begin() => _begun++;

    public void End() => _done++;

    public void Fail() => _failed++;

    /// <summary>Counts a task that failed before it began. Its duration isn't part of the average.</summary>
    public void Refuse() => _refused++;

    /// <summary>An image cost this in USD; null where that is not known.</summary>
    public void Charge(decimal? cost)
    {
        _cost += cost ?? 0;
        _unpriced += cost is null ? 1 : 0;
    }

    /// <summary>No more will begin: from now on it is known how much is left.</summary>
    public void Close() => _isTotalKnown = true;

    /// <summary>Whether it is time to show it: never for a run that is over at once, and at most five records a second.</summary>
    public bool IsDue => Elapsed >= _next;

    /// <summary>It was shown.</summary>
    /// <param name="records">By so many records.</param>
    public void Shown(int records) => _next = Elapsed + (records * s_interval);

    /// <summary>The part that is done, in percent; -1 while the total isn't known.</summary>
    /// <param name="last">The progress of the only running task, in percent.</param>
    public int Percent(int? last) => _isTotalKnown && _begun > 0
        ? (int)(((100L * (Ended + _refused)) + (InWork == 1 ? last ?? 0 : 0)) / (_begun + _refused))
        : -1;

    /// <summary>The time that the rest takes at the speed so far; -1 if that isn't known.</summary>
    public int SecondsLeft => _isTotalKnown && Ended > 0 && InWork > 0
        ? (int)Math.Ceiling(Math.Min(InWork * Elapsed.TotalSeconds / Ended, int.MaxValue))
        : -1;

    /// <summary>All of it in one line.</summary>
    public string Status()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{_done} done, {InWork} running");
        if (_failed + _refused > 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $", {_failed + _refused} failed");
        }

        text += Cost();
        return _done == 0 ? text : text + ", " + Speed(_done / Math.Max(Elapsed.TotalSeconds, 0.001));
    }

    // Unknown costs aren't 0: they are shown next to the sum.
    private string Cost() => (_cost, _unpriced) switch
    {
        (0, 0) => "",
        (0, _) => ", cost unknown",
        (_, 0) => string.Create(CultureInfo.InvariantCulture, $", {_cost:0.###} USD"),
        _ => string.Create(CultureInfo.InvariantCulture, $", {_cost:0.###} USD + {_unpriced} unknown"),
    };

    // Short, because the whole line must fit a terminal of 80 columns. A slow run is shown by the minute: one image a minute isn't 0 a
    // second.
    private static string Speed(double perSecond) => perSecond >= 0.95
        ? string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#}/s")
        : string.Create(CultureInfo.InvariantCulture, $"{perSecond * 60:0.#}/min");
}
