namespace RunwarePS;

/// <summary>What one task cost.</summary>
public sealed class RunwareSpend
{
    /// <summary>The task that was charged.</summary>
    public Guid TaskUuid { get; set; }

    /// <summary>When it was sent, in UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>The AIR or slug that was sent.</summary>
    public string? Model { get; set; }

    /// <summary>The user's own mark: sums by project group by it.</summary>
    public string? Tag { get; set; }

    /// <summary>The computer that sent it; null if the journal is a file, which belongs to one computer.</summary>
    public string? Machine { get; set; }

    /// <summary>How many images it made.</summary>
    public int Count { get; set; }

    /// <summary>In USD, as the API reported it; null is unknown, never 0.</summary>
    public decimal? Cost { get; set; }

    /// <summary>What was reserved for it in USD; counts against a cap where the cost is unknown.</summary>
    public decimal? Reserved { get; set; }

    /// <summary>The id and the cost in USD.</summary>
    public override string ToString() => FormattableString.Invariant($"{TaskUuid:D} {Cost}");
}
