using System.Runtime.CompilerServices;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The rows of one endpoint and account in a SQLite journal.</summary>
/// <param name="store">The open journal.</param>
/// <param name="scope">The number of the endpoint and account.</param>
internal sealed class SqliteSession(SqliteStore store, long scope) : IJournalSession
{
    private readonly TaskRows _rows = new(scope, store.Owner);

    public Task<BeginOutcome> BeginAsync(
        JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap, CancellationToken cancellationToken) =>
        store.Writer.DoAsync(db => Begin(db, task, media, dailyCap), cancellationToken);

    public async ValueTask<bool> EnsureOwnedAsync(TaskLease lease, CancellationToken cancellationToken)
    {
        if (store.Leases.IsTrusted(Key(lease.TaskUuid), lease.Fence))
        {
            return true;
        }

        var requested = store.Leases.Now;
        var isHeld = await store.Writer.DoAsync(
            db => TaskRows.Renew(db, store.Owner, [KeyValuePair.Create(Key(lease.TaskUuid), lease.Fence)]).Count > 0, cancellationToken)
            .ConfigureAwait(false);
        if (isHeld)
        {
            store.Leases.Renew(Key(lease.TaskUuid), lease.Fence, requested);
        }

        return isHeld;
    }

    public Task AcceptedAsync(TaskLease lease, bool isWaitedFor)
    {
        if (!isWaitedFor)
        {
            store.Leases.Remove(Key(lease.TaskUuid), lease.Fence);
        }

        return store.Writer.PostAsync(db => _rows.Accept(db, lease, isWaitedFor));
    }

    public Task<bool> EndedAsync(Guid taskUuid, TaskEnd end)
    {
        store.Leases.Remove(Key(taskUuid));
        var row = new EndRow(end);
        return store.Writer.PostAsync(db => _rows.Settle(db, taskUuid, row));
    }

    public Task<bool> RefusedAsync(TaskLease lease, TaskEnd end)
    {
        store.Leases.Remove(Key(lease.TaskUuid), lease.Fence);
        var row = new EndRow(end);
        return store.Writer.PostAsync(
            db => _rows.IsHeldByMe(db, lease) && _rows.Settle(db, lease.TaskUuid, row));
    }

    public Task ReleasedAsync(TaskLease lease)
    {
        // now: if the write is lost, the lease ends because it isn't renewed
        store.Leases.Remove(Key(lease.TaskUuid), lease.Fence);
        return store.Writer.PostAsync(db => _rows.Release(db, lease));
    }

    public Task<TaskLease?> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken) => store.Writer.DoAsync(
        db => _rows.Find(db, taskUuid) is { } row && !IsHeld(taskUuid, row) ? Own(db, taskUuid) : (TaskLease?)null,
        cancellationToken);

    public Task SavedAsync(RunwareMedia media, string path)
    {
        var (id, name) = (media.TaskUuid, JournalOutput.NameOf(media)); // read now: the object is its user's
        return store.Writer.PostAsync(db => _rows.Save(db, id, name, path));
    }

    public Task<KeptRequest?> RequestAsync(Guid taskUuid, CancellationToken cancellationToken) =>
        store.Writer.DoAsync(db => _rows.Request(db, taskUuid), cancellationToken);

    public Task<int> RemoveAsync(TaskQuery query, int most, CancellationToken cancellationToken) => store.Writer.DoAsync(
        db =>
        {
            var selected = new TaskSelection(scope, query).Numbers(db, after: null, most);
            selected.ForEach(row => TaskRows.Forget(db, row.Number));
            JournalFile.ReturnFreeSpace(db);
            return selected.Count;
        },
        cancellationToken);

    public Task FlushAsync(CancellationToken cancellationToken) => store.Writer.FlushAsync(cancellationToken);

    public async IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var task in store.Reader.QueryAsync(scope, query, cancellationToken).ConfigureAwait(false))
        {
            yield return task;
        }
    }

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? most, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await store.Reader.TagsAsync(scope, most, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var spend in store.Reader.SpendAsync(scope, query, cancellationToken).ConfigureAwait(false))
        {
            yield return spend;
        }
    }

    public async Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken) =>
        (await UploadsAsync(contentHash, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.Medium;

    public Task<IReadOnlyList<Upload>> UploadsAsync(CancellationToken cancellationToken) => UploadsAsync(null, cancellationToken);

    public Task UploadedAsync(string contentHash, StoredMedium medium, DateTime at) => store.Writer.PostAsync(db => db.Execute(
        """
        INSERT INTO upload (scope, hash, uuid, url, at) VALUES ($scope, $hash, $uuid, $url, $at)
        ON CONFLICT (scope, hash) DO UPDATE SET uuid = excluded.uuid, url = excluded.url, at = excluded.at
        """,
        ("scope", scope), ("hash", contentHash), ("uuid", Sql.Id(medium.Uuid)), ("url", medium.Url?.OriginalString),
        ("at", Sql.Time(at))));

    public Task UploadRemovedAsync(Guid id) => store.Writer.PostAsync(db => db.Execute(
        "DELETE FROM upload WHERE scope = $scope AND uuid = $uuid", ("scope", scope), ("uuid", Sql.Id(id))));

    private Task<IReadOnlyList<Upload>> UploadsAsync(string? hash, CancellationToken cancellationToken) =>
        store.Writer.DoAsync<IReadOnlyList<Upload>>(
            db => db.Query(
                "SELECT hash, uuid, url, at FROM upload WHERE scope = $scope AND at > $oldest" + (hash is null ? "" : " AND hash = $hash"),
                row => new Upload(
                    row.GetString(0), new(Guid.Parse(row.GetString(1)), row.Text("url") is { } url ? new Uri(url) : null),
                    row.Time("at")!.Value),
                ("scope", scope), ("hash", hash), ("oldest", Sql.Time(DateTime.UtcNow - Upload.Lifetime))),
            cancellationToken);

    private BeginOutcome Begin(Database db, JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap)
    {
        var fence = TaskRows.FirstFence;
        if (_rows.Insert(db, task, media.Count, fence) is not { } number)
        {
            var row = _rows.Find(db, task.TaskUuid)!;
            if (row.Status != RunwareTaskStatus.Failed || row.IsForAnother(task))
            {
                return Existing(db, task, row);
            }

            TaskRows.Forget(db, row.Number); // it failed before and cost nothing: it begins anew under its ID
            fence = row.Fence + 1;
            number = _rows.Insert(db, task, media.Count, fence)!.Value;
        }

        var booked = dailyCap is null ? 0 : _rows.BookedOn(db, task.SubmittedAt) - (task.Reserved ?? 0);
        if (dailyCap is { } cap && booked + (task.Reserved ?? 0) > cap)
        {
            TaskRows.Cancel(db, number);
            return new BeginOutcome.OverBudget(booked);
        }

        TaskRows.AddMedia(db, number, media);
        return new BeginOutcome.Booked(Hold(task.TaskUuid, fence));
    }

    // Before the commit, so that another pipeline of this process sees that the task is in progress.
    private TaskLease Hold(Guid taskUuid, long fence)
    {
        store.Leases.Add(Key(taskUuid), fence, store.Leases.Now);
        return new TaskLease(taskUuid, fence);
    }

    private BeginOutcome Existing(Database db, JournalTask task, FoundRow row) =>
        row.IsForAnother(task) ? new BeginOutcome.DifferentRequest()
        : row.HasEnded ? new BeginOutcome.Ended()
        : IsHeld(task.TaskUuid, row) ? new BeginOutcome.InProgress()
        : new BeginOutcome.Held(Own(db, task.TaskUuid));

    // Of this journal's own, only what it still works on: a release may have been lost.
    private bool IsHeld(Guid taskUuid, FoundRow row) =>
        row.Owner == store.Owner ? store.Leases.Holds(Key(taskUuid)) : Owner.IsAlive(row.Owner, row.Lease);

    private TaskLease Own(Database db, Guid taskUuid) => Hold(taskUuid, _rows.Own(db, taskUuid));

    private (long Scope, Guid TaskUuid) Key(Guid taskUuid) => (scope, taskUuid);
}
