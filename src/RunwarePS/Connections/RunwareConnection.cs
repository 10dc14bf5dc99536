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

    /// <summary>Where tasks and spending are kept: the path of a file, or a server and its database.</summary>
    public string? Journal { get; init; }

    /// <summary>The file that keeps tasks and spending; null for a database.</summary>
    public string? JournalPath { get; init; }

    /// <summary>True if no task is sent that can't be written to the journal.</summary>
    public bool JournalRequired { get; init; }

    /// <summary>The role that the database knows this process by; null for a file.</summary>
    public string? JournalRole { get; init; }

    /// <summary>The version of the journal's schema; null if the journal doesn't exist yet.</summary>
    public int? JournalSchemaVersion { get; init; }

    /// <summary>The size of the journal on disk in bytes; null if the journal doesn't exist yet.</summary>
    public long? JournalSize { get; init; }

    /// <summary>The number of tasks in the journal, of every endpoint and key; null if the journal doesn't exist yet.</summary>
    public long? JournalTaskCount { get; init; }

    /// <summary>How far the clock of the database is ahead of this computer's; null for a file.</summary>
    public TimeSpan? JournalClockOffset { get; init; }

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
