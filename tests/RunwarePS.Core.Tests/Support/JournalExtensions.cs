namespace RunwarePS.Core.Tests;

/// <summary>The journal as tests use it: without tokens, and with its streams as lists.</summary>
internal static class JournalExtensions
{
    public static Task<BeginOutcome?> BeginAsync(this ConnectionJournal journal, TaskRequest task) => journal.BeginAsync(task, CancellationToken.None);

    public static async Task<bool> ClaimAsync(this ConnectionJournal journal, Guid id) => await journal.ClaimAsync(id, CancellationToken.None) is not null;

    public static Task<List<JournalTask>> ListAsync(this ConnectionJournal journal) => journal.QueryAsync(TaskQuery.All, CancellationToken.None).ToListAsync();

    public static Task<JournalTask?> FindAsync(this ConnectionJournal journal, Guid id) => journal.FindAsync(id, CancellationToken.None);

    public static Task<TaskRequest?> RequestAsync(this ConnectionJournal journal, JournalTask row) => journal.RequestAsync(row, CancellationToken.None);

    public static Task RemoveAsync(this ConnectionJournal journal, IReadOnlyCollection<Guid> ids) => journal.RemoveAsync(new TaskQuery { TaskUuids = ids }, ids.Count, CancellationToken.None);

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
