using Npgsql;
using NpgsqlTypes;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>The functions of the database, each one round trip and one transaction.</summary>
/// <param name="source">The connections to the server.</param>
/// <param name="address">The server.</param>
/// <param name="options">The times to work with.</param>
/// <param name="me">Identifies this process among the holders of tasks.</param>
/// <param name="now">The clock of the leases.</param>
internal sealed class JournalDatabase(NpgsqlDataSource source, ServerAddress address, Options options, string me, Func<long> now)
{
    private const int MediaChunk = 16 * 1024 * 1024;

    private readonly string _schema = Sql.Name(address.Schema);

    public ServerAddress Address => address;

    /// <summary>Writes operations of one kind, and finishes each of them.</summary>
    public async Task WriteAsync(IReadOnlyList<Operation> operations)
    {
        await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        var sentAt = now();
        foreach (var operation in operations)
        {
            operation.SentAt = sentAt;
        }

        if (operations[0] is Fact)
        {
            await RecordAsync(connection, [.. operations.Cast<Fact>()]).ConfigureAwait(false);
            return;
        }

        IReadOnlyList<Begin> begins = [.. operations.Cast<Begin>()];
        while ((begins = await BeginAsync(connection, begins).ConfigureAwait(false)).Count > 0)
        {
            await AddMediaAsync(connection, begins).ConfigureAwait(false);
        }
    }

    /// <summary>Renews leases; returns those that are still held.</summary>
    public NpgsqlCommand RenewCommand(IReadOnlyList<KeyValuePair<(int Scope, Guid TaskUuid), long>> held)
    {
        var command = new NpgsqlCommand($"SELECT of_scope, of_task FROM {_schema}.renew_leases($1, $2, $3, $4)");
        command.Parameters.Add(new() { Value = held.Select(h => h.Key.Scope).ToArray() });
        command.Parameters.Add(new() { Value = held.Select(h => h.Key.TaskUuid).ToArray() });
        command.Parameters.Add(new() { Value = held.Select(h => h.Value).ToArray() });
        command.Parameters.Add(Interval(options.Lease));
        return command;
    }

    private async Task RecordAsync(NpgsqlConnection connection, IReadOnlyList<Fact> facts)
    {
        await using var command = new NpgsqlCommand($"SELECT op, result FROM {_schema}.record_facts($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = Json.Write(facts), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = me });
        command.Parameters.Add(Interval(options.Lease));
        var results = await ReadAsync(
            command, row => (Fact: facts[row.GetInt32(0) - 1], Result: row.IsDBNull(1) ? (long?)null : row.GetInt64(1)))
            .ConfigureAwait(false);
        foreach (var (fact, result) in results)
        {
            fact.TryFinish(result);
        }
    }

    /// <returns>Those whose media the database doesn't have.</returns>
    private async Task<IReadOnlyList<Begin>> BeginAsync(NpgsqlConnection connection, IReadOnlyList<Begin> begins)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT op, outcome, lease_fence, booked FROM {_schema}.begin_tasks($1, $2, $3, $4, $5)", connection);
        command.Parameters.Add(new() { Value = Json.Write(begins), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new()
        { Value = begins.Select(b => b.Request).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        command.Parameters.Add(new() { Value = me });
        command.Parameters.Add(new() { Value = Sql.Text(Environment.MachineName) });
        command.Parameters.Add(Interval(options.Lease));
        var outcomes = await ReadAsync(command, row => (Begin: begins[row.GetInt32(0) - 1], Outcome: ToOutcome(row, begins)))
            .ConfigureAwait(false);
        foreach (var (begin, outcome) in outcomes)
        {
            if (outcome is not null)
            {
                begin.TryFinish(outcome);
            }
        }

        return [.. outcomes.Where(o => o.Outcome is null).Select(o => o.Begin)];
    }

    private static BeginOutcome? ToOutcome(NpgsqlDataReader row, IReadOnlyList<Begin> begins)
    {
        TaskLease Lease() => new(begins[row.GetInt32(0) - 1].Key.TaskUuid, row.GetInt64(2));
        return row.GetString(1) switch
        {
            "Booked" => new BeginOutcome.Booked(Lease()),
            "Held" => new BeginOutcome.Held(Lease()),
            "InProgress" => new BeginOutcome.InProgress(),
            "Ended" => new BeginOutcome.Ended(),
            "OverBudget" => new BeginOutcome.OverBudget(StoredMoney.ToUsd(row.GetInt64(3))),
            "DifferentRequest" => new BeginOutcome.DifferentRequest(),
            _ => null,
        };
    }

    private async Task AddMediaAsync(NpgsqlConnection connection, IReadOnlyList<Begin> begins)
    {
        var needed = begins.SelectMany(b => b.Media).DistinctBy(m => m.Key, StringComparer.Ordinal)
            .ToDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal);
        await using var find = new NpgsqlCommand($"SELECT name FROM {_schema}.medium WHERE name = ANY ($1)", connection);
        find.Parameters.Add(new() { Value = needed.Keys.ToArray() });
        foreach (var name in await ReadAsync(find, row => row.GetString(0)).ConfigureAwait(false))
        {
            needed.Remove(name);
        }

        var (names, contents, size) = (new List<string>(), new List<byte[]>(), 0L);
        foreach (var (name, read) in needed)
        {
            names.Add(name);
            contents.Add(read());
            size += contents[^1].Length;
            if (size >= MediaChunk)
            {
                await AddMediaAsync(connection, names, contents).ConfigureAwait(false);
                names.Clear();
                contents.Clear();
                size = 0;
            }
        }

        if (names.Count > 0)
        {
            await AddMediaAsync(connection, names, contents).ConfigureAwait(false);
        }
    }

    private async Task AddMediaAsync(NpgsqlConnection connection, List<string> names, List<byte[]> contents)
    {
        await using var add = new NpgsqlCommand($"SELECT {_schema}.add_media($1, $2)", connection);
        add.Parameters.Add(new() { Value = names.ToArray() });
        add.Parameters.Add(new() { Value = contents.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        await add.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    // All rows before any is used: the transaction is committed only at their end.
    private static async Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        await using var rows = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var result = new List<T>();
        while (await rows.ReadAsync().ConfigureAwait(false))
        {
            result.Add(read(rows));
        }

        await rows.NextResultAsync().ConfigureAwait(false);
        return result;
    }

    private static NpgsqlParameter Interval(TimeSpan length) => new() { Value = length, NpgsqlDbType = NpgsqlDbType.Interval };
}
