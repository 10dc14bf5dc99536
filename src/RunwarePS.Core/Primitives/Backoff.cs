namespace RunwarePS.Primitives;

/// <summary>How long to wait before something is tried or asked again. The one place that knows; time itself comes from outside.</summary>
internal static class Backoff
{
    /// <summary>The longest pause. If the API asks for a longer one, the request fails.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private const double PollShare = 0.15;

    private static readonly TimeSpan s_firstRepeat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestRepeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time before repeat <paramref name="attempt"/> (from 0) of a request: it doubles, with up to 30 % jitter. A longer time that the
    /// server asks for takes precedence.
    /// </summary>
    public static TimeSpan Repeat(int attempt, TimeSpan? retryAfter = null)
    {
        var wait = Doubled(attempt) * (1 + (0.3 * Random.Shared.NextDouble()));
        return retryAfter > wait ? retryAfter.Value : wait;
    }

    /// <summary>The time before the next poll of a task: a share of the time waited so far, within bounds.</summary>
    public static TimeSpan Poll(TimeSpan waited) =>
        waited * PollShare is var wait && wait < s_firstPoll ? s_firstPoll : wait < s_longestPoll ? wait : s_longestPoll;

    /// <summary>The factor for all poll intervals of a process, up to 15 % either way, so that many machines don't poll at once.</summary>
    public static double PollJitter() => 0.85 + (0.3 * Random.Shared.NextDouble());

    private static TimeSpan Doubled(int attempt)
    {
        var grown = s_firstRepeat.TotalSeconds * Math.Pow(2, Math.Min(attempt, 60));
        return grown >= s_longestRepeat.TotalSeconds ? s_longestRepeat : TimeSpan.FromSeconds(grown);
    }
}
