namespace RunwarePS.Journal;

/// <summary>Where journals lie.</summary>
internal static class JournalLocation
{
    /// <summary>Names a file or a database for connections that name no journal.</summary>
    public const string AddressVariable = "RUNWARE_JOURNAL";

    /// <summary>Names a file for connections that name no journal.</summary>
    public const string Variable = "RUNWARE_JOURNAL_PATH";

    /// <summary>The journal of all connections that name none: that of the environment, or else the user's own.</summary>
    /// <exception cref="RunwareException">The environment names a journal that can't be used.</exception>
    public static JournalAddress Default =>
        Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } named ? JournalAddress.Parse(named, Path.GetFullPath)
        : new FileAddress(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
            ? Path.GetFullPath(path)
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "RunwarePS",
                "journal.db"));

    /// <summary>A journal that ends with its sandbox.</summary>
    public static string Temporary() =>
        Path.Combine(Path.GetTempPath(), FormattableString.Invariant($"runware-sandbox-{Guid.NewGuid():N}.db"));

    /// <summary>Refuses a path on a network share: several machines cannot share a file in WAL mode.</summary>
    /// <exception cref="RunwareException"><c>JournalNotLocal</c>.</exception>
    public static void RequireLocal(string path)
    {
        if (path.StartsWith(@"\\", StringComparison.Ordinal) || path.StartsWith("//", StringComparison.Ordinal)
            || NetworkPath.IsNetwork(path))
        {
            throw RunwareException.Invalid(ErrorCodes.JournalNotLocal, "JournalPath",
                Strings.JournalOnNetwork.With(path));
        }
    }

    /// <summary>Removes a temporary journal with its side files.</summary>
    public static void Delete(string path)
    {
        foreach (var file in new[] { path, path + "-wal", path + "-shm" })
        {
            AtomicFile.TryDelete(file);
        }
    }
}
