namespace RunwarePS.Journal;

/// <summary>Opens journals of one kind. Implemented in an assembly of its own, which is loaded when the first task is journaled.</summary>
internal interface IJournalProvider
{
    /// <summary>Opens a journal. Creates it if it doesn't exist, and migrates one of an earlier version.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    Task<IJournalStore> OpenAsync(string path);

    /// <summary>Opens a journal for reading only, which neither creates nor changes a file; null if it doesn't exist.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    IJournalReader? OpenReader(string path);
}

/// <summary>An open journal. All members may be called by many threads at once.</summary>
internal interface IJournalStore : ITaskJournal, ISpendLedger, IJournalReader
{
    /// <summary>From now on, each commit waits for the disk, so that it survives a power failure too.</summary>
    void RequireFullSync();
}
