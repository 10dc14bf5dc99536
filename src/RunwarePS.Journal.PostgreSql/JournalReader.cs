using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>Reads the tasks of one endpoint and account, in pages, each in a statement of its own.</summary>
/// <param name="source">The connections to the server.</param>
/// <param name="address">The server.</param>
/// <param name="options">The times to work with.</param>
/// <param name="scope">The number of the scope.</param>
internal sealed class JournalReader(NpgsqlDataSource source, ServerAddress address, Options options, int scope) : IJournalReader
{
    private const int PageSize = 1000;

    private static readonly Guid s_last = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly string _schema = Sql.Name(address.Schema);

    public async IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = PagesAsync<TaskRow>(
            (last, size) => PageCommand(query, last?.Number, size), Row.Task, query.Newest ?? int.MaxValue, cancellationToken);
        await foreach (var row in rows.ConfigureAwait(false))
        {
            yield return row.Task;
        }
    }

    /// <summary>The numbers of the selected tasks.</summary>
    public Task<IReadOnlyList<long>> NumbersAsync(TaskQuery query, int most, CancellationToken cancellationToken) =>
        ReadAsync(Select("t.n", query, last: null, most), row => row.GetInt64(0), cancellationToken);

    /// <summary>Who works on a task; null if no process does.</summary>
    public async Task<string?> OwnerAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var query = Select("t.owner", new TaskQuery { TaskUuids = [taskUuid] }, last: null, size: 1);
        var owners = await ReadAsync(query, row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken).ConfigureAwait(false);
        return owners.Count > 0 ? owners[0] : null;
    }

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? mostRows, CancellationToken cancellationToken)
    {
        var newest = mostRows is { } most ? FormattableString.Invariant($"ORDER BY submitted_at DESC LIMIT {most}") : "";
        var command = new NpgsqlCommand(
            $"""
            SELECT tag, max(submitted_at) AS at FROM (
                (SELECT tag, submitted_at FROM {_schema}.task WHERE scope_id = $1 {newest.Replace("submitted_at", "n")})
                UNION ALL (SELECT tag, submitted_at FROM {_schema}.spend WHERE scope_id = $1 {newest})) AS used
            WHERE tag IS NOT NULL GROUP BY tag ORDER BY at DESC, tag
            """);
        command.Parameters.Add(new() { Value = scope });
        return await ReadAsync(command, row => (row.GetString(0), row.GetDateTime(1)), cancellationToken).ConfigureAwait(false);
    }

    public IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, CancellationToken cancellationToken) =>
        PagesAsync<RunwareSpend>((last, size) => SpendCommand(query, last, size), Row.Spend, int.MaxValue, cancellationToken);

    private NpgsqlCommand SpendCommand(SpendQuery query, RunwareSpend? last, int size)
    {
        var command = new NpgsqlCommand($"SELECT * FROM {_schema}.read_spend($1, $2, $3, $4, $5, $6)");
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(Time(last?.At ?? query.Since ?? DateTime.UnixEpoch));
        command.Parameters.Add(new() { Value = last?.TaskUuid ?? Guid.Empty });
        command.Parameters.Add(Time(query.Until));
        command.Parameters.Add(Texts(query.Tags));
        command.Parameters.Add(new() { Value = size });
        return command;
    }

    public async Task<KeptRequest?> RequestAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"""
            SELECT t.request, m.name, m.bytes FROM {_schema}.task t
            LEFT JOIN {_schema}.task_medium o ON o.task_n = t.n LEFT JOIN {_schema}.medium m ON m.name = o.name
            WHERE t.scope_id = $1 AND t.task_uuid = $2 AND t.request IS NOT NULL
            """);
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(new() { Value = taskUuid });
        var rows = await ReadAsync(
            command,
            row => (Request: row.GetFieldValue<byte[]>(0), Name: row.IsDBNull(1) ? "" : row.GetString(1),
                Bytes: row.IsDBNull(2) ? [] : row.GetFieldValue<byte[]>(2)),
            cancellationToken).ConfigureAwait(false);
        return rows.Count == 0
            ? null
            : new KeptRequest(
                rows[0].Request, rows.Where(r => r.Name.Length > 0).ToDictionary(r => r.Name, r => r.Bytes, StringComparer.Ordinal));
    }

    /// <summary>The uploads of one content, or of all, that aren't older than their lifetime.</summary>
    public Task<IReadOnlyList<Upload>> UploadsAsync(string? contentHash, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"""
            SELECT hash, uuid, url, at FROM {_schema}.upload
            WHERE scope_id = $1 AND at > clock_timestamp() - $2 {(contentHash is null ? "" : "AND hash = $3")}
            """);
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(new() { Value = lifetime, NpgsqlDbType = NpgsqlDbType.Interval });
        if (contentHash is not null)
        {
            command.Parameters.Add(new() { Value = contentHash });
        }

        return ReadAsync(
            command,
            row => new Upload(
                row.GetString(0), new(row.GetGuid(1), row.IsDBNull(2) ? null : new Uri(row.GetString(2))), row.GetDateTime(3)),
            cancellationToken);
    }

    /// <summary>Runs a command that can be repeated, also while the server is away for a moment.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(
        NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var startedAt = options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                command.Connection = connection;
                await using var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                var result = new List<T>();
                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    result.Add(read(rows));
                }

                return result;
            }
            catch (Exception e) when (Failures.IsTransient(e) && options.Time.GetElapsedTime(startedAt) < options.RetryTimeout)
            {
                await Task.Delay(s_pause, options.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (Failures.IsKnown(e))
            {
                throw Failures.Unavailable(address, e);
            }
        }
    }

    /// <summary>Reads rows page by page. Nothing is held while they are used.</summary>
    private async IAsyncEnumerable<T> PagesAsync<T>(Func<T?, int, NpgsqlCommand> next, Func<NpgsqlDataReader, T> read, int most,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        T? last = null;
        for (var rest = most; rest > 0;)
        {
            var size = Math.Min(PageSize, rest);
            var page = await ReadAsync(next(last, size), read, cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < size)
            {
                yield break;
            }

            last = page[^1];
            rest -= page.Count;
        }
    }

    private NpgsqlCommand PageCommand(TaskQuery query, long? last, int size) => Select(
        """
        t.n, t.task_uuid, t.status, t.task_type, t.metadata, t.expected, t.outputs, t.cost, t.submitted_at, t.completed_at,
        CASE WHEN t.lease_until > clock_timestamp() THEN t.owner END, t.failures, (
            SELECT json_agg(json_build_array(o.position, o.kind, o.uuid, o.url, o.cost,
                round(extract(epoch FROM o.created_at) * 1000)::bigint, o.path, o.data) ORDER BY o.position)
            FROM 
        """ + $"{_schema}.output o WHERE o.task_n = t.n)", query, last, size);

    private NpgsqlCommand Select(string columns, TaskQuery query, long? last, int size)
    {
        var command = new NpgsqlCommand();
        var sql = new StringBuilder($"SELECT {columns} FROM {_schema}.task t WHERE t.scope_id = $1");
        command.Parameters.Add(new() { Value = scope });
        Where(query.TaskUuids is not null, "t.task_uuid = ANY ({0})", () => new() { Value = query.TaskUuids!.ToArray() });
        if (query.IdBeginning is { Length: > 0 } beginning)
        {
            var (first, final) = Range(beginning);
            Where(true, "t.task_uuid >= {0}", () => new() { Value = first });
            Where(true, "t.task_uuid <= {0}", () => new() { Value = final });
        }

        Where(query.Tags is not null, "t.tag = ANY ({0})", () => Texts(query.Tags));
        Where(query.Statuses is not null, "t.status = ANY ({0})", () => Texts(query.Statuses));
        Where(query.Since is not null, "t.submitted_at >= {0}", () => Time(query.Since));
        Where(query.Until is not null, "t.submitted_at < {0}", () => Time(query.Until));
        sql.Append(query.IsPending ? " AND t.completed_at IS NULL" : "");
        sql.Append(query.IsSettled ? " AND t.completed_at IS NOT NULL AND t.unsaved = 0" : "");
        const string open = "(t.completed_at IS NULL OR (t.unsaved > 0 AND t.completed_at > {0}))";
        Where(query.OpenSince is not null, open, () => Time(query.OpenSince));
        Where(last is not null, query.Newest is null ? "t.n > {0}" : "t.n < {0}", () => new() { Value = last!.Value });
        sql.Append(query.Newest is null ? " ORDER BY t.n LIMIT " : " ORDER BY t.n DESC LIMIT ").Append(size);
        command.CommandText = sql.ToString();
        return command;

        void Where(bool isAsked, string condition, Func<NpgsqlParameter> value)
        {
            if (isAsked)
            {
                command.Parameters.Add(value());
                sql.Append(" AND ").Append(condition.Replace("{0}", FormattableString.Invariant($"${command.Parameters.Count}")));
            }
        }
    }

    /// <summary>The IDs that begin with a text. None begins with what isn't the beginning of an ID.</summary>
    private static (Guid First, Guid Last) Range(string beginning) =>
        beginning.Length <= 36
        && Guid.TryParseExact(beginning + Guid.Empty.ToString("D")[beginning.Length..], "D", out var first)
        && Guid.TryParseExact(beginning + s_last.ToString("D")[beginning.Length..], "D", out var last)
            ? (first, last)
            : (s_last, Guid.Empty);

    private static NpgsqlParameter Time(DateTime? utc) => new()
    {
        Value = utc is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : DBNull.Value,
        NpgsqlDbType = NpgsqlDbType.TimestampTz,
    };

    private static NpgsqlParameter Texts(IReadOnlyCollection<string>? texts) => new()
    {
        Value = texts is null ? DBNull.Value : texts.Select(Sql.Text).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };
}
