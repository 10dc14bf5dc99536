namespace RunwarePS.Sandbox.Http;

/// <summary>One request as it came in.</summary>
internal sealed record HttpRequest(string Method, string Target, bool KeepAlive, Dictionary<string, string> Headers, byte[] Body);

/// <summary>A request that can't be read; the status is the reason.</summary>
internal sealed class BadRequestException(int status, string message) : IOException(message)
{
    public int Status { get; } = status;
}
