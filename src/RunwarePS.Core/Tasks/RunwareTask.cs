namespace RunwarePS;

/// <summary>A task and how far it is. Survives CLIXML, remoting and jobs: every property is plain and can be set.</summary>
public sealed class RunwareTask
{
    /// <summary>What the API and the journal know it by; also what another session needs to fetch its images.</summary>
    public Guid TaskUuid { get; set; }

    /// <summary>
    /// Such as <c>imageInference</c>; null if not known. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-tasktype.
    /// </summary>
    public string? TaskType { get; set; }

    /// <summary>
    /// <c>Pending</c>, <c>Submitted</c>, <c>Processing</c>, <c>Succeeded</c>, <c>PartiallySucceeded</c>, <c>Failed</c> or <c>Unknown</c>.
    /// </summary>
    public string Status { get; set; } = RunwareTaskStatus.Unknown;

    /// <summary>0 to 100 while it runs, where the model reports it.</summary>
    public int? Progress { get; set; }

    /// <summary>How many results were asked for; null where that is not known.</summary>
    public int? Expected { get; set; }

    /// <summary>The images so far; empty before the first.</summary>
    public RunwareImage[] Image { get; set; } = [];

    /// <summary>All results so far, of every kind, images too; empty before the first.</summary>
    public RunwareOutput[] Output { get; set; } = [];

    /// <summary>The results that failed, which others of the same task may have outlived.</summary>
    public RunwareFailure[] Failure { get; set; } = [];

    /// <summary>The sum of the costs of its results in USD; null if none is known.</summary>
    public decimal? Cost { get; set; }

    /// <summary>Null where only the id was known, and the journal does not hold the task.</summary>
    public string? Model { get; set; }

    /// <summary>Null where only the id was known, and the journal does not hold the task.</summary>
    public string? Prompt { get; set; }

    /// <summary>The user's own mark.</summary>
    public string? Tag { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? SubmittedAt { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? CompletedAt { get; set; }

    /// <summary>The id and the status.</summary>
    public override string ToString() => FormattableString.Invariant($"{TaskUuid:D} {Status}");
}
