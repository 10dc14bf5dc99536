namespace RunwarePS.Core.Tests.Execution;

/// <summary>A journal whose process is suspended after its first begin.</summary>
internal sealed class InterruptedStore(IJournalStore store, Action onBegun) : IJournalStore
{
    public byte[] Salt => store.Salt;

    public async Task<IJournalSession> AttachAsync(JournalScope scope, bool isRequired, CancellationToken cancellationToken) =>
        new Session(await store.AttachAsync(scope, isRequired, cancellationToken), onBegun);

    public Task<IJournalReader?> ReadAsync(JournalScope scope, CancellationToken cancellationToken) => store.ReadAsync(scope, cancellationToken);

    public Task<JournalInfo> InfoAsync(CancellationToken cancellationToken) => store.InfoAsync(cancellationToken);

    public void Dispose() => store.Dispose();

    private sealed class Session(IJournalSession session, Action onBegun) : IJournalSession
    {
        private int _begins;

        public async Task<BeginOutcome> BeginAsync(
            JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap, CancellationToken cancellationToken)
        {
            var outcome = await session.BeginAsync(task, media, dailyCap, cancellationToken);
            if (Interlocked.Increment(ref _begins) == 1)
            {
                onBegun();
            }

            return outcome;
        }

        public ValueTask<bool> EnsureOwnedAsync(TaskLease lease, CancellationToken cancellationToken) => session.EnsureOwnedAsync(lease, cancellationToken);

        public Task AcceptedAsync(TaskLease lease, bool isWaitedFor) => session.AcceptedAsync(lease, isWaitedFor);

        public Task<bool> EndedAsync(Guid taskUuid, TaskEnd end) => session.EndedAsync(taskUuid, end);

        public Task<bool> RefusedAsync(TaskLease lease, TaskEnd end) => session.RefusedAsync(lease, end);

        public Task ReleasedAsync(TaskLease lease) => session.ReleasedAsync(lease);

        public Task SavedAsync(RunwareMedia media, string path) => session.SavedAsync(media, path);

        public Task<TaskLease?> ClaimAsync(Guid taskUuid, CancellationToken cancellationToken) => session.ClaimAsync(taskUuid, cancellationToken);

        public Task<KeptRequest?> RequestAsync(Guid taskUuid, CancellationToken cancellationToken) => session.RequestAsync(taskUuid, cancellationToken);

        public Task<int> RemoveAsync(TaskQuery query, int most, CancellationToken cancellationToken) => session.RemoveAsync(query, most, cancellationToken);

        public Task FlushAsync(CancellationToken cancellationToken) => session.FlushAsync(cancellationToken);

        public IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, CancellationToken cancellationToken) => session.SpendAsync(query, cancellationToken);

        public IAsyncEnumerable<JournalTask> QueryAsync(TaskQuery query, CancellationToken cancellationToken) => session.QueryAsync(query, cancellationToken);

        public Task<IReadOnlyList<(string Tag, DateTime At)>> TagsAsync(int? most, CancellationToken cancellationToken) => session.TagsAsync(most, cancellationToken);

        public Task<IReadOnlyList<Upload>> UploadsAsync(CancellationToken cancellationToken) => session.UploadsAsync(cancellationToken);

        public Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken) => session.FindUploadAsync(contentHash, cancellationToken);

        public Task UploadedAsync(string contentHash, StoredMedium medium, DateTime at) => session.UploadedAsync(contentHash, medium, at);

        public Task UploadRemovedAsync(Guid id) => session.UploadRemovedAsync(id);
    }
}
