namespace RunwarePS.WebServer;

/// <summary>One request as it came in.</summary>
internal sealed record HttpRequest(string Method, string Target, bool KeepAlive, Dictionary<string, string> Headers, byte[] Body);

/// <summary>A request that can't be read; the status is the reason.</summary>
internal sealed class BadRequestException(int status, string message) : IOException(message)
{
    public int Status { get; } = status;
}

/// <summary>What a server does with requests.</summary>
internal interface IHttpHandler
{
    /// <summary>
    /// The response to a request whose body isn't read, because its head is enough to refuse it. Null to read the body. The connection is
    /// closed after a refusal.
    /// </summary>
    HttpResponse? Refuse(HttpRequest head);

    /// <summary>The response to a whole request.</summary>
    ValueTask<HttpResponse> RespondAsync(HttpRequest request);

    /// <summary>Called when the response to a request was sent.</summary>
    void Sent(HttpRequest request);
}
