namespace RunwarePS.Core.Tests;

/// <summary>The journal as tests use it: without tokens, and with its streams as lists.</summary>
internal static class JournalExtensions
{
    public static Task<BeginOutcome> BeginAsync(
        this ITaskJournal journal, JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> pictures, decimal? dailyCap) =>
        journal.BeginAsync(scope, task, pictures, dailyCap, CancellationToken.None);

    public static Task<bool> ClaimAsync(this ITaskJournal journal, JournalScope scope, Guid id) => journal.ClaimAsync(scope, id, CancellationToken.None);

    public static Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Media)?> RequestAsync(this ITaskJournal journal, JournalScope scope, Guid id) =>
        journal.RequestAsync(scope, id, CancellationToken.None);

    public static Task RemoveAsync(this ITaskJournal journal, JournalScope scope, IReadOnlyCollection<Guid> ids) =>
        journal.RemoveAsync(scope, ids, CancellationToken.None);

    public static Task FlushAsync(this ITaskJournal journal) => journal.FlushAsync(CancellationToken.None);

    public static Task<List<JournalTask>> ListAsync(this IJournalReader journal, JournalScope scope, IReadOnlyCollection<Guid>? ids) =>
        journal.QueryAsync(scope, new TaskQuery { TaskUuids = ids }, CancellationToken.None).ToListAsync();

    public static Task<List<RunwareSpend>> SpendAsync(this ISpendLedger journal, JournalScope scope, DateTime? since, DateTime? until) =>
        journal.SpendAsync(scope, new SpendQuery(since, until), CancellationToken.None).ToListAsync();

    public static Task<bool> BeginAsync(this ConnectionJournal journal, TaskRequest task) => journal.BeginAsync(task, CancellationToken.None);

    public static Task<bool> ClaimAsync(this ConnectionJournal journal, Guid id) => journal.ClaimAsync(id, CancellationToken.None);

    public static Task<List<JournalTask>> ListAsync(this ConnectionJournal journal) => journal.QueryAsync(TaskQuery.All, CancellationToken.None).ToListAsync();

    public static Task<JournalTask?> FindAsync(this ConnectionJournal journal, Guid id) => journal.FindAsync(id, CancellationToken.None);

    public static Task<TaskRequest?> RequestAsync(this ConnectionJournal journal, JournalTask row) => journal.RequestAsync(row, CancellationToken.None);

    public static Task RemoveAsync(this ConnectionJournal journal, IReadOnlyCollection<Guid> ids) => journal.RemoveAsync(ids, CancellationToken.None);

    public static Task<List<RunwareSpend>> SpendAsync(this ConnectionJournal journal, DateTime? since, DateTime? until) =>
        journal.SpendAsync(new SpendQuery(since, until), CancellationToken.None).ToListAsync();

    public static Task FlushAsync(this ConnectionJournal journal) => journal.FlushAsync(CancellationToken.None);

    public static Task<List<JournalTask>> FindAsync(this TaskResumer resumer, IReadOnlyCollection<Guid>? ids) =>
        resumer.FindAsync(ids, CancellationToken.None).ToListAsync();

    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
