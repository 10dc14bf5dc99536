using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>A journal in one SQLite file, shared by the processes of a machine.</summary>
internal sealed class SqliteStore : IJournalStore
{
    private readonly Timer _renewal;

    // Each cmdlet attaches, and a scope keeps its number.
    private readonly ConcurrentDictionary<JournalScope, long> _scopes = new();

    public SqliteStore(SqliteConnection connection, string path, TimeProvider? time = null)
    {
        Leases = new LeaseBook<(long Scope, Guid TaskUuid)>(Journal.Owner.Lease, time ?? TimeProvider.System);
        Writer = new JournalWriter(new Database(connection), path);
        using (ExecutionContext.SuppressFlow()) // it outlives the call that opened the journal
        {
            _renewal = new Timer(static me => _ = ((SqliteStore)me!).RenewAsync(), this, Journal.Owner.Renewal, Journal.Owner.Renewal);
        }

        Reader = new SqliteReader(path, () => JournalFile.OpenReader(path));
    }

    public JournalWriter Writer { get; }

    public SqliteReader Reader { get; }

    /// <summary>This process, as an owner of tasks.</summary>
    public string Owner { get; } = Journal.Owner.Create();

    /// <summary>The tasks that this process works on, by scope and ID.</summary>
    public LeaseBook<(long Scope, Guid TaskUuid)> Leases { get; }

    public byte[] Salt => Reader.Salt;

    public async Task<IJournalSession> AttachAsync(JournalScope scope, bool isRequired, CancellationToken cancellationToken)
    {
        if (isRequired)
        {
            Writer.RequireFullSync();
        }

        if (!_scopes.TryGetValue(scope, out var number))
        {
            number = await Reader.ScopeAsync(scope, cancellationToken).ConfigureAwait(false)
                ?? await Writer.DoAsync(db => AddScope(db, scope), cancellationToken).ConfigureAwait(false);
            _scopes[scope] = number;
        }

        return new SqliteSession(this, number);
    }

    public Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken) =>
        Reader.ReadAsync(scope, cancellationToken);

    public Task<JournalInfo> InfoAsync(CancellationToken cancellationToken) => Reader.InfoAsync(cancellationToken);

    /// <summary>Renews the leases of the tasks that this process works on, and of no others.</summary>
    internal async Task RenewAsync()
    {
        var held = Leases.Held;
        if (held.Count == 0)
        {
            return;
        }

        var requested = Leases.Now;
        HashSet<(long Scope, Guid TaskUuid)> renewed;
        try
        {
            renewed = await Writer.PostAsync(db => TaskRows.Renew(db, Owner, held)).ConfigureAwait(false);
        }
        catch (RunwareException)
        {
            return; // the next renewal tries again: two fit in a lease
        }

        foreach (var (task, fence) in held)
        {
            if (renewed.Contains(task))
            {
                Leases.Renew(task, fence, requested);
            }
            else
            {
                Leases.Remove(task, fence); // it ended, or another process has it
            }
        }
    }

    // The last connection to close takes the write-ahead log away, which a reader cannot.
    public void Dispose()
    {
        _renewal.Dispose();
        Reader.Dispose();
        Writer.Dispose();
    }

    private static long AddScope(Database db, JournalScope scope)
    {
        db.Execute("INSERT INTO scope (endpoint, account) VALUES ($endpoint, $account) ON CONFLICT DO NOTHING",
            ("endpoint", scope.Endpoint), ("account", scope.Account));
        return (long)db.Scalar("SELECT n FROM scope WHERE endpoint = $endpoint AND account = $account",
            ("endpoint", scope.Endpoint), ("account", scope.Account))!;
    }
}
