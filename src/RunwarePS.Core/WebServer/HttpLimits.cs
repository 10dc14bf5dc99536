namespace RunwarePS.WebServer;

/// <summary>What a server takes from one client. The defaults suit clients on the same machine that are trusted.</summary>
internal sealed record HttpLimits
{
    /// <summary>The most bytes of a request line with its headers.</summary>
    public int MaxHead { get; init; } = 64 * 1024;

    /// <summary>The most bytes of a body.</summary>
    public int MaxBody { get; init; } = 256 * 1024 * 1024;

    /// <summary>The most connections at a time.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary>How long a client may take until the head of its request is complete; also how long a connection may be idle.</summary>
    public TimeSpan HeadTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a client may take from there until it has the response.</summary>
    public TimeSpan BodyTimeout { get; init; } = Timeout.InfiniteTimeSpan;
}
