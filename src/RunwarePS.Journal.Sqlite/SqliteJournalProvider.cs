using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>Opens SQLite journals.</summary>
internal sealed class SqliteJournalProvider : IJournalProvider
{
    // SQLite blocks its thread, for example while another process migrates the file: the caller's thread is not held for that.
    public Task<IJournalStore> OpenAsync(JournalAddress address, CancellationToken cancellationToken) =>
        Task.Run(() => Open(((FileAddress)address).Path), cancellationToken);

    public IReadOnlyJournal? OpenForReading(JournalAddress address) => ((FileAddress)address).Path is var path && File.Exists(path)
        ? OrUnavailable<IReadOnlyJournal>(path, () => new SqliteReader(path, () => JournalFile.OpenReader(path)))
        : null;

    internal static RunwareException Failure(string path, Exception e) =>
        new(ErrorCodes.JournalUnavailable, RunwareErrorCategory.Unknown, Strings.JournalFileUnusable.With(path, e.Message), e);

    private static IJournalStore Open(string path) => OrUnavailable<IJournalStore>(path, () => new SqliteStore(JournalFile.Open(path), path));

    private static T OrUnavailable<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e)
            when (e is SqliteException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Failure(path, e);
        }
    }
}
