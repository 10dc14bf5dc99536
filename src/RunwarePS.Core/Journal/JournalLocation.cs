namespace RunwarePS.Journal;

/// <summary>Where journals lie.</summary>
internal static class JournalLocation
{
    /// <summary>Names another file than the user's own, for connections that name none.</summary>
    public const string Variable = "RUNWARE_JOURNAL_PATH";

    /// <summary>The user's own journal, for all connections that name none.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "RunwarePS",
                "journal.db");

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
