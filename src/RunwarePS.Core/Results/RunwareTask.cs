namespace RunwarePS;

/// <summary>A task and how far it is. Survives CLIXML, remoting and jobs: every property is plain and can be set.</summary>
public sealed class RunwareTask
{
    public Guid TaskUuid { get; set; }

    public string? TaskType { get; set; }

    /// <summary><c>Pending</c>, <c>Submitted</c>, <c>Processing</c>, <c>Succeeded</c>, <c>PartiallySucceeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = RunwareTaskStatus.Unknown;

    /// <summary>0 to 100 while it runs, where the model reports it.</summary>
    public int? Progress { get; set; }

    /// <summary>How many results were asked for; null where that is not known.</summary>
    public int? Expected { get; set; }

    public RunwareImage[] Image { get; set; } = [];

    public RunwareFailure[] Failure { get; set; } = [];

    /// <summary>The sum of what its results cost in USD; null where none said so.</summary>
    public decimal? Cost { get; set; }

    public string? Model { get; set; }

    public string? Prompt { get; set; }

    public string? Tag { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? SubmittedAt { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? CompletedAt { get; set; }

    public override string ToString() => FormattableString.Invariant($"{TaskUuid:D} {Status}");
}

/// <summary>The values of <see cref="RunwareTask.Status"/>: text, so that it survives serialisation.</summary>
internal static class RunwareTaskStatus
{
    public const string Pending = nameof(Pending);
    public const string Submitted = nameof(Submitted);
    public const string Processing = nameof(Processing);
    public const string Succeeded = nameof(Succeeded);
    public const string PartiallySucceeded = nameof(PartiallySucceeded);
    public const string Failed = nameof(Failed);
    public const string Unknown = nameof(Unknown);
}

/// <summary>One failed result of a task.</summary>
public sealed class RunwareFailure
{
    public string? Code { get; set; }

    /// <summary>The name of a <see cref="RunwareErrorCategory"/>.</summary>
    public string? Category { get; set; }

    public string? Message { get; set; }

    public string? Parameter { get; set; }

    public override string ToString() => $"{Code}: {Message}";
}
