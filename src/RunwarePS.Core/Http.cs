namespace RunwarePS;

/// <summary>Makes the HTTP clients. Implemented in an assembly of its own, which is loaded at the first request.</summary>
public interface IHttpPipelineFactory
{
    /// <summary>For the API. Follows no redirect: a redirected POST would be a second one, and would carry the key elsewhere.</summary>
    HttpClient CreateApiClient();

    /// <summary>For results. Sends no credentials of any kind.</summary>
    HttpClient CreateDownloadClient();
}

/// <summary>Hears what is sent and received, without secrets and without picture data. Called on any thread.</summary>
internal interface IRequestTrace
{
    /// <summary>True where bodies are wanted: they cost time to redact.</summary>
    bool WantsBody { get; }

    /// <summary>One line per request.</summary>
    void Request(string line);

    /// <summary>A redacted body.</summary>
    void Body(string text);
}

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
