using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>Reads a journal through connections of its own, so that no read waits for a write.</summary>
internal sealed class SqliteReader : IJournalReader, ISpendLedger
{
    private const int PageSize = 1000;

    private const string Ended =
        $"('{RunwareTaskStatus.Succeeded}', '{RunwareTaskStatus.PartiallySucceeded}', '{RunwareTaskStatus.Failed}')";

    private const string OfPage = "(SELECT value FROM json_each($page))";

    private static readonly string s_media = string.Join(", ", JournalOutput.MediaKinds.Select(kind => $"'{kind}'"));

    private readonly string _path;
    private readonly Func<SqliteConnection> _connect;
    private Database? _idle;
    private bool _isClosed;

    public SqliteReader(string path, Func<SqliteConnection> connect)
    {
        (_path, _connect) = (path, connect);
        Salt = Use(db => (byte[])db.Scalar("SELECT value FROM meta WHERE name = 'salt'")!);
    }

    public byte[] Salt { get; }

    /// <remarks>
    /// The numbers of the rows are read first, which is little for each row; then the rows in pages, so that nothing is locked while they
    /// are used.
    /// </remarks>
    public async IAsyncEnumerable<JournalTask> QueryAsync(
        JournalScope scope, TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var numbers = await ReadAsync(db => Numbers(db, scope, query), cancellationToken).ConfigureAwait(false);
        foreach (var page in numbers.Chunk(PageSize))
        {
            foreach (var task in await ReadAsync(db => Page(db, page), cancellationToken).ConfigureAwait(false))
            {
                yield return task;
            }
        }
    }

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(JournalScope scope, int? mostRows,
        CancellationToken cancellationToken) =>
        await ReadAsync(
            db => db.Query(
                """
                SELECT tag, MAX(submitted) AS at FROM (
                    SELECT tag, submitted, endpoint, account FROM task WHERE n > (SELECT MAX(n) FROM task) - $rows
                    UNION ALL SELECT tag, submitted, endpoint, account FROM spend WHERE rowid > (SELECT MAX(rowid) FROM spend) - $rows)
                WHERE tag IS NOT NULL AND endpoint = $endpoint AND account = $account GROUP BY tag ORDER BY at DESC, tag
                """,
                row => (row.Text("tag")!, row.Time("at")!.Value),
                ("endpoint", scope.Endpoint), ("account", scope.Account), ("rows", mostRows ?? long.MaxValue)),
            cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(
        JournalScope scope, SpendQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var spend in await ReadAsync(db => Spend(db, scope, query), cancellationToken).ConfigureAwait(false))
        {
            yield return spend;
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _isClosed, true);
        Interlocked.Exchange(ref _idle, null)?.Dispose();
    }

    // SQLite reads on the thread that asks. A read that takes too long goes on without its caller.
    private Task<T> ReadAsync<T>(Func<Database, T> read, CancellationToken cancellationToken) =>
        Task.Run(() => Use(read), cancellationToken).WaitAsync(cancellationToken);

    private T Use<T>(Func<Database, T> read)
    {
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosed), this);
            var db = Interlocked.Exchange(ref _idle, null) ?? new Database(_connect());
            try
            {
                return read(db);
            }
            finally
            {
                GiveBack(db);
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw SqliteJournalProvider.Failure(_path, e);
        }
    }

    private void GiveBack(Database db)
    {
        if (Interlocked.CompareExchange(ref _idle, db, null) is not null)
        {
            db.Dispose();
        }
        else if (Volatile.Read(ref _isClosed))
        {
            Dispose(); // closed just now
        }
    }

    private static List<long> Numbers(Database db, JournalScope scope, TaskQuery query)
    {
        var sql = new StringBuilder("SELECT n FROM task WHERE endpoint = $endpoint AND account = $account");
        var parameters = new List<(string Name, object? Value)> { ("endpoint", scope.Endpoint), ("account", scope.Account) };
        if (query.TaskUuids is { } ids)
        {
            Where("id IN (SELECT value FROM json_each($ids))", "ids", Json([.. ids.Select(id => Sql.Key(scope, id))]));
        }

        if (query.IdBeginning is { Length: > 0 } beginning)
        {
            Where("id >= $from AND id < $from || 'z'", "from", beginning);
        }

        if (query.Tags is { } tags)
        {
            Where("tag IN (SELECT value FROM json_each($tags))", "tags", Json([.. tags]));
        }

        if (query.IsPending)
        {
            sql.Append(" AND status NOT IN " + Ended);
        }

        if (query.OpenSince is { } since)
        {
            Where($"(status NOT IN {Ended} OR (completed > $since AND EXISTS ("
                + $"SELECT 1 FROM output WHERE task = n AND path IS NULL AND kind IN ({s_media}))))", "since", Sql.Time(since));
        }

        if (query.Newest is { } most)
        {
            parameters.Add(("most", most));
        }

        // The plus keeps SQLite from walking all rows by their numbers if few have such an ID.
        var isById = query.TaskUuids is not null || query.IdBeginning is { Length: > 0 };
        sql.Append(query.Newest is null ? " ORDER BY submitted, input_index, id" : $" ORDER BY {(isById ? "+n" : "n")} DESC LIMIT $most");
        return db.Query(sql.ToString(), row => row.GetInt64(0), [.. parameters]);

        void Where(string condition, string name, object value)
        {
            sql.Append(" AND ").Append(condition);
            parameters.Add((name, value));
        }
    }

    private static IReadOnlyList<JournalTask> Page(Database db, long[] numbers) => db.Read(() =>
    {
        var page = ("page", (object?)JsonSerializer.Serialize(numbers, RowJson.Default.Int64Array));
        var tasks = db.Query($"SELECT * FROM task WHERE n IN {OfPage}", r => (Number: r.Number("n")!.Value, Task: Row.Task(r)), page)
            .ToDictionary(r => r.Number, r => r.Task);
        var outputs = db.Query(
            $"SELECT * FROM output WHERE task IN {OfPage} ORDER BY task, position", r => (r.Number("task")!.Value, Row.Output(r)), page);
        foreach (var (number, output) in outputs)
        {
            var task = tasks[number];
            output.TaskUuid = task.TaskUuid;
            task.Metadata.ApplyTo(output);
            task.Outputs.Add(output);
        }

        foreach (var (number, failure) in db.Query($"SELECT * FROM failure WHERE task IN {OfPage} ORDER BY task, position",
            r => (r.Number("task")!.Value, Row.Failure(r)), page))
        {
            tasks[number].Failures.Add(failure);
        }

        return numbers.Where(tasks.ContainsKey).Select(n => tasks[n]).ToList(); // one that was removed meanwhile is left out
    });

    // An ID is bought once: a task that was removed and is found again under its ID is the same purchase.
    private static List<RunwareSpend> Spend(Database db, JournalScope scope, SpendQuery query) => db.Query(
        """
        SELECT id, MIN(submitted) AS submitted, MAX(model) AS model, MAX(tag) AS tag, MAX(images) AS images, MAX(reserved) AS reserved,
            MAX(cost) AS cost FROM (
            SELECT id, submitted, model, tag, images, reserved, cost FROM task
            WHERE endpoint = $endpoint AND account = $account AND images > 0
            UNION ALL SELECT id, submitted, model, tag, images, reserved, cost FROM spend WHERE endpoint = $endpoint AND account = $account)
        GROUP BY id HAVING ($since IS NULL OR MIN(submitted) >= $since) AND ($until IS NULL OR MIN(submitted) < $until)
            AND ($tags IS NULL OR MAX(tag) IN (SELECT value FROM json_each($tags)))
        ORDER BY submitted, id
        """,
        Row.Spend,
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("since", query.Since is { } s ? Sql.Time(s) : null),
        ("until", query.Until is { } u ? Sql.Time(u) : null), ("tags", query.Tags is { } tags ? Json([.. tags]) : null));

    private static string Json(string[] values) => JsonSerializer.Serialize(values, RowJson.Default.StringArray);
}
