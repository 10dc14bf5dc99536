namespace RunwarePS.Journal;

/// <summary>A row of the journal.</summary>
internal sealed class JournalTask
{
    public required Guid TaskUuid { get; init; }

    /// <summary>In <see cref="RunwareTaskStatus"/>'s words.</summary>
    public string Status { get; set; } = RunwareTaskStatus.Pending;

    public string? TaskType { get; init; }

    public required GenerationMetadata Metadata { get; set; }

    public int Expected { get; init; } = 1;

    /// <summary>The sealed request; only for a task that begins.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The most it can cost in USD, as far as that is known.</summary>
    public decimal? Reserved { get; init; }

    public DateTime SubmittedAt { get; init; }

    public DateTime? CompletedAt { get; init; }

    /// <summary>True where a process that is alive works on it.</summary>
    public bool IsOwned { get; init; }

    /// <summary>The outputs of every kind, in the order of their positions.</summary>
    public List<RunwareOutput> Outputs { get; } = [];

    public IReadOnlyList<RunwareImage> Images => [.. Outputs.OfType<RunwareImage>()];

    public List<RunwareFailure> Failures { get; } = [];

    public bool HasEnded => Status is RunwareTaskStatus.Succeeded or RunwareTaskStatus.PartiallySucceeded or RunwareTaskStatus.Failed;

    /// <summary>The number of outputs. A journal of an earlier version kept images only.</summary>
    public int OutputCount { get; init; }

    /// <summary>What it cost in USD; null where that is not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>True if it has ended and the journal has all of its results.</summary>
    public bool IsComplete => HasEnded && Outputs.Count >= OutputCount && Outputs.TrueForAll(JournalOutput.IsComplete);

    /// <summary>The task as its user sees it.</summary>
    public RunwareTask ToTask() => new()
    {
        TaskUuid = TaskUuid,
        TaskType = TaskType,
        Status = Status,
        Expected = Expected,
        Image = [.. Images],
        Output = [.. Outputs],
        Failure = [.. Failures],
        Cost = Outputs.Exists(o => o.Cost is not null) ? Outputs.Sum(o => o.Cost ?? 0) : Cost,
        Model = Metadata.Model,
        Prompt = Metadata.Prompt,
        Tag = Metadata.Tag,
        SubmittedAt = SubmittedAt,
        CompletedAt = CompletedAt,
    };

    /// <summary>The result of a task that has ended.</summary>
    public TaskResult ToResult() => new()
    {
        TaskType = TaskType,
        IsKnown = true,
        Outputs = [.. Outputs],
        Failures = [.. Failures.Select(f => f.ToException(TaskUuid))],
    };
}
