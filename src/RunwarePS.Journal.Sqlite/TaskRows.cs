using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The statements that change the tasks of a scope. Each runs within a transaction of the writer.</summary>
/// <param name="scope">The number of the scope.</param>
/// <param name="owner">This process, as an owner of tasks.</param>
internal sealed class TaskRows(long scope, string owner)
{
    public const long FirstFence = 1;

    private static readonly string s_media = string.Join(", ", JournalOutput.MediaKinds.Select(kind => $"'{kind}'"));

    private static readonly string s_countUnsaved = $"""
        UPDATE task SET unsaved = (SELECT COUNT(*) FROM output WHERE task = $n AND path IS NULL AND kind IN ({s_media})) WHERE n = $n
        """;

    /// <summary>A new row's number; null where the ID is there already.</summary>
    public long? Insert(Database db, JournalTask task, int media, long fence)
    {
        var number = (long?)db.Scalar(
            """
            INSERT INTO task (scope, uuid, status, type, model, tag, expected, request_hash, request, media, owner, lease, fence,
                submitted, reserved, charge, metadata)
            VALUES ($scope, $uuid, $status, $type, $model, $tag, $expected, $hash, $request, $media, $owner, $lease, $fence,
                $submitted, $reserved, COALESCE($reserved, 0), $metadata)
            ON CONFLICT (scope, uuid) DO NOTHING RETURNING n
            """,
            ("scope", scope), ("uuid", Sql.Id(task.TaskUuid)), ("status", task.Status), ("type", task.TaskType),
            ("model", task.Metadata.Model), ("tag", task.Metadata.Tag), ("expected", task.Expected),
            ("hash", task.Metadata.RequestHash), ("request", task.Request), ("media", media), ("owner", owner), ("lease", Lease()),
            ("fence", fence), ("submitted", Sql.Time(task.SubmittedAt)), ("reserved", StoredMoney.Of(task.Reserved)),
            ("metadata", RowJson.Write(json => task.Metadata.WriteTo(json))));
        if (number is not null && task.Metadata.Tag is { } tag)
        {
            db.Execute(
                """
                INSERT INTO tag (scope, tag, at) VALUES ($scope, $tag, $at)
                ON CONFLICT (scope, tag) DO UPDATE SET at = MAX(at, excluded.at)
                """,
                ("scope", scope), ("tag", tag), ("at", Sql.Time(task.SubmittedAt)));
        }

        return number;
    }

    public static void AddMedia(Database db, long number, IReadOnlyDictionary<string, Func<byte[]>> media)
    {
        foreach (var (name, content) in media)
        {
            if (db.Scalar("SELECT 1 FROM media WHERE name = $name", ("name", name)) is null)
            {
                db.Execute("INSERT INTO media (name, bytes) VALUES ($name, $bytes)", ("name", name), ("bytes", content()));
            }

            db.Execute("INSERT INTO task_media (task, name) VALUES ($n, $name)", ("n", number), ("name", name));
        }
    }

    /// <summary>What a scope was charged on the UTC day of a moment, or may yet be, in USD.</summary>
    public decimal BookedOn(Database db, DateTime at) => StoredMoney.ToUsd((long?)db.Scalar(
        "SELECT charge FROM day WHERE scope = $scope AND day = $at / 86400000", ("scope", scope), ("at", Sql.Time(at))) ?? 0);

    /// <summary>Undoes what was inserted just now.</summary>
    public static void Cancel(Database db, long number)
    {
        db.Execute("UPDATE task SET charge = 0 WHERE n = $n", ("n", number));
        db.Execute("DELETE FROM task WHERE n = $n", ("n", number));
    }

    public FoundRow? Find(Database db, Guid taskUuid) => db.Query(
        "SELECT n, status, completed, request_hash, owner, lease, fence FROM task WHERE scope = $scope AND uuid = $uuid",
        row => new FoundRow(row.GetInt64(0), row.GetString(1), !row.IsDBNull(2), row.Text("request_hash"), row.Text("owner"),
            row.Time("lease")!.Value, row.GetInt64(6)),
        Id(taskUuid)).FirstOrDefault();

    public bool IsHeldByMe(Database db, TaskLease lease) => db.Scalar(
        "SELECT 1 FROM task WHERE scope = $scope AND uuid = $uuid AND owner = $owner AND fence = $fence",
        [.. Id(lease.TaskUuid), ("owner", owner), ("fence", lease.Fence)]) is not null;

    /// <summary>Makes this process the owner.</summary>
    /// <returns>The new fence.</returns>
    public long Own(Database db, Guid taskUuid) => (long)db.Scalar(
        "UPDATE task SET owner = $owner, lease = $lease, fence = fence + 1 WHERE scope = $scope AND uuid = $uuid RETURNING fence",
        [.. Id(taskUuid), ("owner", owner), ("lease", Lease())])!;

    /// <summary>Renews leases, and gives the tasks for which this process still had them.</summary>
    public static HashSet<(long Scope, Guid TaskUuid)> Renew(
        Database db, string owner, IReadOnlyList<KeyValuePair<(long Scope, Guid TaskUuid), long>> held)
    {
        string[] rows = [.. held.Select(h => FormattableString.Invariant($"{h.Key.Scope}|{h.Key.TaskUuid:D}|{h.Value}"))];
        return [.. db.Query(
            """
            UPDATE task SET lease = $lease
            WHERE n IN (
                SELECT t.n FROM json_each($rows) JOIN task AS t
                ON t.scope = CAST(substr(value, 1, instr(value, '|') - 1) AS INTEGER)
                    AND t.uuid = substr(value, instr(value, '|') + 1, 36)
                    AND t.fence = CAST(substr(value, instr(value, '|') + 38) AS INTEGER))
            AND owner = $owner AND completed IS NULL
            RETURNING scope, uuid
            """,
            row => (row.GetInt64(0), Guid.ParseExact(row.GetString(1), "D")),
            ("lease", Lease()), ("rows", JsonSerializer.Serialize(rows, RowJson.Default.StringArray)), ("owner", owner))];
    }

    public bool Accept(Database db, TaskLease lease, bool isWaitedFor)
    {
        var tasks = db.Query(
            """
            UPDATE task SET status = iif(status = 'Pending', 'Submitted', status), request = NULL,
                owner = iif(fence = $fence AND NOT $waits, NULL, owner), lease = iif(fence = $fence, $lease, lease)
            WHERE scope = $scope AND uuid = $uuid
            RETURNING n, media
            """,
            ReadNumber,
            [.. Id(lease.TaskUuid), ("fence", lease.Fence), ("waits", isWaitedFor ? 1L : 0L), ("lease", Lease())]);
        tasks.ForEach(task => DropMedia(db, task));
        return tasks.Count > 0;
    }

    public int Release(Database db, TaskLease lease) => db.Execute(
        "UPDATE task SET owner = NULL WHERE scope = $scope AND uuid = $uuid AND owner = $owner AND fence = $fence",
        [.. Id(lease.TaskUuid), ("owner", owner), ("fence", lease.Fence)]);

    /// <summary>Records how a task ended. One that ended before isn't changed by an end with fewer results.</summary>
    /// <returns>False if there is no such task.</returns>
    public bool Settle(Database db, Guid taskUuid, EndRow end)
    {
        if (Update(again: false) is not [var task])
        {
            if (Update(again: true) is not [var known])
            {
                return db.Execute("UPDATE task SET owner = NULL WHERE scope = $scope AND uuid = $uuid", Id(taskUuid)) > 0;
            }

            task = known;
            db.Execute("DELETE FROM failure WHERE task = $n", ("n", task.Number));
        }

        DropMedia(db, task);
        foreach (var output in end.Outputs)
        {
            // Returned again, an output keeps the path where it was saved, in whatever order it comes.
            db.Execute(
                """
                INSERT INTO output (task, name, position, kind, uuid, url, cost, created, data)
                VALUES ($n, $name, $position, $kind, $uuid, $url, $cost, $created, $data)
                ON CONFLICT (task, name) DO UPDATE SET position = $position, url = $url, cost = $cost, data = $data
                """,
                [("n", task.Number), .. output]);
        }

        for (var i = 0; i < end.Failures.Length; i++)
        {
            db.Execute(
                """
                INSERT INTO failure (task, position, code, category, message, parameter, details)
                VALUES ($n, $position, $code, $category, $message, $parameter, $details)
                """,
                [("n", task.Number), ("position", i), .. end.Failures[i]]);
        }

        if (end.Outputs.Length > 0)
        {
            db.Execute(s_countUnsaved, ("n", task.Number));
            db.Execute(
                """
                UPDATE spend SET submitted = MIN(submitted, (SELECT submitted FROM task WHERE n = $n))
                WHERE scope = $scope AND uuid = $uuid
                """,
                [("n", task.Number), .. Id(taskUuid)]);
        }

        return true;

        List<(long Number, long Media)> Update(bool again) => db.Query(
            """
            UPDATE task SET status = $status, completed = $at, request = NULL, owner = NULL, outputs = $outputs,
                cost = iif($outputs > outputs, $cost, COALESCE($cost, cost)),
                charge = iif($outputs = 0, 0, COALESCE($cost, iif($outputs > outputs, NULL, cost), reserved, 0))
            WHERE scope = $scope AND uuid = $uuid AND outputs <= $outputs AND ($again OR completed IS NULL) RETURNING n, media
            """,
            ReadNumber,
            [.. Id(taskUuid), ("status", end.Status), ("at", end.At), ("outputs", end.Outputs.Length), ("cost", end.Cost),
                ("again", again ? 1L : 0L)]);
    }

    public bool Save(Database db, Guid taskUuid, string name, string path)
    {
        if (Find(db, taskUuid) is not { } row)
        {
            return false;
        }

        db.Execute("UPDATE output SET path = $path WHERE task = $n AND name = $name", ("path", path), ("n", row.Number), ("name", name));
        db.Execute(s_countUnsaved, ("n", row.Number));
        return true;
    }

    public KeptRequest? Request(Database db, Guid taskUuid) =>
        db.Scalar("SELECT request FROM task WHERE scope = $scope AND uuid = $uuid", Id(taskUuid)) is byte[] request
            ? new KeptRequest(request, db.Query(
                """
                SELECT name, bytes FROM media WHERE name IN (
                    SELECT name FROM task_media WHERE task = (SELECT n FROM task WHERE scope = $scope AND uuid = $uuid))
                """,
                row => (Name: row.GetString(0), Bytes: (byte[])row.GetValue(1)),
                Id(taskUuid)).ToDictionary(m => m.Name, m => m.Bytes, StringComparer.Ordinal))
            : null;

    /// <summary>Deletes a task. What it cost stays in the ledger: an ID is bought once, however often it is removed and found again.</summary>
    public static void Forget(Database db, long number)
    {
        db.Execute(
            """
            INSERT INTO spend (scope, uuid, submitted, model, tag, outputs, reserved, cost)
            SELECT scope, uuid, submitted, model, tag, outputs, reserved, cost FROM task WHERE n = $n AND outputs > 0
            ON CONFLICT (scope, uuid) DO UPDATE SET submitted = MIN(submitted, excluded.submitted),
                outputs = MAX(outputs, excluded.outputs), cost = MAX(COALESCE(cost, excluded.cost), COALESCE(excluded.cost, cost))
            """,
            ("n", number));
        DropMedia(db, (number, 1));
        db.Execute("DELETE FROM output WHERE task = $n", ("n", number));
        db.Execute("DELETE FROM failure WHERE task = $n", ("n", number));
        db.Execute("DELETE FROM task WHERE n = $n", ("n", number));
    }

    // A medium goes when the last request that has it goes.
    private static void DropMedia(Database db, (long Number, long Media) task)
    {
        if (task.Media == 0)
        {
            return;
        }

        foreach (var name in db.Query("DELETE FROM task_media WHERE task = $n RETURNING name", r => r.GetString(0), ("n", task.Number)))
        {
            db.Execute("DELETE FROM media WHERE name = $name AND NOT EXISTS (SELECT 1 FROM task_media WHERE name = $name)", ("name", name));
        }
    }

    private (string Name, object? Value)[] Id(Guid taskUuid) => [("scope", scope), ("uuid", Sql.Id(taskUuid))];

    private static long Lease() => Sql.Time(DateTime.UtcNow + Owner.Lease);

    private static (long Number, long Media) ReadNumber(SqliteDataReader row) => (row.GetInt64(0), row.GetInt64(1));
}

/// <summary>What is asked of a row before it is changed.</summary>
internal sealed record FoundRow(long Number, string Status, bool HasEnded, string? RequestHash, string? Owner, DateTime Lease, long Fence)
{
    public bool IsForAnother(JournalTask task) => RequestHash is not null && RequestHash != task.Metadata.RequestHash;
}

/// <summary>How a task ended, read at once: by the time it is written, on another thread, the outputs are their user's.</summary>
internal sealed class EndRow(TaskEnd end)
{
    public string Status { get; } = end.Status;

    public long At { get; } = Sql.Time(end.At);

    public long? Cost { get; } = StoredMoney.Of(end.Cost);

    public (string Name, object? Value)[][] Outputs { get; } =
    [
        .. end.Outputs.Select(output => new (string, object?)[]
        {
            ("name", JournalOutput.NameOf(output)), ("position", output.Index), ("kind", JournalOutput.KindOf(output)),
            ("uuid", (output as RunwareMedia)?.Uuid.ToString("D")), ("url", (output as RunwareMedia)?.Url?.OriginalString),
            ("cost", StoredMoney.Of(output.Cost)), ("created", Sql.Time(output.CreatedAt ?? end.At)), ("data", JournalOutput.ToJson(output)),
        }),
    ];

    public (string Name, object? Value)[][] Failures { get; } =
    [
        .. end.Failures.Select(failure => new (string, object?)[]
        {
            ("code", failure.Code), ("category", failure.Category), ("message", failure.Message), ("parameter", failure.Parameter),
            ("details", FailureDetails.ToJson(failure)),
        }),
    ];
}
