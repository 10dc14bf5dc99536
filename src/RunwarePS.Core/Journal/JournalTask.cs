namespace RunwarePS.Journal;

/// <summary>A row of the journal.</summary>
internal sealed class JournalTask
{
    public required Guid TaskUuid { get; init; }

    /// <summary>In <see cref="RunwareTaskStatus"/>'s words.</summary>
    public string Status { get; set; } = RunwareTaskStatus.Pending;

    public string? TaskType { get; init; }

    public required GenerationMetadata Metadata { get; init; }

    public int Expected { get; init; } = 1;

    /// <summary>The exact request, its pictures by their hash; only until it is accepted.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The most it can cost in USD, as far as that is known.</summary>
    public decimal? Reserved { get; init; }

    public DateTime SubmittedAt { get; init; }

    public DateTime? CompletedAt { get; init; }

    /// <summary>True where a process that is alive works on it.</summary>
    public bool IsOwned { get; init; }

    public List<RunwareImage> Images { get; } = [];

    public List<RunwareFailure> Failures { get; } = [];

    public bool HasEnded => Status is RunwareTaskStatus.Succeeded or RunwareTaskStatus.PartiallySucceeded or RunwareTaskStatus.Failed;

    /// <summary>How many outputs it has, of every kind. Only images are kept here: the server has the rest.</summary>
    public int OutputCount { get; init; }

    /// <summary>What it cost in USD; null where that is not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>True where it has ended and its results can be had without asking the server.</summary>
    public bool IsComplete => HasEnded && Images.Count >= OutputCount && Images.TrueForAll(i => i.ImageUrl is not null);
}
