namespace RunwarePS.Journal;

/// <summary>
/// Reads the tasks of one endpoint and account. A read sees every write that this process requested before it, and doesn't wait for other
/// processes that write.
/// </summary>
internal interface IJournalReader
{
    /// <summary>Streams tasks. What is in memory at a time doesn't grow with their number.</summary>
    IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, CancellationToken cancellationToken);

    /// <summary>The tags, last used first, also those of removed tasks.</summary>
    /// <param name="most">At most this many; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? most, CancellationToken cancellationToken);
}

/// <summary>
/// Selects tasks. All conditions must hold; without any, all tasks are selected, in the order in which they were recorded.
/// </summary>
internal sealed record TaskQuery
{
    public static readonly TaskQuery All = new();

    /// <summary>Only these tasks.</summary>
    public IReadOnlyCollection<Guid>? TaskUuids { get; init; }

    /// <summary>Only tasks whose ID begins with this text, in lower case.</summary>
    public string? IdBeginning { get; init; }

    /// <summary>Only tasks with one of these tags, exactly as written.</summary>
    public IReadOnlyCollection<string>? Tags { get; init; }

    /// <summary>Only tasks with one of these values of <see cref="RunwareTaskStatus"/>.</summary>
    public IReadOnlyCollection<string>? Statuses { get; init; }

    /// <summary>Only tasks submitted at or after this UTC time.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only tasks submitted before this UTC time.</summary>
    public DateTime? Until { get; init; }

    /// <summary>Only tasks that haven't ended.</summary>
    public bool IsPending { get; init; }

    /// <summary>Only tasks that haven't ended, or that ended after this UTC time and have media that aren't saved.</summary>
    public DateTime? OpenSince { get; init; }

    /// <summary>Only tasks that have ended and have no medium that was paid for and isn't saved.</summary>
    public bool IsSettled { get; init; }

    /// <summary>At most this many tasks, newest first.</summary>
    public int? Newest { get; init; }
}
