namespace RunwarePS.Delivery;

/// <summary>How long to wait before something is tried or asked again. The one place that knows; time itself comes from outside.</summary>
internal static class Backoff
{
    private static readonly TimeSpan s_firstRepeat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestRepeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromSeconds(10);

    /// <summary>Before repeat <paramref name="attempt"/> (from 0) of a request: doubling, with up to 30 % jitter. What the server asks for counts if it is longer.</summary>
    public static TimeSpan Repeat(int attempt, TimeSpan? retryAfter = null)
    {
        var wait = Grow(s_firstRepeat, factor: 2, attempt, s_longestRepeat) * (1 + (0.3 * Random.Shared.NextDouble()));
        return retryAfter > wait ? retryAfter.Value : wait;
    }

    /// <summary>Before poll <paramref name="attempt"/> (from 0) of a task: early first, then growing to a cap, with 15 % jitter either way.</summary>
    public static TimeSpan Poll(int attempt, TimeSpan? interval = null) =>
        PollStep(attempt, interval) * (0.85 + (0.3 * Random.Shared.NextDouble()));

    /// <summary>The same without its jitter.</summary>
    public static TimeSpan PollStep(int attempt, TimeSpan? interval = null) => interval ?? Grow(s_firstPoll, factor: 1.5, attempt, s_longestPoll);

    private static TimeSpan Grow(TimeSpan first, double factor, int attempt, TimeSpan cap)
    {
        var grown = first.TotalSeconds * Math.Pow(factor, Math.Min(attempt, 60));
        return grown >= cap.TotalSeconds ? cap : TimeSpan.FromSeconds(grown);
    }
}
