namespace RunwarePS;

/// <summary>A connection as its user may see it: everything but the key.</summary>
public sealed class RunwareConnection
{
    /// <summary>Where requests go, without a query.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary><c>Parameter</c>, <c>Environment</c> or <c>None</c>. The key itself is never shown.</summary>
    public string KeySource { get; init; } = "None";

    /// <summary>True for a sandbox of this process.</summary>
    public bool IsSandbox { get; init; }

    /// <summary><c>Runspace</c>, <c>Process</c>, or <c>Environment</c> if there is no explicit connection.</summary>
    public string Scope { get; init; } = "Environment";

    /// <summary>How long one request may take, in seconds.</summary>
    public int TimeoutSec { get; init; }

    /// <summary>How often an unclear request is repeated.</summary>
    public int MaxRetryCount { get; init; }

    /// <summary>What all tasks of this endpoint and key may cost on one UTC day, in USD; null for no cap.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>The file that keeps tasks and spending.</summary>
    public string? JournalPath { get; init; }

    /// <summary>The endpoint, without a query.</summary>
    public override string ToString() => Endpoint?.ToString() ?? "";
}

/// <summary>What <c>Test-RunwareConnection</c> measured.</summary>
public sealed class RunwareConnectionTest
{
    /// <summary>Where the request went, without a query.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The time of one round trip in milliseconds.</summary>
    public double LatencyMs { get; init; }

    /// <summary>The account's balance in USD; null if the response doesn't contain it.</summary>
    public decimal? Balance { get; init; }
}
