using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>A journal in one SQLite file, shared by the processes of a machine.</summary>
internal sealed class SqliteJournal : ITaskJournal
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(10);

    private readonly JournalWriter _writer;

    public SqliteJournal(SqliteConnection connection, string path)
    {
        Salt = (byte[])connection.Scalar("SELECT value FROM meta WHERE name = 'salt'")!;
        _writer = new JournalWriter(connection, path);
    }

    public byte[] Salt { get; }

    public Task<BeginOutcome> BeginAsync(JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> pictures, decimal? dailyCap) =>
        _writer.DoAsync(db =>
        {
            var id = Sql.Key(scope, task.TaskUuid);
            var (status, hash) = db.Query("SELECT status, request_hash FROM task WHERE id = $id", r => (r.Text("status"), r.Text("request_hash")), ("id", id)).FirstOrDefault();
            if (hash is not null && hash != task.Facts.RequestHash)
            {
                return new BeginOutcome(BeginResult.OfAnother, 0);
            }

            if (status is not null and not RunwareTaskStatus.Failed)
            {
                db.Execute("UPDATE task SET owner = $owner, lease = $lease WHERE id = $id", ("owner", Owner.Me), ("lease", Lease()), ("id", id));
                return new BeginOutcome(BeginResult.Held, 0);
            }

            var booked = dailyCap is null ? 0 : BookedOn(db, scope, task.SubmittedAt.Date);
            if (dailyCap is { } cap && booked + (task.Reserved ?? 0) > cap)
            {
                return new BeginOutcome(BeginResult.OverBudget, booked);
            }

            if (status is not null)
            {
                Forget(db, id); // it failed before and cost nothing: it begins anew under its id
            }

            Insert(db, scope, task, id);
            foreach (var (content, bytes) in pictures)
            {
                if (db.Scalar("SELECT 1 FROM picture WHERE hash = $hash", ("hash", content)) is null)
                {
                    db.Execute("INSERT INTO picture (hash, bytes) VALUES ($hash, $bytes)", ("hash", content), ("bytes", bytes.ToArray()));
                }

                db.Execute("INSERT OR IGNORE INTO task_picture (task, hash) VALUES ($id, $hash)", ("id", id), ("hash", content));
            }

            db.Execute(
                "INSERT OR IGNORE INTO spend (task, endpoint, account, at, model, tag, images, reserved, settled) VALUES ($id, $endpoint, $account, $at, $model, $tag, 0, $reserved, 0)",
                ("id", id), ("endpoint", scope.Endpoint), ("account", scope.Account), ("at", Sql.Time(task.SubmittedAt)), ("model", task.Facts.Model), ("tag", task.Facts.Tag),
                ("reserved", Sql.Money(task.Reserved)));
            return new BeginOutcome(BeginResult.Booked, booked);
        });

    public Task AcceptedAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
    {
        db.Execute("UPDATE task SET status = $status, lease = $lease WHERE id = $id AND status = 'Pending'",
            ("status", RunwareTaskStatus.Submitted), ("lease", Lease()), ("id", Sql.Key(scope, taskUuid)));
        DropRequest(db, Sql.Key(scope, taskUuid));
        return true;
    });

    public Task EndedAsync(JournalScope scope, Guid taskUuid, string status, IReadOnlyList<RunwareImage> images, IReadOnlyList<RunwareFailure> failures, DateTime at) =>
        _writer.DoAsync(db =>
        {
            var id = Sql.Key(scope, taskUuid);
            if (db.Execute("UPDATE task SET status = $status, completed = $at WHERE id = $id", ("status", status), ("at", Sql.Time(at)), ("id", id)) == 0)
            {
                return false;
            }

            DropRequest(db, id);
            db.Execute("DELETE FROM failure WHERE task = $id", ("id", id));
            foreach (var image in images)
            {
                // Told again, a picture keeps the path where it was saved, in whatever order it comes.
                db.Execute(
                    """
                    INSERT INTO image (task, name, position, uuid, url, cost, seed, nsfw, created) VALUES ($id, $name, $position, $uuid, $url, $cost, $seed, $nsfw, $created)
                    ON CONFLICT (task, name) DO UPDATE SET position = $position, url = $url, cost = $cost
                    """,
                    ("id", id), ("name", Name(image)), ("position", image.Index), ("uuid", image.ImageUuid.ToString("D")), ("url", image.ImageUrl?.OriginalString), ("cost", Sql.Money(image.Cost)),
                    ("seed", image.Seed), ("nsfw", image.NsfwContent is { } nsfw ? nsfw ? 1L : 0L : null), ("created", Sql.Time(image.CreatedAt)));
            }

            for (var i = 0; i < failures.Count; i++)
            {
                db.Execute("INSERT OR REPLACE INTO failure (task, position, code, category, message, parameter) VALUES ($id, $position, $code, $category, $message, $parameter)",
                    ("id", id), ("position", i), ("code", failures[i].Code), ("category", failures[i].Category), ("message", failures[i].Message), ("parameter", failures[i].Parameter));
            }

            Settle(db, id, images);
            return true;
        });

    public Task ReleasedAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
        db.Execute("UPDATE task SET owner = NULL WHERE id = $id AND owner = $owner", ("id", Sql.Key(scope, taskUuid)), ("owner", Owner.Me)));

    public Task<bool> ClaimAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
    {
        var id = Sql.Key(scope, taskUuid);
        var owners = db.Query("SELECT owner, lease FROM task WHERE id = $id", r => Owner.IsAlive(r.Text("owner"), r.Time("lease")!.Value), ("id", id));
        return owners is [false] && db.Execute("UPDATE task SET owner = $owner, lease = $lease WHERE id = $id", ("owner", Owner.Me), ("lease", Lease()), ("id", id)) > 0;
    });

    public Task SavedAsync(JournalScope scope, RunwareImage image, string path) => _writer.DoAsync(db =>
        db.Execute("UPDATE image SET path = $path WHERE task = $id AND name = $name", ("path", path), ("id", Sql.Key(scope, image.TaskUuid)), ("name", Name(image))));

    public Task<IReadOnlyList<JournalTask>> ListAsync(JournalScope scope, IReadOnlyCollection<Guid>? taskUuids) => _writer.DoAsync(db =>
    {
        // Two texts: a condition that may or may not hold keeps SQLite from using either index.
        var where = taskUuids is null ? "endpoint = $endpoint AND account = $account" : "id IN (SELECT value FROM json_each($ids))";
        (string, object?)[] filter = taskUuids is null
            ? [("endpoint", scope.Endpoint), ("account", scope.Account)]
            : [("ids", JsonSerializer.Serialize(taskUuids.Select(id => Sql.Key(scope, id)).ToArray(), JournalJson.Default.StringArray))];
        var tasks = db.Query($"SELECT * FROM task WHERE {where} ORDER BY submitted, input_index, id", ReadTask, filter);
        var byId = tasks.ToDictionary(t => t.TaskUuid);
        foreach (var image in db.Query($"SELECT * FROM image WHERE task IN (SELECT id FROM task WHERE {where}) ORDER BY task, position", ReadImage, filter))
        {
            var task = byId[image.TaskUuid];
            task.Facts.WriteOnto(image);
            task.Images.Add(image);
        }

        foreach (var (id, failure) in db.Query($"SELECT * FROM failure WHERE task IN (SELECT id FROM task WHERE {where}) ORDER BY task, position", ReadFailure, filter))
        {
            byId[id].Failures.Add(failure);
        }

        return (IReadOnlyList<JournalTask>)tasks;
    });

    public Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Pictures)?> RequestAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
    {
        var id = Sql.Key(scope, taskUuid);
        if (db.Scalar("SELECT request FROM task WHERE id = $id", ("id", id)) is not byte[] request)
        {
            return ((byte[], IReadOnlyDictionary<string, byte[]>)?)null;
        }

        var pictures = db.Query("SELECT p.hash, p.bytes FROM picture p JOIN task_picture t ON t.hash = p.hash WHERE t.task = $id",
            r => (Hash: r.GetString(0), Bytes: (byte[])r.GetValue(1)), ("id", id));
        return (request, pictures.ToDictionary(p => p.Hash, p => p.Bytes, StringComparer.Ordinal));
    });

    public Task RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> taskUuids) => _writer.DoAsync(db =>
    {
        foreach (var taskUuid in taskUuids)
        {
            Forget(db, Sql.Key(scope, taskUuid));
        }

        return true;
    });

    public Task<IReadOnlyList<RunwareSpend>> SpendAsync(JournalScope scope, DateTime? since, DateTime? until) => _writer.DoAsync(db =>
        (IReadOnlyList<RunwareSpend>)db.Query(
            """
            SELECT * FROM spend WHERE endpoint = $endpoint AND account = $account AND settled = 1
                AND ($since IS NULL OR at >= $since) AND ($until IS NULL OR at < $until)
            ORDER BY at, task
            """,
            r => new RunwareSpend
            {
                TaskUuid = Sql.TaskUuid(r.Text("task")!),
                At = r.Time("at")!.Value,
                Model = r.Text("model"),
                Tag = r.Text("tag"),
                Count = (int)r.Number("images")!,
                Cost = r.Money("cost"),
                Reserved = r.Money("reserved"),
            },
            ("endpoint", scope.Endpoint), ("account", scope.Account), ("since", since is { } s ? Sql.Time(s) : null), ("until", until is { } u ? Sql.Time(u) : null)));

    public Task FlushAsync() => _writer.DoAsync(_ => true);

    public void Dispose() => _writer.Dispose();

    // Charged: what it cost, or where that is not known what was set aside. Not ended: what was set aside.
    private static decimal BookedOn(SqliteConnection db, JournalScope scope, DateTime day) => Sql.ToUsd((long)db.Scalar(
        "SELECT COALESCE(SUM(COALESCE(cost, reserved, 0)), 0) FROM spend WHERE endpoint = $endpoint AND account = $account AND at >= $from AND at < $to",
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("from", Sql.Time(day)), ("to", Sql.Time(day.AddDays(1))))!);

    private static void Insert(SqliteConnection db, JournalScope scope, JournalTask task, string id) => db.Execute(
        """
        INSERT INTO task (id, endpoint, account, status, type, model, prompt, tag, expected, width, height, format, quality, background, input_index, request_hash, request, owner, lease, submitted)
        VALUES ($id, $endpoint, $account, $status, $type, $model, $prompt, $tag, $expected, $width, $height, $format, $quality, $background, $index, $hash, $request, $owner, $lease, $submitted)
        """,
        ("id", id), ("endpoint", scope.Endpoint), ("account", scope.Account), ("status", task.Status), ("type", task.TaskType), ("model", task.Facts.Model), ("prompt", task.Facts.Prompt),
        ("tag", task.Facts.Tag), ("expected", task.Expected), ("width", task.Facts.Width), ("height", task.Facts.Height), ("format", task.Facts.OutputFormat),
        ("quality", task.Facts.Quality), ("background", task.Facts.Background), ("index", task.Facts.InputIndex), ("hash", task.Facts.RequestHash), ("request", task.Request),
        ("owner", Owner.Me), ("lease", Lease()), ("submitted", Sql.Time(task.SubmittedAt)));

    /// <summary>A picture within its task: by its id, or where it has none by its place.</summary>
    private static string Name(RunwareImage image) =>
        image.ImageUuid != Guid.Empty ? image.ImageUuid.ToString("D") : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"#{image.Index}");

    private static void Forget(SqliteConnection db, string id)
    {
        DropPictures(db, id);
        db.Execute("DELETE FROM task WHERE id = $id; DELETE FROM image WHERE task = $id; DELETE FROM failure WHERE task = $id;", ("id", id));
    }

    private static void Settle(SqliteConnection db, string id, IReadOnlyList<RunwareImage> images)
    {
        if (images.Count == 0)
        {
            db.Execute("DELETE FROM spend WHERE task = $id AND settled = 0", ("id", id)); // failures are not charged
            return;
        }

        decimal? cost = images.All(i => i.Cost is not null) ? images.Sum(i => i.Cost!.Value) : null;
        db.Execute("UPDATE spend SET images = $images, cost = $cost, settled = 1 WHERE task = $id", ("images", images.Count), ("cost", Sql.Money(cost)), ("id", id));
    }

    private static void DropRequest(SqliteConnection db, string id)
    {
        db.Execute("UPDATE task SET request = NULL WHERE id = $id AND request IS NOT NULL", ("id", id));
        DropPictures(db, id);
    }

    // A picture goes when the last request that holds it goes.
    private static void DropPictures(SqliteConnection db, string id)
    {
        var hashes = db.Query("SELECT hash FROM task_picture WHERE task = $id", r => r.GetString(0), ("id", id));
        if (hashes.Count == 0)
        {
            return;
        }

        db.Execute("DELETE FROM task_picture WHERE task = $id", ("id", id));
        foreach (var hash in hashes)
        {
            db.Execute("DELETE FROM picture WHERE hash = $hash AND NOT EXISTS (SELECT 1 FROM task_picture WHERE hash = $hash)", ("hash", hash));
        }
    }

    private static long Lease() => Sql.Time(DateTime.UtcNow + s_lease);

    private static JournalTask ReadTask(SqliteDataReader row) => new()
    {
        TaskUuid = Sql.TaskUuid(row.Text("id")!),
        Status = row.Text("status")!,
        TaskType = row.Text("type"),
        Facts = new ImageFacts
        {
            Model = row.Text("model"),
            Prompt = row.Text("prompt"),
            Tag = row.Text("tag"),
            Width = (int?)row.Number("width"),
            Height = (int?)row.Number("height"),
            OutputFormat = row.Text("format"),
            Quality = row.Text("quality"),
            Background = row.Text("background"),
            InputIndex = (int?)row.Number("input_index"),
            RequestHash = row.Text("request_hash"),
        },
        Expected = (int)row.Number("expected")!,
        SubmittedAt = row.Time("submitted")!.Value,
        CompletedAt = row.Time("completed"),
        IsOwned = Owner.IsAlive(row.Text("owner"), row.Time("lease")!.Value),
    };

    private static RunwareImage ReadImage(SqliteDataReader row) => new()
    {
        TaskUuid = Sql.TaskUuid(row.Text("task")!),
        ImageUuid = row.Guid("uuid"),
        ImageUrl = Uri.TryCreate(row.Text("url"), UriKind.Absolute, out var url) ? url : null,
        Cost = row.Money("cost"),
        Seed = row.Number("seed"),
        NsfwContent = row.Number("nsfw") is { } nsfw ? nsfw != 0 : null,
        Index = (int)row.Number("position")!,
        CreatedAt = row.Time("created")!.Value,
        Path = row.Text("path"),
    };

    private static (Guid Task, RunwareFailure Failure) ReadFailure(SqliteDataReader row) => (Sql.TaskUuid(row.Text("task")!), new RunwareFailure
    {
        Code = row.Text("code"),
        Category = row.Text("category"),
        Message = row.Text("message"),
        Parameter = row.Text("parameter"),
    });
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class JournalJson : System.Text.Json.Serialization.JsonSerializerContext;
