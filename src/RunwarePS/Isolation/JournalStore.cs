using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>The journals of this process, one for each file, and the one door to the isolated assembly that opens them.</summary>
internal static class JournalStore
{
    private static readonly ConcurrentDictionary<string, Lazy<ITaskJournal>> s_open = new(StringComparer.Ordinal);

    /// <exception cref="RunwareException"><c>JournalUnavailable</c>; the next call tries again.</exception>
    public static ITaskJournal Open(string path)
    {
        var journal = s_open.GetOrAdd(path, static p => new Lazy<ITaskJournal>(() => Create(p)));
        try
        {
            return journal.Value;
        }
        catch
        {
            s_open.TryRemove(KeyValuePair.Create(path, journal));
            throw;
        }
    }

    /// <summary>Closes a temporary journal and removes its files.</summary>
    public static void Delete(string path)
    {
        if (s_open.TryRemove(path, out var journal) && journal.IsValueCreated)
        {
            journal.Value.Dispose();
        }

        JournalPath.Delete(path);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ITaskJournal Create(string path) => new Journal.SqliteJournalFactory().Open(path);
}
