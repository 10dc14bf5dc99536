using Npgsql;
using NpgsqlTypes;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>A journal in a PostgreSQL database, which several machines share.</summary>
internal sealed class PostgreSqlJournal : IJournalStore
{
    private readonly NpgsqlDataSource _source;
    private readonly ServerAddress _address;
    private readonly Options _options;
    private readonly ServerState _state;
    private readonly JournalDatabase _database;
    private readonly ITimer _renewal;

    public PostgreSqlJournal(NpgsqlDataSource source, ServerAddress address, Options options, ServerState state)
    {
        (_source, _address, _options, _state) = (source, address, options, state);
        Leases = new LeaseBook<(int Scope, Guid TaskUuid)>(options.Lease, options.Time);
        _database = new JournalDatabase(source, address, options, Sql.Text(Owner.Create())!, () => Leases.Now);
        Writer = new JournalWriter(_database, options);
        using (ExecutionContext.SuppressFlow()) // it outlives the call that opened the journal
        {
            _renewal = options.Time.CreateTimer(
                static me => _ = ((PostgreSqlJournal)me!).RenewAllAsync(), this, options.Renewal, options.Renewal);
        }
    }

    public byte[] Salt => _state.Salt;

    private string Schema => Sql.Name(_address.Schema);

    private string FindScope => $"SELECT scope_id FROM {Schema}.scope WHERE endpoint = $1 AND account = $2";

    public JournalWriter Writer { get; }

    /// <summary>The tasks that this process works on.</summary>
    public LeaseBook<(int Scope, Guid TaskUuid)> Leases { get; }

    public async Task<IJournalSession> AttachAsync(JournalScope scope, bool isRequired, CancellationToken cancellationToken)
    {
        if (isRequired && _state.IsAsynchronous)
        {
            throw Failures.Unavailable(_address, Strings.JournalServerAsync);
        }

        var number = await ScopeAsync(FindScope, scope, cancellationToken).ConfigureAwait(false)
            ?? await ScopeAsync($"SELECT {Schema}.attach_scope($1, $2)", scope, cancellationToken).ConfigureAwait(false);
        return new PostgreSqlSession(this, Reader(number!.Value), number.Value);
    }

    public async Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken)
    {
        var number = await ScopeAsync(FindScope, scope, cancellationToken).ConfigureAwait(false);
        return number is { } found ? Reader(found) : null;
    }

    public async Task<JournalInfo> InfoAsync(CancellationToken cancellationToken)
    {
        var read = new NpgsqlCommand(
            $"""
            SELECT (SELECT count(*) FROM {Schema}.task),
                (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r')
            """);
        read.Parameters.Add(new() { Value = Schema });
        var found = await Reader(0).ReadAsync(read, row => (Tasks: row.GetInt64(0), Size: row.GetInt64(1)), cancellationToken)
            .ConfigureAwait(false);
        return new JournalInfo
        {
            SchemaVersion = _state.Version,
            Tasks = found[0].Tasks,
            Size = found[0].Size,
            Role = _state.Role,
            ClockOffset = _state.ClockOffset,
        };
    }

    /// <summary>Renews leases.</summary>
    /// <returns>How many are still held.</returns>
    public async Task<int> RenewAsync(
        IReadOnlyList<KeyValuePair<(int Scope, Guid TaskUuid), long>> held, CancellationToken cancellationToken)
    {
        var requestedAt = Leases.Now;
        var renewed = await Reader(0)
            .ReadAsync(_database.RenewCommand(held), row => (row.GetInt32(0), row.GetGuid(1)), cancellationToken).ConfigureAwait(false);
        var still = renewed.ToHashSet();
        foreach (var (task, fence) in held)
        {
            if (still.Contains(task))
            {
                Leases.Renew(task, fence, requestedAt);
            }
            else
            {
                Leases.Remove(task, fence);
            }
        }

        return still.Count;
    }

    public async Task<int> RemoveAsync(JournalReader reader, int scope, IReadOnlyList<long> numbers, CancellationToken cancellationToken)
    {
        var remove = new NpgsqlCommand($"SELECT {Schema}.remove_tasks($1, $2)");
        remove.Parameters.Add(new() { Value = scope });
        remove.Parameters.Add(new() { Value = numbers.ToArray() });
        var removed = await reader.ReadAsync(remove, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return (int)removed[0];
    }

    public async Task<int> ImportAsync(JournalReader reader, int scope, string tasks, byte[]?[] requests,
        IReadOnlyList<KeyValuePair<string, byte[]>> media, CancellationToken cancellationToken)
    {
        foreach (var (name, bytes) in media)
        {
            var add = new NpgsqlCommand($"SELECT {Schema}.add_media($1, $2)");
            add.Parameters.Add(new() { Value = new[] { name } });
            add.Parameters.Add(new() { Value = new[] { bytes }, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            await reader.ReadAsync(add, _ => true, cancellationToken).ConfigureAwait(false);
        }

        var import = new NpgsqlCommand($"SELECT {Schema}.import_tasks($1, $2, $3)");
        import.Parameters.Add(new() { Value = scope });
        import.Parameters.Add(new() { Value = tasks, NpgsqlDbType = NpgsqlDbType.Jsonb });
        import.Parameters.Add(new() { Value = requests, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        var added = await reader.ReadAsync(import, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return (int)added[0];
    }

    public void Dispose()
    {
        _renewal.Dispose();
        Writer.Dispose();
        _source.Dispose();
    }

    /// <summary>Renews the leases of the tasks that this process works on, and of no others.</summary>
    internal async Task RenewAllAsync()
    {
        try
        {
            if (Leases.Held is { Count: > 0 } held)
            {
                await RenewAsync(held, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (RunwareException)
        {
            // The next renewal comes before the leases end. If they do end, each task asks before it is sent.
        }
    }

    private async Task<int?> ScopeAsync(string sql, JournalScope scope, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql);
        command.Parameters.Add(new() { Value = Sql.Text(scope.Endpoint) });
        command.Parameters.Add(new() { Value = Sql.Text(scope.Account) });
        var numbers = await Reader(0).ReadAsync(command, row => (int?)row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        return numbers.Count > 0 ? numbers[0] : null;
    }

    private JournalReader Reader(int scope) => new(_source, _address, _options, scope);
}

/// <summary>What was read of a server when it was opened.</summary>
/// <param name="Version">The version of the schema.</param>
/// <param name="Salt">The salt of the journal.</param>
/// <param name="Role">The role of this process.</param>
/// <param name="IsAsynchronous">True if the server confirms writes before they are on disk.</param>
/// <param name="ClockOffset">How far its clock is ahead of this machine's.</param>
internal sealed record ServerState(int Version, byte[] Salt, string Role, bool IsAsynchronous, TimeSpan ClockOffset);
