namespace RunwarePS.Journal;

/// <summary>Reads a journal. A read sees every write that this process requested before it, and doesn't wait for other processes that write.</summary>
internal interface IJournalReader : IDisposable
{
    /// <summary>Random bytes of this journal, so that the fingerprint of a key is different in each journal.</summary>
    byte[] Salt { get; }

    /// <summary>Streams tasks of a scope.</summary>
    IAsyncEnumerable<JournalTask> QueryAsync(JournalScope scope, TaskQuery query, CancellationToken cancellationToken);

    /// <summary>The tags of a scope, last used first, also those of removed tasks.</summary>
    /// <param name="scope">The endpoint and account.</param>
    /// <param name="mostRows">How many of the newest rows are considered; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(JournalScope scope, int? mostRows, CancellationToken cancellationToken);
}

/// <summary>Selects tasks. All conditions must hold; without any, all tasks are selected, oldest first.</summary>
internal sealed record TaskQuery
{
    public static readonly TaskQuery All = new();

    /// <summary>Only these tasks.</summary>
    public IReadOnlyCollection<Guid>? TaskUuids { get; init; }

    /// <summary>Only tasks whose ID begins with this text, in lower case.</summary>
    public string? IdBeginning { get; init; }

    /// <summary>Only tasks with one of these tags, exactly as written.</summary>
    public IReadOnlyCollection<string>? Tags { get; init; }

    /// <summary>Only tasks that haven't ended.</summary>
    public bool IsPending { get; init; }

    /// <summary>Only tasks that haven't ended, or that ended after this UTC time and have media that aren't saved.</summary>
    public DateTime? OpenSince { get; init; }

    /// <summary>At most this many tasks, newest first.</summary>
    public int? Newest { get; init; }
}
