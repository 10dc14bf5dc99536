using System.Collections.Concurrent;
using RunwarePS.Core.Tests.Journal;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>An open journal as tests use it: for any scope, with the leases that this process got, and with streams as lists.</summary>
internal sealed class TestJournal(IJournalStore store) : IDisposable
{
    private readonly ConcurrentDictionary<JournalScope, Task<IJournalSession>> _sessions = new();
    private readonly ConcurrentDictionary<(JournalScope, Guid), TaskLease> _leases = new();

    public IJournalStore Store => store;

    public byte[] Salt => store.Salt;

    public Task<IJournalSession> SessionAsync(JournalScope scope) =>
        _sessions.GetOrAdd(scope, s => store.AttachAsync(s, isRequired: false, CancellationToken.None));

    public async Task<BeginOutcome> BeginAsync(JournalScope scope, JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap,
        CancellationToken cancellationToken = default)
    {
        var outcome = await (await SessionAsync(scope).WaitAsync(cancellationToken)).BeginAsync(task, media, dailyCap, cancellationToken);
        if (outcome is BeginOutcome.Booked { Lease: var booked })
        {
            _leases[(scope, task.TaskUuid)] = booked;
        }
        else if (outcome is BeginOutcome.Held { Lease: var held })
        {
            _leases[(scope, task.TaskUuid)] = held;
        }

        return outcome;
    }

    /// <summary>What the day had booked, in USD.</summary>
    public async Task<decimal> BookedAsync(JournalScope scope, DateTime? at = null) =>
        (await BeginAsync(scope, Rows.Task(reserved: 1_000_000, at: at), Rows.NoPictures, dailyCap: 0)).ShouldBeOfType<BeginOutcome.OverBudget>().BookedToday;

    public TaskLease LeaseOf(JournalScope scope, Guid id) => _leases.GetValueOrDefault((scope, id), TaskLease.None(id));

    public async Task AcceptedAsync(JournalScope scope, Guid id, bool isWaitedFor) => await (await SessionAsync(scope)).AcceptedAsync(LeaseOf(scope, id), isWaitedFor);

    public async Task<bool> EndedAsync(
        JournalScope scope, Guid id, string status, IReadOnlyList<RunwareOutput> outputs, IReadOnlyList<RunwareFailure> failures, DateTime at) =>
        await (await SessionAsync(scope)).EndedAsync(id, new TaskEnd(status, outputs, failures, at));

    public async Task<bool> RefusedAsync(JournalScope scope, Guid id, RunwareFailure failure, DateTime at) =>
        await (await SessionAsync(scope)).RefusedAsync(LeaseOf(scope, id), new TaskEnd(RunwareTaskStatus.Failed, [], [failure], at));

    public async Task ReleasedAsync(JournalScope scope, Guid id) => await (await SessionAsync(scope)).ReleasedAsync(LeaseOf(scope, id));

    public async Task SavedAsync(JournalScope scope, RunwareMedia media, string path) => await (await SessionAsync(scope)).SavedAsync(media, path);

    public async Task<bool> ClaimAsync(JournalScope scope, Guid id, CancellationToken cancellationToken = default)
    {
        if (await (await SessionAsync(scope)).ClaimAsync(id, cancellationToken) is not { } lease)
        {
            return false;
        }

        _leases[(scope, id)] = lease;
        return true;
    }

    public async Task<bool> EnsureOwnedAsync(JournalScope scope, Guid id) =>
        await (await SessionAsync(scope)).EnsureOwnedAsync(LeaseOf(scope, id), CancellationToken.None);

    public async Task<KeptRequest?> RequestAsync(JournalScope scope, Guid id, CancellationToken cancellationToken = default) =>
        await (await SessionAsync(scope)).RequestAsync(id, cancellationToken);

    public async Task<int> RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default) =>
        await (await SessionAsync(scope)).RemoveAsync(new TaskQuery { TaskUuids = ids }, ids.Count, cancellationToken);

    public async Task FlushAsync(CancellationToken cancellationToken = default) => await (await SessionAsync(Rows.Mine)).FlushAsync(cancellationToken);

    public async IAsyncEnumerable<JournalTask> QueryAsync(
        JournalScope scope, TaskQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var task in (await SessionAsync(scope)).QueryAsync(query, cancellationToken))
        {
            yield return task;
        }
    }

    public Task<List<JournalTask>> ListAsync(JournalScope scope, IReadOnlyCollection<Guid>? ids) =>
        QueryAsync(scope, new TaskQuery { TaskUuids = ids }, CancellationToken.None).ToListAsync();

    public async Task<JournalTask> RowAsync(Guid id, JournalScope? scope = null) => (await ListAsync(scope ?? Rows.Mine, [id])).ShouldHaveSingleItem();

    public async Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(JournalScope scope, int? most, CancellationToken cancellationToken) =>
        await (await SessionAsync(scope)).TagsAsync(most, cancellationToken);

    public async IAsyncEnumerable<RunwareSpend> SpendAsync(
        JournalScope scope, SpendQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var spend in (await SessionAsync(scope)).SpendAsync(query, cancellationToken))
        {
            yield return spend;
        }
    }

    public Task<List<RunwareSpend>> SpendAsync(JournalScope scope, DateTime? since, DateTime? until) =>
        SpendAsync(scope, new SpendQuery(since, until), CancellationToken.None).ToListAsync();

    public async Task<StoredMedium?> FindUploadAsync(JournalScope scope, string hash, CancellationToken cancellationToken) =>
        await (await SessionAsync(scope)).FindUploadAsync(hash, cancellationToken);

    public async Task UploadedAsync(JournalScope scope, string hash, StoredMedium medium, DateTime at) =>
        await (await SessionAsync(scope)).UploadedAsync(hash, medium, at);

    public async Task UploadRemovedAsync(JournalScope scope, Guid id) => await (await SessionAsync(scope)).UploadRemovedAsync(id);

    public void Dispose() => store.Dispose();
}
