namespace RunwarePS.WebServer;

/// <summary>How a response reaches the client, if it does.</summary>
internal enum HttpManner
{
    Whole,
    Stall,
    Drop,
}

internal sealed class HttpResponse
{
    public const string Json = "application/json";

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A body that is sent piece by piece; then <see cref="Body"/> is empty.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>>? Pieces { get; init; }

    /// <summary>The length of all pieces together. Without it they're sent as chunks.</summary>
    public long? Length { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What happens at the end of the pieces, or in place of a body.</summary>
    public HttpManner Manner { get; init; }

    /// <summary>Called if the client closes the connection before the pieces end.</summary>
    public Action? ClosedEarly { get; init; }

    public static HttpResponse Drop { get; } = new() { Manner = HttpManner.Drop };

    public static HttpResponse Stall { get; } = new() { Manner = HttpManner.Stall };

    public bool IsAnswer => Pieces is not null || Manner == HttpManner.Whole;
}
