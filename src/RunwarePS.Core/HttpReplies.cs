namespace RunwarePS;

/// <summary>What the headers of a reply say.</summary>
internal static class HttpReplies
{
    /// <summary>How long the server asks to be left alone, in seconds or as a date; null where it does not.</summary>
    public static TimeSpan? RetryAfter(this HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - DateTimeOffset.UtcNow is { } wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };
}
