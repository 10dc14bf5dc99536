namespace RunwarePS.Journal;

/// <summary>Opens journals of one kind. Implemented in an assembly of its own, which is loaded when such a journal is first used.</summary>
internal interface IJournalProvider
{
    /// <summary>Opens a journal. Creates it if it doesn't exist, and migrates one of an earlier version.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    Task<IJournalStore> OpenAsync(JournalAddress address, CancellationToken cancellationToken);

    /// <summary>Opens a journal for reading only, which neither creates nor changes anything; null if it doesn't exist.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    IReadOnlyJournal? OpenForReading(JournalAddress address);
}

/// <summary>A journal that is only read.</summary>
internal interface IReadOnlyJournal : IDisposable
{
    /// <summary>Random bytes of this journal, so that what is derived from a key is different in each journal.</summary>
    byte[] Salt { get; }

    /// <summary>The part of the journal that belongs to one endpoint and account; null if it has none.</summary>
    Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken);

    /// <summary>Describes the journal.</summary>
    Task<JournalInfo> InfoAsync(CancellationToken cancellationToken);
}

/// <summary>An open journal. All members may be called by many threads at once.</summary>
internal interface IJournalStore : IReadOnlyJournal
{
    /// <summary>The part of the journal that belongs to one endpoint and account.</summary>
    /// <param name="scope">The endpoint and account.</param>
    /// <param name="isRequired">True if each commit, from now on, must survive a power failure too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IJournalSession> AttachAsync(JournalScope scope, bool isRequired, CancellationToken cancellationToken);
}

/// <summary>The journal of one endpoint and account.</summary>
internal interface IJournalSession : ITaskJournal, ISpendLedger, IJournalReader, IUploadJournal;

/// <summary>A journal for people who look after it.</summary>
internal sealed record JournalInfo
{
    /// <summary>The version of its schema.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>The size on disk in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>How many tasks it has.</summary>
    public required long Tasks { get; init; }

    /// <summary>The role that the database knows this process by; null for a file.</summary>
    public string? Role { get; init; }

    /// <summary>How far the clock of the database is ahead of this machine's; null for a file.</summary>
    public TimeSpan? ClockOffset { get; init; }
}
