using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>The journals of this process, one for each file, and the one door to the isolated assembly that opens them.</summary>
internal static class JournalStore
{
    private static readonly ConcurrentDictionary<string, Lazy<ITaskJournal>> s_open = new(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, bool> s_temporary = new(StringComparer.Ordinal);

    static JournalStore() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var path in s_temporary.Keys)
        {
            Delete(path);
        }

        // Closing the file takes its write-ahead log away, where what was deleted since may still stand.
        foreach (var journal in s_open.Values.Where(j => j.IsValueCreated))
        {
            journal.Value.Dispose();
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
    public static ITaskJournal Open(string path)
    {
        var journal = s_open.GetOrAdd(path, static p => new Lazy<ITaskJournal>(() =>
        {
            JournalLocation.NeedLocal(p);
            return Create(p);
        }));
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

    /// <summary>The newest tasks of a connection whose id begins so, as far as a glance shows them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IReadOnlyList<JournalHint> GlanceAtTasks(string path, ConnectionSettings settings, string beginning, int count)
    {
        JournalLocation.NeedLocal(path);
        return Journal.JournalGlance.Tasks(path, settings, beginning, count);
    }

    /// <summary>The tags that a connection used of late, the last first, and when.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IReadOnlyList<(string Tag, DateTime At)> GlanceAtTags(string path, ConnectionSettings settings, int count)
    {
        JournalLocation.NeedLocal(path);
        return Journal.JournalGlance.Tags(path, settings, count);
    }

    /// <summary>Closes a temporary journal and removes its files.</summary>
    public static void Delete(string path)
    {
        s_temporary.TryRemove(path, out _);
        if (s_open.TryRemove(path, out var journal) && journal.IsValueCreated)
        {
            journal.Value.Dispose();
        }

        JournalLocation.Delete(path);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ITaskJournal Create(string path) => new Journal.SqliteJournalFactory().Open(path);
}
