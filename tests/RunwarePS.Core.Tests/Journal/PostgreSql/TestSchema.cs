using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>A journal in a schema of its own.</summary>
internal sealed class TestSchema : IDisposable
{
    private readonly List<TestJournal> _open = [];
    private readonly List<string> _roles = [];

    public PostgresServer Server { get; } = PostgresServer.Shared;

    public string Name { get; } = $"t_{Guid.NewGuid():N}";

    public ServerAddress Address => Server.Address with { Schema = Name };

    public async Task<TestJournal> OpenAsync(Options? options = null, ServerAddress? address = null)
    {
        var journal = new TestJournal(await new PostgreSqlJournalProvider(options).OpenAsync(address ?? Address, CancellationToken.None));
        lock (_open)
        {
            _open.Add(journal);
        }

        return journal;
    }

    /// <summary>A role of this test.</summary>
    /// <param name="attributes">What it may do.</param>
    /// <param name="setting">A setting of its sessions.</param>
    public string Role(string attributes, string? setting = null)
    {
        var role = $"r_{Guid.NewGuid():N}";
        Server.Read($"CREATE ROLE {role} {attributes}; {(setting is null ? "" : $"ALTER ROLE {role} {setting};")} SELECT 1");
        _roles.Add(role);
        return role;
    }

    /// <summary>What another client would read, with the tables of this schema.</summary>
    public object? Read(string sql) => Server.Read($"SET search_path = {Name}; {sql}");

    public long Count(string table) => (long)Read($"SELECT count(*) FROM {table}")!;

    public void Dispose()
    {
        foreach (var journal in _open)
        {
            journal.Dispose();
        }

        Server.Read($"DROP SCHEMA IF EXISTS {Name} CASCADE");
        foreach (var role in _roles)
        {
            Server.Read($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }
}
