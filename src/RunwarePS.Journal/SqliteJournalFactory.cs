using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>Opens SQLite journals.</summary>
internal sealed class SqliteJournalFactory : ITaskJournalFactory
{
    public ITaskJournal Open(string path)
    {
        try
        {
            return new SqliteJournal(JournalFile.Open(path), path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Failure(path, e);
        }
    }

    internal static RunwareException Failure(string path, Exception e) =>
        new(ErrorCodes.JournalUnavailable, RunwareErrorCategory.Unknown, $"The journal '{path}' cannot be used: {e.Message}", e);
}
