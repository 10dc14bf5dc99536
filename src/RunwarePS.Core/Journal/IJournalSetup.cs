namespace RunwarePS.Journal;

/// <summary>Prepares a journal on a server for the roles that work with it.</summary>
internal interface IJournalSetup
{
    /// <summary>The SQL that creates a journal or brings it to this version, and lets roles work with it.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    Task<string> ScriptAsync(ServerAddress address, IReadOnlyCollection<string> roles, CancellationToken cancellationToken);

    /// <summary>Creates a journal or brings it to this version, and lets roles work with it.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    Task ApplyAsync(ServerAddress address, IReadOnlyCollection<string> roles, CancellationToken cancellationToken);
}
