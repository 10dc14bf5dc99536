using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>A journal in one SQLite file, shared by the processes of a machine.</summary>
internal sealed class SqliteJournal : IJournalStore
{
    private const long FirstFence = 1;

    /// <summary>How long the API surely keeps an upload isn't published: older ones are uploaded again.</summary>
    private static readonly TimeSpan s_uploadLifetime = TimeSpan.FromDays(14);

    private readonly JournalWriter _writer;
    private readonly SqliteReader _reader;

    // Tasks of this process whose requests hold signed URLs, which are to stand nowhere once the API has them. Touched by the writer
    // only.
    private readonly HashSet<string> _signed = new(StringComparer.Ordinal);

    // The tasks that this process works on, by their fences: a number that each change of the owner raises.
    private readonly ConcurrentDictionary<string, long> _owned = new(StringComparer.Ordinal);

    private readonly Timer _renewal;

    public SqliteJournal(SqliteConnection connection, string path)
    {
        _writer = new JournalWriter(new Database(connection), path);
        using (ExecutionContext.SuppressFlow()) // it outlives the call that opened the journal
        {
            _renewal = new Timer(static me => _ = ((SqliteJournal)me!).RenewAsync(), this, Owner.Renewal, Owner.Renewal);
        }

        _reader = new SqliteReader(path, () => JournalFile.OpenReader(path));
    }

    public byte[] Salt => _reader.Salt;

    public void RequireFullSync() => _writer.RequireFullSync();

    public Task<BeginOutcome> BeginAsync(
        JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> media, decimal? dailyCap,
        CancellationToken cancellationToken) => _writer.DoAsync(
        db =>
        {
            var id = Sql.Key(scope, task.TaskUuid);
            if (Insert(db, scope, task, id, media.Count, Owner.Me) is not { } number)
            {
                if (Existing(db, id, task.Metadata.RequestHash) is { } existing)
                {
                    NoteSigned(id, task.Request);
                    return new BeginOutcome(existing, 0);
                }

                Forget(db, id); // it failed before and cost nothing: it begins anew under its id
                number = Insert(db, scope, task, id, media.Count, Owner.Me)!.Value;
            }

            var booked = dailyCap is null ? 0 : BookedOn(db, scope, task.SubmittedAt) - (task.Reserved ?? 0);
            if (dailyCap is { } cap && booked + (task.Reserved ?? 0) > cap)
            {
                db.Execute("UPDATE task SET charge = 0 WHERE n = $n", ("n", number));
                db.Execute("DELETE FROM task WHERE n = $n", ("n", number));
                return new BeginOutcome(BeginResult.OverBudget, booked);
            }

            foreach (var (content, bytes) in media)
            {
                if (db.Scalar("SELECT 1 FROM picture WHERE hash = $hash", ("hash", content)) is null)
                {
                    db.Execute("INSERT INTO picture (hash, bytes) VALUES ($hash, $bytes)", ("hash", content), ("bytes", bytes.ToArray()));
                }

                db.Execute("INSERT INTO task_picture (task, hash) VALUES ($n, $hash)", ("n", number), ("hash", content));
            }

            NoteSigned(id, task.Request);
            _owned[id] = FirstFence;
            return new BeginOutcome(BeginResult.Booked, booked);
        },
        cancellationToken);

    public Task AcceptedAsync(JournalScope scope, Guid taskUuid, bool isWaitedFor)
    {
        var id = Sql.Key(scope, taskUuid);
        if (!isWaitedFor)
        {
            _owned.TryRemove(id, out _);
        }

        return _writer.PostAsync(db =>
        {
            var row = db.Query(
                """
                UPDATE task SET status = iif(status = 'Pending', 'Submitted', status), request = NULL, lease = $lease, owner = $owner
                WHERE id = $id
                RETURNING n, pictures
                """,
                ReadNumber, ("id", id), ("lease", Lease()), ("owner", isWaitedFor ? Owner.Me : null));
            row.ForEach(task => DropMedia(db, task));
            ForgetSigned(db, id);
            return true;
        });
    }

    public Task EndedAsync(
        JournalScope scope, Guid taskUuid, string status, IReadOnlyList<RunwareOutput> outputs, IReadOnlyList<RunwareFailure> failures,
        DateTime at)
    {
        var id = Sql.Key(scope, taskUuid);
        _owned.TryRemove(id, out _);
        var end = new End(status, outputs, failures, at);
        return _writer.PostAsync(db => Settle(db, id, end));
    }

    public Task<bool> RefusedAsync(JournalScope scope, Guid taskUuid, RunwareFailure failure, DateTime at)
    {
        var id = Sql.Key(scope, taskUuid);
        _owned.TryRemove(id, out var fence);
        var end = new End(RunwareTaskStatus.Failed, [], [failure], at);
        return _writer.PostAsync(db =>
            db.Scalar("SELECT 1 FROM task WHERE id = $id AND owner = $owner AND fence = $fence", ("id", id), ("owner", Owner.Me),
                ("fence", fence)) is not null
            && Settle(db, id, end));
    }

    public Task ReleasedAsync(JournalScope scope, Guid taskUuid)
    {
        var id = Sql.Key(scope, taskUuid);
        _owned.TryRemove(id, out _); // now: if the write is lost, the lease ends because it isn't renewed
        return _writer.PostAsync(db => db.Execute("UPDATE task SET owner = NULL WHERE id = $id AND owner = $owner", ("id", id),
            ("owner", Owner.Me)));
    }

    public Task<bool> ClaimAsync(JournalScope scope, Guid taskUuid, CancellationToken cancellationToken) => _writer.DoAsync(
        db =>
        {
            var id = Sql.Key(scope, taskUuid);
            var owners = db.Query("SELECT owner, lease FROM task WHERE id = $id",
                r => Owner.IsAlive(r.Text("owner"), r.Time("lease")!.Value), ("id", id));
            return owners is [false] && Own(db, id);
        },
        cancellationToken);

    public Task SavedAsync(JournalScope scope, RunwareMedia media, string path)
    {
        var (id, name) = (Sql.Key(scope, media.TaskUuid), JournalOutput.NameOf(media)); // read now: the object is its user's
        return _writer.PostAsync(db => db.Execute(
            "UPDATE output SET path = $path WHERE task = (SELECT n FROM task WHERE id = $id) AND name = $name",
            ("path", path), ("id", id), ("name", name)));
    }

    public Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Media)?> RequestAsync(
        JournalScope scope, Guid taskUuid, CancellationToken cancellationToken) => _writer.DoAsync(
        db =>
        {
            var id = Sql.Key(scope, taskUuid);
            if (db.Scalar("SELECT request FROM task WHERE id = $id", ("id", id)) is not byte[] request)
            {
                return ((byte[], IReadOnlyDictionary<string, byte[]>)?)null;
            }

            NoteSigned(id, request);
            var media = db.Query(
                """
                SELECT p.hash, p.bytes FROM picture p JOIN task_picture t ON t.hash = p.hash
                WHERE t.task = (SELECT n FROM task WHERE id = $id)
                """,
                r => (Hash: r.GetString(0), Bytes: (byte[])r.GetValue(1)), ("id", id));
            return (request, media.ToDictionary(p => p.Hash, p => p.Bytes, StringComparer.Ordinal));
        },
        cancellationToken);

    public Task RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> taskUuids, CancellationToken cancellationToken) =>
        _writer.DoAsync(
        db =>
        {
            foreach (var taskUuid in taskUuids)
            {
                Forget(db, Sql.Key(scope, taskUuid));
                ForgetSigned(db, Sql.Key(scope, taskUuid));
            }

            return true;
        },
        cancellationToken);

    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async IAsyncEnumerable<JournalTask> QueryAsync(
        JournalScope scope, TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var task in _reader.QueryAsync(scope, query, cancellationToken).ConfigureAwait(false))
        {
            yield return task;
        }
    }

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(JournalScope scope, int? mostRows,
        CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await _reader.TagsAsync(scope, mostRows, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(
        JournalScope scope, SpendQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var spend in _reader.SpendAsync(scope, query, cancellationToken).ConfigureAwait(false))
        {
            yield return spend;
        }
    }

    /// <summary>Renews the leases of the tasks that this process works on, and of no others.</summary>
    internal Task RenewAsync() => _owned.IsEmpty ? Task.CompletedTask : _writer.PostAsync(db => db.Execute(
        "UPDATE task SET lease = $lease WHERE id IN (SELECT value FROM json_each($ids)) AND owner = $owner AND completed IS NULL",
        ("lease", Lease()), ("ids", JsonSerializer.Serialize(_owned.Keys.ToArray(), RowJson.Default.StringArray)), ("owner", Owner.Me)));

    public Task<StoredMedium?> FindUploadAsync(JournalScope scope, string contentHash, CancellationToken cancellationToken) =>
        _writer.DoAsync(
            db => db.Query(
                "SELECT uuid, url FROM upload WHERE endpoint = $endpoint AND account = $account AND hash = $hash AND at > $oldest",
                row => new StoredMedium(Guid.Parse(row.GetString(0)), row.IsDBNull(1) ? null : new Uri(row.GetString(1))),
                ("endpoint", scope.Endpoint), ("account", scope.Account), ("hash", contentHash),
                ("oldest", Sql.Time(DateTime.UtcNow - s_uploadLifetime))).FirstOrDefault(),
            cancellationToken);

    public Task UploadedAsync(JournalScope scope, string contentHash, StoredMedium medium, DateTime at) =>
        _writer.PostAsync(db => db.Execute(
        """
        INSERT INTO upload (endpoint, account, hash, uuid, url, at) VALUES ($endpoint, $account, $hash, $uuid, $url, $at)
        ON CONFLICT (endpoint, account, hash) DO UPDATE SET uuid = excluded.uuid, url = excluded.url, at = excluded.at
        """,
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("hash", contentHash), ("uuid", medium.Uuid.ToString("D")),
        ("url", medium.Url?.OriginalString), ("at", Sql.Time(at))));

    public Task UploadRemovedAsync(JournalScope scope, Guid id) => _writer.PostAsync(db => db.Execute(
        "DELETE FROM upload WHERE endpoint = $endpoint AND account = $account AND uuid = $uuid",
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("uuid", id.ToString("D"))));

    // The last connection to close takes the write-ahead log away, which a reader cannot.
    public void Dispose()
    {
        _renewal.Dispose();
        _reader.Dispose();
        _writer.Dispose();
    }

    private static decimal BookedOn(Database db, JournalScope scope, DateTime at) => Sql.ToUsd((long?)db.Scalar(
        "SELECT charge FROM day WHERE endpoint = $endpoint AND account = $account AND day = $at / 86400000",
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("at", Sql.Time(at))) ?? 0);

    /// <summary>A new row's number; null where the id is there already.</summary>
    private static long? Insert(Database db, JournalScope scope, JournalTask task, string id, int media, string owner) =>
        (long?)db.Scalar(
        """
        INSERT INTO task (id, endpoint, account, status, type, model, tag, expected, input_index, request_hash, request, pictures,
            owner, lease, submitted, reserved, charge, metadata)
        VALUES ($id, $endpoint, $account, $status, $type, $model, $tag, $expected, $index, $hash, $request, $pictures,
            $owner, $lease, $submitted, $reserved, COALESCE($reserved, 0), $metadata)
        ON CONFLICT (id) DO NOTHING RETURNING n
        """,
        ("id", id), ("endpoint", scope.Endpoint), ("account", scope.Account), ("status", task.Status), ("type", task.TaskType),
        ("model", task.Metadata.Model), ("tag", task.Metadata.Tag), ("expected", task.Expected), ("index", task.Metadata.InputIndex),
        ("hash", task.Metadata.RequestHash), ("request", task.Request), ("pictures", media), ("reserved", Sql.Money(task.Reserved)),
        ("owner", owner), ("lease", Lease()), ("submitted", Sql.Time(task.SubmittedAt)),
        ("metadata", RowJson.Write(json => task.Metadata.WriteTo(json))));

    /// <summary>The outcome for an ID that already exists; null if its task failed, which bought nothing.</summary>
    private BeginResult? Existing(Database db, string id, string? requestHash)
    {
        var (status, hash) = db.Query("SELECT status, request_hash FROM task WHERE id = $id",
            r => (r.Text("status"), r.Text("request_hash")), ("id", id))[0];
        if (hash is not null && hash != requestHash)
        {
            return BeginResult.DifferentRequest;
        }

        return status != RunwareTaskStatus.Failed
            && Own(db, id)
            ? BeginResult.AlreadyExists
            : null;
    }

    private bool Own(Database db, string id)
    {
        var fence = db.Scalar(
            "UPDATE task SET owner = $owner, lease = $lease, fence = fence + 1 WHERE id = $id RETURNING fence",
            ("owner", Owner.Me), ("lease", Lease()), ("id", id));
        _owned[id] = (long?)fence ?? 0;
        return fence is not null;
    }

    private bool Settle(Database db, string id, End end)
    {
        List<(long Number, long Media)> Update(bool again) => db.Query(
            """
            UPDATE task SET status = $status, completed = $at, request = NULL, owner = NULL, images = $images,
                cost = iif($images > images, $cost, COALESCE($cost, cost)),
                charge = iif($images = 0, 0, COALESCE($cost, iif($images > images, NULL, cost), reserved, 0))
            WHERE id = $id AND images <= $images AND ($again OR completed IS NULL) RETURNING n, pictures
            """,
            ReadNumber, ("id", id), ("status", end.Status), ("at", end.At), ("images", end.Count), ("cost", end.Cost),
            ("again", again ? 1L : 0L));

        if (Update(again: false) is not [var task])
        {
            if (Update(again: true) is not [var known])
            {
                db.Execute("UPDATE task SET owner = NULL WHERE id = $id", ("id", id));
                return false;
            }

            task = known;
            db.Execute("DELETE FROM failure WHERE task = $n", ("n", task.Number));
        }

        DropMedia(db, task);
        ForgetSigned(db, id);
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
            var (code, category, message, parameter, details) = end.Failures[i];
            db.Execute(
                """
                INSERT INTO failure (task, position, code, category, message, parameter, details)
                VALUES ($n, $position, $code, $category, $message, $parameter, $details)
                """,
                ("n", task.Number), ("position", i), ("code", code), ("category", category), ("message", message),
                ("parameter", parameter), ("details", details));
        }

        return true;
    }

    /// <summary>The columns of an output, without its task's number.</summary>
    private static (string Name, object? Value)[] ToRow(RunwareOutput output, DateTime at) =>
    [
        ("name", JournalOutput.NameOf(output)), ("position", output.Index), ("kind", JournalOutput.KindOf(output)),
        ("uuid", (output as RunwareMedia)?.Uuid.ToString("D")), ("url", (output as RunwareMedia)?.Url?.OriginalString),
        ("cost", Sql.Money(output.Cost)), ("created", Sql.Time(output.CreatedAt ?? at)), ("data", JournalOutput.ToJson(output)),
    ];

    private void NoteSigned(string id, ReadOnlySpan<byte> request)
    {
        if (IsSigned(request))
        {
            _signed.Add(id);
        }
    }

    private static bool IsSigned(ReadOnlySpan<byte> request) =>
        request.IndexOf("\"webhookURL\""u8) >= 0 || request.IndexOf("\"uploadEndpoint\""u8) >= 0;

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
            DropMedia(db, task);
            db.Execute("DELETE FROM output WHERE task = $n", ("n", task.Number));
            db.Execute("DELETE FROM failure WHERE task = $n", ("n", task.Number));
            db.Execute("DELETE FROM task WHERE n = $n", ("n", task.Number));
        }
    }

    // An image goes when the last request that holds it goes.
    private static void DropMedia(Database db, (long Number, long Media) task)
    {
        if (task.Media == 0)
        {
            return;
        }

        foreach (var hash in db.Query("DELETE FROM task_picture WHERE task = $n RETURNING hash", r => r.GetString(0), ("n", task.Number)))
        {
            db.Execute("DELETE FROM picture WHERE hash = $hash AND NOT EXISTS (SELECT 1 FROM task_picture WHERE hash = $hash)",
                ("hash", hash));
        }
    }

    private static long Lease() => Sql.Time(DateTime.UtcNow + Owner.Lease);

    private static (long Number, long Media) ReadNumber(SqliteDataReader row) => (row.GetInt64(0), row.GetInt64(1));

    /// <summary>How a task ended, read at once: by the time it is written, on another thread, the outputs are their user's.</summary>
    private sealed class End(string status, IReadOnlyList<RunwareOutput> outputs, IReadOnlyList<RunwareFailure> failures, DateTime at)
    {
        public string Status { get; } = status;

        public long At { get; } = Sql.Time(at);

        public (string Name, object? Value)[][] Outputs { get; } = [.. outputs.Select(output => ToRow(output, at))];

        /// <summary>How many outputs there are, of every kind.</summary>
        public int Count { get; } = outputs.Count;

        // Failures are not charged, and what was charged once stays so: results expire, and a later response may hold less.
        public long? Cost { get; } = outputs.Count > 0 && outputs.All(o => o.IsPart || o.Cost is not null)
            ? Sql.Money(outputs.Sum(o => o.Cost ?? 0))
            : null;

        public (string? Code, string? Category, string? Message, string? Parameter, string Details)[] Failures { get; } =
            [.. failures.Select(f => (f.Code, f.Category, f.Message, f.Parameter, FailureDetails.ToJson(f)))];
    }
}
