using System.Runtime.CompilerServices;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>The journal of one endpoint and account.</summary>
/// <param name="store">The open journal.</param>
/// <param name="reader">Reads the scope.</param>
/// <param name="scope">The number of the scope.</param>
internal sealed class PostgreSqlSession(PostgreSqlJournal store, JournalReader reader, int scope) : IJournalSession, IJournalImporter
{
    public async Task<BeginOutcome> BeginAsync(
        JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap, CancellationToken cancellationToken)
    {
        var begin = new Begin(scope, task, media, dailyCap);
        var outcome = await store.Writer.DoAsync(begin, cancellationToken).ConfigureAwait(false);
        if (outcome is BeginOutcome.InProgress && await FreeAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false))
        {
            return await BeginAsync(task, media, dailyCap, cancellationToken).ConfigureAwait(false);
        }

        if (((outcome as BeginOutcome.Booked)?.Lease ?? (outcome as BeginOutcome.Held)?.Lease) is { } lease)
        {
            store.Leases.Add(begin.Key, lease.Fence, begin.SentAt!.Value);
        }

        return outcome;
    }

    public async ValueTask<bool> EnsureOwnedAsync(TaskLease lease, CancellationToken cancellationToken) =>
        store.Leases.IsTrusted(Key(lease.TaskUuid), lease.Fence)
        || await store.RenewAsync([KeyValuePair.Create(Key(lease.TaskUuid), lease.Fence)], cancellationToken).ConfigureAwait(false) > 0;

    public Task AcceptedAsync(TaskLease lease, bool isWaitedFor)
    {
        if (!isWaitedFor)
        {
            store.Leases.Remove(Key(lease.TaskUuid), lease.Fence);
        }

        return store.Writer.PostAsync(new Fact("accepted", Key(lease.TaskUuid), json =>
        {
            json.WriteNumber("fence", lease.Fence);
            json.WriteBoolean("waited", isWaitedFor);
        }));
    }

    public async Task<bool> EndedAsync(Guid taskUuid, TaskEnd end)
    {
        store.Leases.Remove(Key(taskUuid));
        var fact = new Fact("ended", Key(taskUuid), json => Json.WriteEnd(json, end));
        return await store.Writer.PostAsync(fact).ConfigureAwait(false) is not null;
    }

    public async Task<bool> RefusedAsync(TaskLease lease, TaskEnd end)
    {
        store.Leases.Remove(Key(lease.TaskUuid), lease.Fence);
        var fact = new Fact("refused", Key(lease.TaskUuid), json =>
        {
            json.WriteNumber("fence", lease.Fence);
            Json.WriteEnd(json, end);
        });
        return await store.Writer.PostAsync(fact).ConfigureAwait(false) is not null;
    }

    public Task ReleasedAsync(TaskLease lease)
    {
        store.Leases.Remove(Key(lease.TaskUuid), lease.Fence); // now: if the write is lost, the lease ends because it isn't renewed
        return store.Writer.PostAsync(new Fact("released", Key(lease.TaskUuid), json => json.WriteNumber("fence", lease.Fence)));
    }

    public Task SavedAsync(RunwareMedia media, string path) => store.Writer.PostAsync(new Fact("saved", Key(media.TaskUuid), json =>
    {
        json.WriteString("name", JournalOutput.NameOf(media));
        json.WriteString("path", Sql.Text(path));
    }));

    public async Task<TaskLease?> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var claim = new Fact("claim", Key(taskUuid), token: Guid.NewGuid());
        if (await store.Writer.DoAsync(claim, cancellationToken).ConfigureAwait(false) is not { } fence)
        {
            return await FreeAsync(taskUuid, cancellationToken).ConfigureAwait(false)
                ? await ClaimAsync(taskUuid, cancellationToken).ConfigureAwait(false)
                : null;
        }

        store.Leases.Add(claim.Key, fence, claim.SentAt!.Value);
        return new TaskLease(taskUuid, fence);
    }

    public async Task<KeptRequest?> RequestAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await reader.RequestAsync(taskUuid, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> RemoveAsync(TaskQuery query, int most, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        var numbers = await reader.NumbersAsync(query, most, cancellationToken).ConfigureAwait(false);
        return numbers.Count == 0 ? 0 : await store.RemoveAsync(reader, scope, numbers, cancellationToken).ConfigureAwait(false);
    }

    public Task FlushAsync(CancellationToken cancellationToken) => store.Writer.FlushAsync(cancellationToken);

    public async IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var task in reader.QueryAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return task;
        }
    }

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? mostRows, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await reader.TagsAsync(mostRows, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var spend in reader.SpendAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return spend;
        }
    }

    public async Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken) =>
        (await UploadsAsync(contentHash, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.Medium;

    public Task<IReadOnlyList<Upload>> UploadsAsync(CancellationToken cancellationToken) => UploadsAsync(null, cancellationToken);

    public Task UploadedAsync(string contentHash, StoredMedium medium, DateTime at) =>
        RecordUploadAsync(contentHash, medium, at: null); // now, by the clock of the database

    public Task UploadRemovedAsync(Guid id) =>
        store.Writer.PostAsync(new Fact("unuploaded", Key(Guid.Empty), json => json.WriteString("uuid", id)));

    public async Task<int> ImportAsync(
        IReadOnlyList<(JournalTask Task, KeptRequest? Request)> tasks, IReadOnlyList<RunwareSpend> removed,
        CancellationToken cancellationToken)
    {
        var media = tasks.Select(t => t.Request?.Media).OfType<IReadOnlyDictionary<string, byte[]>>().SelectMany(m => m)
            .DistinctBy(m => m.Key, StringComparer.Ordinal);
        return await store.ImportAsync(
            reader, scope, Json.WriteImport(tasks, removed), [.. tasks.Select(t => t.Request?.Request)], [.. media], cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Ends the lease of a process of this machine that has ended.</summary>
    /// <returns>True if there was such a lease.</returns>
    private async Task<bool> FreeAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        if (await reader.OwnerAsync(taskUuid, cancellationToken).ConfigureAwait(false) is not { } owner || !Row.HasEnded(owner))
        {
            return false;
        }

        var free = new Fact("orphaned", Key(taskUuid), json => json.WriteString("name", owner));
        return await store.Writer.DoAsync(free, cancellationToken).ConfigureAwait(false) is not null;
    }

    public Task ImportAsync(IReadOnlyList<Upload> uploads) =>
        Task.WhenAll(uploads.Select(u => RecordUploadAsync(u.ContentHash, u.Medium, u.At)));

    private async Task<IReadOnlyList<Upload>> UploadsAsync(string? contentHash, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await reader.UploadsAsync(contentHash, Upload.Lifetime, cancellationToken).ConfigureAwait(false);
    }

    private Task RecordUploadAsync(string contentHash, StoredMedium medium, DateTime? at) =>
        store.Writer.PostAsync(new Fact("uploaded", Key(Guid.Empty), json =>
        {
            json.WriteString("name", contentHash);
            json.WriteString("uuid", medium.Uuid);
            json.WriteString("url", Sql.Text(medium.Url?.OriginalString));
            if (at is { } time)
            {
                json.WriteString("at", time);
            }
        }));

    private (int Scope, Guid TaskUuid) Key(Guid taskUuid) => (scope, taskUuid);
}
