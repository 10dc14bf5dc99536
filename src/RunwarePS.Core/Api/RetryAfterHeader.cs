namespace RunwarePS.Api;

/// <summary>Reads the Retry-After header of a response.</summary>
internal static class RetryAfterHeader
{
    /// <summary>Longer than anybody waits, and short enough to be added to any date.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36_500);

    /// <summary>How long the server asks to be left alone, in seconds or as a date; null where it does not.</summary>
    public static TimeSpan? RetryAfter(this HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.Zero => wait < s_longest ? wait : s_longest,
        _ => null,
    };
}
