namespace RunwarePS.Journal.PostgreSql;

/// <summary>The times that a shared journal works with.</summary>
internal sealed record Options
{
    /// <summary>How long a task is held without renewal.</summary>
    public TimeSpan Lease { get; init; } = Owner.Lease;

    /// <summary>How often leases are renewed.</summary>
    public TimeSpan Renewal => Lease / 3;

    /// <summary>How long a begin or a read is retried while the server is away.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a cmdlet waits for facts to be recorded. They are kept, and recorded once the server is back.</summary>
    public TimeSpan FactTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the first connection is retried: the server may be starting.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
