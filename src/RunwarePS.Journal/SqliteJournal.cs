using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>A journal in one SQLite file, shared by the processes of a machine.</summary>
internal sealed class SqliteJournal : ITaskJournal
{
    private readonly JournalWriter _writer;
    private readonly IntentLog _intents;
    private readonly string _path;

    // Tasks of this process whose requests hold signed addresses, which are to stand nowhere once the API has them. Touched by the writer only.
    private readonly HashSet<string> _signed = new(StringComparer.Ordinal);

    public SqliteJournal(SqliteConnection connection, string path)
    {
        var db = new Database(connection);
        Salt = (byte[])db.Scalar("SELECT value FROM meta WHERE name = 'salt'")!;
        _writer = new JournalWriter(db, path);
        _intents = new IntentLog(path);
        _path = path;
        TakeOver = TakeOverAsync();
    }

    public byte[] Salt { get; }

    public Task TakeOver { get; private set; }

    public async Task<BeginOutcome> BeginAsync(
        JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> pictures, decimal? dailyCap)
    {
        if (dailyCap is not null)
        {
            await (TakeOver = TakeOverAsync(atOnce: true)).ConfigureAwait(false); // what a process had sent that has died since counts too
        }

        return await _writer.DoAsync(db =>
        {
            var id = Sql.Key(scope, task.TaskUuid);
            if (Insert(db, scope, task, id, pictures.Count, Owner.Me) is not { } number)
            {
                if (Held(db, id, task.Facts.RequestHash) is { } held)
                {
                    NoteSigned(id, task.Request);
                    return new BeginOutcome(held, 0);
                }

                Forget(db, id); // it failed before and cost nothing: it begins anew under its id
                number = Insert(db, scope, task, id, pictures.Count, Owner.Me)!.Value;
            }

            var booked = dailyCap is null ? 0 : BookedOn(db, scope, task.SubmittedAt) - (task.Reserved ?? 0);
            if (dailyCap is { } cap && booked + (task.Reserved ?? 0) > cap)
            {
                db.Execute("UPDATE task SET charge = 0 WHERE n = $n", ("n", number));
                db.Execute("DELETE FROM task WHERE n = $n", ("n", number));
                return new BeginOutcome(BeginResult.OverBudget, booked);
            }

            foreach (var (content, bytes) in pictures)
            {
                if (db.Scalar("SELECT 1 FROM picture WHERE hash = $hash", ("hash", content)) is null)
                {
                    db.Execute("INSERT INTO picture (hash, bytes) VALUES ($hash, $bytes)", ("hash", content), ("bytes", bytes.ToArray()));
                }

                db.Execute("INSERT INTO task_picture (task, hash) VALUES ($n, $hash)", ("n", number), ("hash", content));
            }

            NoteSigned(id, task.Request);
            return new BeginOutcome(BeginResult.Booked, booked);
        }).ConfigureAwait(false);
    }

    public bool TryAnnounce(JournalScope scope, JournalTask task, out Task committed)
    {
        if (IsSigned(task.Request) || !_intents.TryAdd(scope, task))
        {
            committed = Task.CompletedTask;
            return false;
        }

        committed = _writer.PostAsync(
            db => Insert(db, scope, task, Sql.Key(scope, task.TaskUuid), pictures: 0, Owner.Me),
            committed: _intents.Committed,
            lost: () => _intents.Lost(scope, task));
        return true;
    }

    public Task AcceptedAsync(JournalScope scope, Guid taskUuid, bool isWaitedFor) => _writer.PostAsync(db =>
    {
        var row = db.Query(
            """
            UPDATE task SET status = iif(status = 'Pending', 'Submitted', status), request = NULL, lease = $lease, owner = $owner WHERE id = $id
            RETURNING n, pictures
            """,
            ReadNumber, ("id", Sql.Key(scope, taskUuid)), ("lease", Lease()), ("owner", isWaitedFor ? Owner.Me : null));
        row.ForEach(task => DropPictures(db, task));
        ForgetSigned(db, Sql.Key(scope, taskUuid));
        return true;
    });

    public Task EndedAsync(
        JournalScope scope, Guid taskUuid, string status, IReadOnlyList<RunwareOutput> outputs, IReadOnlyList<RunwareFailure> failures,
        DateTime at)
    {
        // Read now: they are their user's by the time that they are written, on another thread.
        var imageRows = outputs.OfType<RunwareImage>().Select(image => ToRow(image, at)).ToArray();
        var count = outputs.Count;
        var failureRows = failures.Select(f => (f.Code, f.Category, f.Message, f.Parameter, Details: FailureDetails.ToJson(f))).ToArray();

        // Failures are not charged, and what was charged once stays so: results expire, and who asks again later is told less.
        decimal? cost = count > 0 && outputs.All(o => o.IsPart || o.Cost is not null) ? outputs.Sum(o => o.Cost ?? 0) : null;
        var id = Sql.Key(scope, taskUuid);
        return _writer.PostAsync(db =>
        {
            List<(long Number, long Pictures)> End(bool again) => db.Query(
                """
                UPDATE task SET status = $status, completed = $at, request = NULL, owner = NULL, images = $images,
                    cost = iif($images > images, $cost, COALESCE($cost, cost)),
                    charge = iif($images = 0, 0, COALESCE($cost, iif($images > images, NULL, cost), reserved, 0))
                WHERE id = $id AND images <= $images AND ($again OR completed IS NULL) RETURNING n, pictures
                """,
                ReadNumber, ("id", id), ("status", status), ("at", Sql.Time(at)), ("images", count), ("cost", Sql.Money(cost)),
                ("again", again ? 1L : 0L));

            if (End(again: false) is not [var task])
            {
                if (End(again: true) is not [var known])
                {
                    db.Execute("UPDATE task SET owner = NULL WHERE id = $id", ("id", id));
                    return false;
                }

                task = known;
                db.Execute("DELETE FROM failure WHERE task = $n", ("n", task.Number));
            }

            DropPictures(db, task);
            ForgetSigned(db, id);
            foreach (var image in imageRows)
            {
                // Told again, a picture keeps the path where it was saved, in whatever order it comes.
                db.Execute(
                    """
                    INSERT INTO image (task, name, position, uuid, url, cost, seed, nsfw, created) VALUES ($n, $name, $position, $uuid, $url, $cost, $seed, $nsfw, $created)
                    ON CONFLICT (task, name) DO UPDATE SET position = $position, url = $url, cost = $cost
                    """,
                    [("n", task.Number), .. image]);
            }

            for (var i = 0; i < failureRows.Length; i++)
            {
                var (code, category, message, parameter, details) = failureRows[i];
                db.Execute(
                    """
                    INSERT INTO failure (task, position, code, category, message, parameter, details)
                    VALUES ($n, $position, $code, $category, $message, $parameter, $details)
                    """,
                    ("n", task.Number), ("position", i), ("code", code), ("category", category), ("message", message),
                    ("parameter", parameter), ("details", details));
            }

            return true;
        });
    }

    public Task ReleasedAsync(JournalScope scope, Guid taskUuid) => _writer.PostAsync(db =>
        db.Execute("UPDATE task SET owner = NULL WHERE id = $id AND owner = $owner", ("id", Sql.Key(scope, taskUuid)), ("owner", Owner.Me)));

    public Task<bool> ClaimAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
    {
        var id = Sql.Key(scope, taskUuid);
        var owners = db.Query("SELECT owner, lease FROM task WHERE id = $id", r => Owner.IsAlive(r.Text("owner"), r.Time("lease")!.Value), ("id", id));
        return owners is [false] && db.Execute("UPDATE task SET owner = $owner, lease = $lease WHERE id = $id", ("owner", Owner.Me), ("lease", Lease()), ("id", id)) > 0;
    });

    public Task SavedAsync(JournalScope scope, RunwareImage image, string path)
    {
        var (id, name) = (Sql.Key(scope, image.TaskUuid), Name(image)); // read now: the image is its user's
        return _writer.PostAsync(db => db.Execute(
            "UPDATE image SET path = $path WHERE task = (SELECT n FROM task WHERE id = $id) AND name = $name",
            ("path", path), ("id", id), ("name", name)));
    }

    public async Task<IReadOnlyList<JournalTask>> ListAsync(JournalScope scope, IReadOnlyCollection<Guid>? taskUuids)
    {
        if (taskUuids is not null && await Look().ConfigureAwait(false) is var rows && rows.Count == taskUuids.Count)
        {
            return rows;
        }

        TakeOver = TakeOverAsync(); // what is missing may be left in the log of a process that died since this one opened the journal
        return await Look().ConfigureAwait(false);

        // Two texts: a condition that may or may not hold keeps SQLite from using either index.
        Task<IReadOnlyList<JournalTask>> Look() => _writer.DoAsync(db => taskUuids is null
            ? List(db, OfScope, OfScopeImages, OfScopeFailures, ("endpoint", scope.Endpoint), ("account", scope.Account))
            : List(db, ById, ByIdImages, ByIdFailures, ("ids", JsonSerializer.Serialize(taskUuids.Select(id => Sql.Key(scope, id)).ToArray(), JournalJson.Default.StringArray))));
    }

    public Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Pictures)?> RequestAsync(JournalScope scope, Guid taskUuid) => _writer.DoAsync(db =>
    {
        var id = Sql.Key(scope, taskUuid);
        if (db.Scalar("SELECT request FROM task WHERE id = $id", ("id", id)) is not byte[] request)
        {
            return ((byte[], IReadOnlyDictionary<string, byte[]>)?)null;
        }

        NoteSigned(id, request);
        var pictures = db.Query("SELECT p.hash, p.bytes FROM picture p JOIN task_picture t ON t.hash = p.hash WHERE t.task = (SELECT n FROM task WHERE id = $id)",
            r => (Hash: r.GetString(0), Bytes: (byte[])r.GetValue(1)), ("id", id));
        return (request, pictures.ToDictionary(p => p.Hash, p => p.Bytes, StringComparer.Ordinal));
    });

    public Task RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> taskUuids) => _writer.DoAsync(db =>
    {
        foreach (var taskUuid in taskUuids)
        {
            Forget(db, Sql.Key(scope, taskUuid));
            ForgetSigned(db, Sql.Key(scope, taskUuid));
        }

        return true;
    });

    public Task<IReadOnlyList<RunwareSpend>> SpendAsync(JournalScope scope, DateTime? since, DateTime? until) => _writer.DoAsync(db =>
        // An id is bought once: a task that was removed and is found again under its id is the same purchase.
        (IReadOnlyList<RunwareSpend>)db.Query(
            """
            SELECT id, MIN(submitted) AS submitted, MAX(model) AS model, MAX(tag) AS tag, MAX(images) AS images, MAX(reserved) AS reserved, MAX(cost) AS cost FROM (
                SELECT id, submitted, model, tag, images, reserved, cost FROM task WHERE endpoint = $endpoint AND account = $account AND images > 0
                UNION ALL SELECT id, submitted, model, tag, images, reserved, cost FROM spend WHERE endpoint = $endpoint AND account = $account)
            GROUP BY id HAVING ($since IS NULL OR MIN(submitted) >= $since) AND ($until IS NULL OR MIN(submitted) < $until)
            ORDER BY submitted, id
            """,
            r => new RunwareSpend
            {
                TaskUuid = Sql.TaskUuid(r.Text("id")!),
                At = r.Time("submitted")!.Value,
                Model = r.Text("model"),
                Tag = r.Text("tag"),
                Count = (int)r.Number("images")!,
                Cost = r.Money("cost"),
                Reserved = r.Money("reserved"),
            },
            ("endpoint", scope.Endpoint), ("account", scope.Account), ("since", since is { } s ? Sql.Time(s) : null), ("until", until is { } u ? Sql.Time(u) : null)));

    public Task FlushAsync() => _writer.FlushAsync();

    public void Dispose()
    {
        _writer.Dispose();
        _intents.Dispose();
    }

    /// <summary>Books what processes that are gone had begun and not committed. More than one reader may do so at once: a row is made once.</summary>
    private Task TakeOverAsync(bool atOnce = false)
    {
        string[] logs = [];
        var takeOver = _writer.PostAsync(
            db =>
            {
                logs = [.. IntentLog.Left(_path)];
                foreach (var (owner, intent) in logs.SelectMany(IntentLog.Read))
                {
                    Insert(db, intent.Scope, intent.ToTask(), Sql.Key(intent.Scope, intent.TaskUuid), pictures: 0, owner);
                }

                return true;
            },
            committed: () => Array.ForEach(logs, TemporaryFile.TryDelete));
        if (atOnce)
        {
            _ = _writer.FlushAsync(); // it goes with this, and not later
        }

        return takeOver;
    }

    private static decimal BookedOn(Database db, JournalScope scope, DateTime at) => Sql.ToUsd((long?)db.Scalar(
        "SELECT charge FROM day WHERE endpoint = $endpoint AND account = $account AND day = $at / 86400000",
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("at", Sql.Time(at))) ?? 0);

    /// <summary>A new row's number; null where the id is there already.</summary>
    private static long? Insert(Database db, JournalScope scope, JournalTask task, string id, int pictures, string owner) => (long?)db.Scalar(
        """
        INSERT INTO task (id, endpoint, account, status, type, model, prompt, tag, expected, width, height, format, quality, background, input_index, request_hash, request, pictures,
            owner, lease, submitted, reserved, charge)
        VALUES ($id, $endpoint, $account, $status, $type, $model, $prompt, $tag, $expected, $width, $height, $format, $quality, $background, $index, $hash, $request, $pictures,
            $owner, $lease, $submitted, $reserved, COALESCE($reserved, 0))
        ON CONFLICT (id) DO NOTHING RETURNING n
        """,
        ("id", id), ("endpoint", scope.Endpoint), ("account", scope.Account), ("status", task.Status), ("type", task.TaskType), ("model", task.Facts.Model), ("prompt", task.Facts.Prompt),
        ("tag", task.Facts.Tag), ("expected", task.Expected), ("width", task.Facts.Width), ("height", task.Facts.Height), ("format", task.Facts.OutputFormat),
        ("quality", task.Facts.Quality), ("background", task.Facts.Background), ("index", task.Facts.InputIndex), ("hash", task.Facts.RequestHash), ("request", task.Request),
        ("pictures", pictures), ("reserved", Sql.Money(task.Reserved)), ("owner", owner), ("lease", Lease()), ("submitted", Sql.Time(task.SubmittedAt)));

    /// <summary>What to say of an id that is there already; null where its task failed, which bought nothing.</summary>
    private static BeginResult? Held(Database db, string id, string? requestHash)
    {
        var (status, hash) = db.Query("SELECT status, request_hash FROM task WHERE id = $id", r => (r.Text("status"), r.Text("request_hash")), ("id", id))[0];
        if (hash is not null && hash != requestHash)
        {
            return BeginResult.OfAnother;
        }

        return status != RunwareTaskStatus.Failed
            && db.Execute("UPDATE task SET owner = $owner, lease = $lease WHERE id = $id", ("owner", Owner.Me), ("lease", Lease()), ("id", id)) > 0
            ? BeginResult.Held
            : null;
    }

    /// <summary>The columns of an image, without its task's number.</summary>
    private static (string Name, object? Value)[] ToRow(RunwareImage image, DateTime at) =>
    [
        ("name", Name(image)), ("position", image.Index), ("uuid", image.ImageUuid.ToString("D")), ("url", image.ImageUrl?.OriginalString),
        ("cost", Sql.Money(image.Cost)), ("seed", image.Seed),
        ("nsfw", image.NsfwContent is { } nsfw ? nsfw ? 1L : 0L : null), ("created", Sql.Time(image.CreatedAt ?? at)),
    ];

    /// <summary>A picture within its task: by its id, or where it has none by its place.</summary>
    private static string Name(RunwareImage image) =>
        image.ImageUuid != Guid.Empty ? image.ImageUuid.ToString("D") : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"#{image.Index}");

    private void NoteSigned(string id, ReadOnlySpan<byte> request)
    {
        if (IsSigned(request))
        {
            _signed.Add(id);
        }
    }

    private static bool IsSigned(ReadOnlySpan<byte> request) => request.IndexOf("\"webhookURL\""u8) >= 0 || request.IndexOf("\"uploadEndpoint\""u8) >= 0;

    private void ForgetSigned(Database db, string id) => db.ClearsLog |= _signed.Remove(id) && _signed.Count == 0;

    private static void Forget(Database db, string id)
    {
        foreach (var task in db.Query("SELECT n, pictures FROM task WHERE id = $id", ReadNumber, ("id", id)))
        {
            db.Execute(
                """
                INSERT INTO spend (id, endpoint, account, submitted, model, tag, images, reserved, cost)
                SELECT id, endpoint, account, submitted, model, tag, images, reserved, cost FROM task WHERE n = $n AND images > 0
                """,
                ("n", task.Number));
            DropPictures(db, task);
            db.Execute("DELETE FROM image WHERE task = $n", ("n", task.Number));
            db.Execute("DELETE FROM failure WHERE task = $n", ("n", task.Number));
            db.Execute("DELETE FROM task WHERE n = $n", ("n", task.Number));
        }
    }

    // A picture goes when the last request that holds it goes.
    private static void DropPictures(Database db, (long Number, long Pictures) task)
    {
        if (task.Pictures == 0)
        {
            return;
        }

        foreach (var hash in db.Query("DELETE FROM task_picture WHERE task = $n RETURNING hash", r => r.GetString(0), ("n", task.Number)))
        {
            db.Execute("DELETE FROM picture WHERE hash = $hash AND NOT EXISTS (SELECT 1 FROM task_picture WHERE hash = $hash)", ("hash", hash));
        }
    }

    private const string OfScope = "SELECT * FROM task WHERE endpoint = $endpoint AND account = $account ORDER BY submitted, input_index, id";
    private const string OfScopeImages = "SELECT image.* FROM task CROSS JOIN image ON image.task = task.n WHERE endpoint = $endpoint AND account = $account ORDER BY task.n, position";
    private const string OfScopeFailures = "SELECT failure.* FROM task CROSS JOIN failure ON failure.task = task.n WHERE endpoint = $endpoint AND account = $account ORDER BY task.n, position";
    private const string ById = "SELECT * FROM task WHERE id IN (SELECT value FROM json_each($ids)) ORDER BY submitted, input_index, id";
    private const string ByIdImages = "SELECT * FROM image WHERE task IN (SELECT n FROM task WHERE id IN (SELECT value FROM json_each($ids))) ORDER BY task, position";
    private const string ByIdFailures = "SELECT * FROM failure WHERE task IN (SELECT n FROM task WHERE id IN (SELECT value FROM json_each($ids))) ORDER BY task, position";

    private static IReadOnlyList<JournalTask> List(Database db, string tasks, string images, string failures, params (string Name, object? Value)[] filter)
    {
        var rows = db.Query(tasks, r => (Number: r.Number("n")!.Value, Task: ReadTask(r)), filter);
        var byNumber = rows.ToDictionary(r => r.Number, r => r.Task);
        foreach (var (number, image) in db.Query(images, r => (r.Number("task")!.Value, ReadImage(r)), filter))
        {
            var task = byNumber[number];
            image.TaskUuid = task.TaskUuid;
            task.Facts.WriteOnto(image);
            task.Images.Add(image);
        }

        foreach (var (number, failure) in db.Query(failures, r => (r.Number("task")!.Value, ReadFailure(r)), filter))
        {
            byNumber[number].Failures.Add(failure);
        }

        return rows.ConvertAll(r => r.Task);
    }

    private static long Lease() => Sql.Time(DateTime.UtcNow + Owner.Lease);

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
        OutputCount = (int)row.Number("images")!,
        Cost = row.Money("cost"),
        SubmittedAt = row.Time("submitted")!.Value,
        CompletedAt = row.Time("completed"),
        IsOwned = Owner.IsAlive(row.Text("owner"), row.Time("lease")!.Value),
    };

    private static RunwareImage ReadImage(SqliteDataReader row) => new()
    {
        ImageUuid = row.Guid("uuid"),
        ImageUrl = Uri.TryCreate(row.Text("url"), UriKind.Absolute, out var url) ? url : null,
        Cost = row.Money("cost"),
        Seed = row.Number("seed"),
        NsfwContent = row.Number("nsfw") is { } nsfw ? nsfw != 0 : null,
        Index = (int)row.Number("position")!,
        CreatedAt = row.Time("created")!.Value,
        Path = row.Text("path"),
    };

    private static RunwareFailure ReadFailure(SqliteDataReader row)
    {
        var failure = new RunwareFailure
        {
            Code = row.Text("code"),
            Category = row.Text("category"),
            Message = row.Text("message"),
            Parameter = row.Text("parameter"),
        };
        FailureDetails.ApplyTo(failure, row.Text("details"));
        return failure;
    }

    private static (long Number, long Pictures) ReadNumber(SqliteDataReader row) => (row.GetInt64(0), row.GetInt64(1));
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class JournalJson : System.Text.Json.Serialization.JsonSerializerContext;
