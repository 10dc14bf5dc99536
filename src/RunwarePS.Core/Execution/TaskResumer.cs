using System.Runtime.CompilerServices;

namespace RunwarePS.Execution;

/// <summary>
/// Resumes the tasks of a session that ended: sends again, under the same ID, what was booked and never accepted; finds what was accepted;
/// brings back what is finished and not saved. What a living process works on is left alone.
/// </summary>
internal sealed class TaskResumer(TaskExecutor delivery, ConnectionJournal journal, TimeProvider? time = null)
{
    /// <summary>Results stay at their URLs for seven days by default; older ones can't be retrieved.</summary>
    private static readonly TimeSpan s_retention = TimeSpan.FromDays(7);

    /// <summary>The tasks to resume; with IDs, only these.</summary>
    public async IAsyncEnumerable<JournalTask> FindAsync(
        IReadOnlyCollection<Guid>? taskUuids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var oldest = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime - s_retention;
        var query = taskUuids is null ? new TaskQuery { OpenSince = oldest } : new TaskQuery { TaskUuids = taskUuids };
        await foreach (var row in journal.QueryAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (!row.IsOwned)
            {
                yield return row;
            }
        }
    }

    /// <summary>Brings one task as far as its acceptance. Null where another process was faster.</summary>
    /// <exception cref="RunwareException">It was refused, or whether it was accepted is still not clear.</exception>
    public async Task<RunwareTask?> ResumeAsync(JournalTask row, CancellationToken cancellationToken)
    {
        if (row.Status != RunwareTaskStatus.Pending)
        {
            return row.ToTask();
        }

        if (await journal.ClaimAsync(row.TaskUuid, cancellationToken).ConfigureAwait(false) is not { } lease)
        {
            return null;
        }

        try
        {
            var task = await journal.RequestAsync(row, cancellationToken).ConfigureAwait(false);
            return task is null
                ? row.ToTask()
                : await delivery.StartAsync(task, cancellationToken, lease).ConfigureAwait(false);
        }
        finally
        {
            journal.Released(lease);
        }
    }
}
