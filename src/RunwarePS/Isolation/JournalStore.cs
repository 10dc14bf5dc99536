using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>The journals of this process, one for each file, and the one door to the isolated assembly that opens them.</summary>
internal static class JournalStore
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IJournalStore>>> s_open = new(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, bool> s_temporary = new(StringComparer.Ordinal);

    static JournalStore() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var path in s_temporary.Keys)
        {
            Delete(path);
        }

        // Closing the file takes its write-ahead log away, where what was deleted since may still stand.
        foreach (var journal in s_open.Values)
        {
            Close(journal);
        }
    };

    /// <summary>A journal that ends with the process at the latest.</summary>
    public static string Temporary()
    {
        var path = JournalLocation.Temporary();
        s_temporary[path] = true;
        return path;
    }

    /// <exception cref="RunwareException"><c>JournalUnavailable</c>; the next call tries again.</exception>
    public static async Task<IJournalStore> OpenAsync(string path)
    {
        var journal = s_open.GetOrAdd(path, static p => new Lazy<Task<IJournalStore>>(() =>
        {
            JournalLocation.RequireLocal(p);
            return CreateProvider().OpenAsync(new FileAddress(p), CancellationToken.None);
        }));
        try
        {
            return await journal.Value.ConfigureAwait(false);
        }
        catch
        {
            s_open.TryRemove(KeyValuePair.Create(path, journal));
            throw;
        }
    }

    /// <summary>Opens a journal for a single read, which neither creates nor changes a file; null if it doesn't exist.</summary>
    public static IReadOnlyJournal? OpenForReading(string path)
    {
        JournalLocation.RequireLocal(path);
        return CreateProvider().OpenForReading(new FileAddress(path));
    }

    /// <summary>Closes a temporary journal and removes its files.</summary>
    public static void Delete(string path)
    {
        s_temporary.TryRemove(path, out _);
        if (s_open.TryRemove(path, out var journal))
        {
            Close(journal);
        }

        JournalLocation.Delete(path);
    }

    private static void Close(Lazy<Task<IJournalStore>> journal)
    {
        if (journal is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            journal.Value.Result.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IJournalProvider CreateProvider() => new Journal.Sqlite.SqliteJournalProvider();
}
