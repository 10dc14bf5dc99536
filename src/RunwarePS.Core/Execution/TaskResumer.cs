namespace RunwarePS.Execution;

/// <summary>
/// Takes up what a dead session left behind: sends again, under the same id, what was booked and never accepted; finds what was accepted;
/// brings back what is finished and not saved. What a living process works on is left alone.
/// </summary>
internal sealed class TaskResumer(TaskExecutor delivery, ConnectionJournal journal, TimeProvider? time = null)
{
    /// <summary>Results stay at their addresses for seven days unless told otherwise; older ones cannot be brought back.</summary>
    private static readonly TimeSpan s_retention = TimeSpan.FromDays(7);

    /// <summary>What there is to take up; with ids, only these.</summary>
    public async Task<IReadOnlyList<JournalTask>> FindAsync(IReadOnlyCollection<Guid>? taskUuids)
    {
        var rows = await journal.ListAsync(taskUuids).ConfigureAwait(false);
        return [.. rows.Where(r => !r.IsOwned && (taskUuids is not null || IsOpen(r)))];
    }

    /// <summary>Brings one task as far as its acceptance. Null where another process was faster.</summary>
    /// <exception cref="RunwareException">It was refused, or whether it was accepted is still not clear.</exception>
    public async Task<RunwareTask?> ResumeAsync(JournalTask row, CancellationToken cancellationToken)
    {
        if (row.Status != RunwareTaskStatus.Pending)
        {
            return TaskReceiver.View(row);
        }

        if (!await journal.ClaimAsync(row.TaskUuid).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            var task = await journal.RequestAsync(row).ConfigureAwait(false);
            return task is null ? TaskReceiver.View(row) : await delivery.StartAsync(task, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            journal.Released(row.TaskUuid);
        }
    }

    private bool IsOpen(JournalTask row) =>
        !row.HasEnded || (row.Images.Exists(i => i.Path is null) && row.CompletedAt > (time ?? TimeProvider.System).GetUtcNow().UtcDateTime - s_retention);
}
