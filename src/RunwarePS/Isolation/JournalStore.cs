using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>
/// The journals of this process, one for each file or database, and the one door to the isolated assemblies that open them.
/// </summary>
internal static class JournalStore
{
    private static readonly ConcurrentDictionary<JournalAddress, Lazy<Task<IJournalStore>>> s_open = new();

    private static readonly ConcurrentDictionary<FileAddress, bool> s_temporary = new();

    private static readonly TimeSpan s_openTimeout = TimeSpan.FromSeconds(2);

    static JournalStore() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var file in s_temporary.Keys)
        {
            Delete(file);
        }

        // Closing the file takes its write-ahead log away, where what was deleted since may still stand.
        foreach (var (address, journal) in s_open)
        {
            Close(address, journal);
        }
    };

    /// <summary>A journal that ends with the process at the latest.</summary>
    public static FileAddress Temporary()
    {
        var file = new FileAddress(JournalLocation.Temporary());
        s_temporary[file] = true;
        return file;
    }

    /// <exception cref="RunwareException"><c>JournalUnavailable</c>; the next call tries again.</exception>
    public static async Task<IJournalStore> OpenAsync(JournalAddress address)
    {
        var journal = s_open.GetOrAdd(
            address, static a => new Lazy<Task<IJournalStore>>(() => Task.Run(() => CreateProvider(a).OpenAsync(a, CancellationToken.None))));
        try
        {
            return await journal.Value.ConfigureAwait(false);
        }
        catch
        {
            s_open.TryRemove(KeyValuePair.Create(address, journal));
            throw;
        }
    }

    /// <summary>Whether a journal is open, or about to be.</summary>
    public static bool IsOpen(JournalAddress address) => s_open.ContainsKey(address);

    /// <summary>
    /// Opens a journal for a single read, which neither creates nor changes a file; null if it doesn't exist, or if it is on a server that
    /// this process hasn't used yet.
    /// </summary>
    public static IReadOnlyJournal? OpenForReading(JournalAddress address)
    {
        if (address is FileAddress)
        {
            return CreateProvider(address).OpenForReading(address);
        }

        return s_open.TryGetValue(address, out var journal) && journal is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }
            ? new Shared(journal.Value.Result)
            : null;
    }

    /// <summary>Prepares journals on servers.</summary>
    public static IJournalSetup Setup => CreateSetup();

    /// <summary>Closes a temporary journal and removes its files.</summary>
    public static void Delete(FileAddress file)
    {
        s_temporary.TryRemove(file, out _);
        if (s_open.TryRemove(file, out var journal))
        {
            Close(file, journal);
        }

        JournalLocation.Delete(file.Path);
    }

    // A file may still be opening in the background, which takes a moment. A server isn't waited for.
    private static void Close(JournalAddress address, Lazy<Task<IJournalStore>> journal)
    {
        try
        {
            if (journal.IsValueCreated && journal.Value.Wait(address is FileAddress ? s_openTimeout : TimeSpan.Zero))
            {
                journal.Value.Result.Dispose();
            }
        }
        catch (AggregateException)
        {
            // It couldn't be opened.
        }
    }

    private static IJournalProvider CreateProvider(JournalAddress address)
    {
        if (address is FileAddress file)
        {
            JournalLocation.RequireLocal(file.Path);
            return CreateFileProvider();
        }

        return CreateServerProvider();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IJournalProvider CreateFileProvider() => new Journal.Sqlite.SqliteJournalProvider();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IJournalProvider CreateServerProvider() => new Journal.PostgreSql.PostgreSqlJournalProvider();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IJournalSetup CreateSetup() => new Journal.PostgreSql.PostgreSqlJournalProvider();

    /// <summary>An open journal, which stays open.</summary>
    private sealed class Shared(IReadOnlyJournal journal) : IReadOnlyJournal
    {
        public byte[] Salt => journal.Salt;

        public Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken) =>
            journal.ReadAsync(scope, cancellationToken);

        public Task<JournalInfo> InfoAsync(CancellationToken cancellationToken) => journal.InfoAsync(cancellationToken);

        public void Dispose()
        {
        }
    }
}
