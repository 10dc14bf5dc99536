namespace RunwarePS.Sandbox.Http;

/// <summary>How a reply reaches the client, if it does.</summary>
internal enum HttpManner
{
    Whole,
    Trickle,
    Stall,
    Drop,
}

internal sealed class HttpResponse
{
    public const string Json = "application/json";

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? Allow { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public HttpManner Manner { get; init; }

    public static HttpResponse Drop { get; } = new() { Manner = HttpManner.Drop };

    public static HttpResponse Stall { get; } = new() { Manner = HttpManner.Stall };

    public bool IsAnswer => Manner is HttpManner.Whole or HttpManner.Trickle;
}
