using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>Reads a journal through connections of its own, so that no read waits for a write.</summary>
internal sealed class SqliteReader : IReadOnlyJournal
{
    private const int FirstPageSize = 50;
    private const int PageGrowth = 4;
    private const int PageSize = 1000;

    private const string OfPage = "(SELECT value FROM json_each($page))";

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

    /// <summary>The number of a scope; null if the journal doesn't have it.</summary>
    public Task<long?> ScopeAsync(JournalScope scope, CancellationToken cancellationToken) => ReadAsync(
        db => (long?)db.Scalar("SELECT n FROM scope WHERE endpoint = $endpoint AND account = $account",
            ("endpoint", scope.Endpoint), ("account", scope.Account)),
        cancellationToken);

    public async Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken) =>
        await ScopeAsync(scope, cancellationToken).ConfigureAwait(false) is { } number ? new ScopeReader(this, number) : null;

    public Task<JournalInfo> InfoAsync(CancellationToken cancellationToken) => ReadAsync(
        db => new JournalInfo
        {
            SchemaVersion = (int)(long)db.Scalar("PRAGMA user_version")!,
            Size = new[] { _path, _path + "-wal" }.Where(File.Exists).Sum(file => new FileInfo(file).Length),
            Tasks = (long)db.Scalar("SELECT COUNT(*) FROM task")!,
        },
        cancellationToken);

    /// <summary>Streams tasks, page by page, so that nothing is locked while they are used.</summary>
    public async IAsyncEnumerable<JournalTask> QueryAsync(
        long scope, TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = new TaskSelection(scope, query);
        await foreach (var page in PagesAsync<RowPosition>((db, after, most) => selection.Numbers(db, after, most), query.Newest, cancellationToken)
            .ConfigureAwait(false))
        {
            foreach (var task in await ReadAsync(db => Page(db, [.. page.Select(row => row.Number)]), cancellationToken)
                .ConfigureAwait(false))
            {
                yield return task;
            }
        }
    }

    public Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(long scope, int? most, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<(string Tag, DateTime At)>>(
            db => db.Query(
                "SELECT tag, at FROM tag WHERE scope = $scope ORDER BY at DESC, tag LIMIT $most",
                row => (row.GetString(0), row.Time("at")!.Value), ("scope", scope), ("most", most ?? -1)),
            cancellationToken);

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(
        long scope, SpendQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync<RunwareSpend>((db, after, most) => Spend(db, scope, query, after, most), most: null,
            cancellationToken).ConfigureAwait(false))
        {
            foreach (var spend in page)
            {
                yield return spend;
            }
        }
    }

    /// <summary>
    /// Reads rows in pages. The first ones are small, so that the first row arrives soon, and few rows are read in vain if the reader stops.
    /// </summary>
    private async IAsyncEnumerable<List<T>> PagesAsync<T>(
        Func<Database, T?, int, List<T>> read, int? most, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        T? last = null;
        var left = most ?? int.MaxValue;
        for (var size = FirstPageSize; left > 0; size = Math.Min(size * PageGrowth, PageSize))
        {
            var (after, wanted) = (last, Math.Min(size, left));
            var page = await ReadAsync(db => read(db, after, wanted), cancellationToken).ConfigureAwait(false);
            if (page.Count > 0)
            {
                yield return page;
            }

            if (page.Count < wanted)
            {
                yield break;
            }

            (last, left) = (page[^1], left - page.Count);
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

    private static List<RunwareSpend> Spend(Database db, long scope, SpendQuery query, RunwareSpend? after, int most) => db.Query(
        """
        SELECT * FROM ledger
        WHERE scope = $scope AND submitted >= $since AND submitted < $until
            AND ($tags IS NULL OR tag IN (SELECT value FROM json_each($tags))) AND (submitted > $since OR uuid > $uuid)
        ORDER BY submitted, uuid LIMIT $most
        """,
        Row.Spend,
        ("scope", scope), ("since", after is not null ? Sql.Time(after.At) : query.Since is { } since ? Sql.Time(since) : 0), ("uuid", after is null ? "" : Sql.Id(after.TaskUuid)),
        ("until", query.Until is { } until ? Sql.Time(until) : long.MaxValue), ("most", most),
        ("tags", query.Tags is { } tags ? JsonSerializer.Serialize([.. tags], RowJson.Default.StringArray) : null));

    /// <summary>The rows of one endpoint and account.</summary>
    private sealed class ScopeReader(SqliteReader reader, long scope) : IJournalReader
    {
        public IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, CancellationToken cancellationToken) =>
            reader.QueryAsync(scope, query, cancellationToken);

        public Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? most, CancellationToken cancellationToken) =>
            reader.TagsAsync(scope, most, cancellationToken);
    }
}
