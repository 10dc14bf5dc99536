namespace RunwarePS.Journal;

/// <summary>A journal that takes tasks of another one as they are.</summary>
internal interface IJournalImporter
{
    /// <summary>Adds tasks that aren't there yet, and what removed tasks cost.</summary>
    /// <param name="tasks">The tasks, with the requests that can still be sent.</param>
    /// <param name="removed">What tasks cost that the other journal no longer has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were added.</returns>
    Task<int> ImportAsync(
        IReadOnlyList<(JournalTask Task, KeptRequest? Request)> tasks, IReadOnlyList<RunwareSpend> removed,
        CancellationToken cancellationToken);

    /// <summary>Adds uploads. One that is known doesn't replace a later one of the same content.</summary>
    Task ImportAsync(IReadOnlyList<Upload> uploads);
}

/// <summary>Copies the tasks and uploads of one endpoint and account from one journal into another. A second run adds nothing.</summary>
/// <param name="source">The journal to read.</param>
/// <param name="sourceSeal">Opens its requests.</param>
/// <param name="target">The journal to add to.</param>
/// <param name="targetSeal">Seals its requests.</param>
internal sealed class JournalImport(IJournalSession source, JournalSeal sourceSeal, IJournalImporter target, JournalSeal targetSeal)
{
    private const int BatchSize = 500;

    /// <returns>How many tasks and removed tasks there were, and how many were added.</returns>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>, also while another process works on a task.</exception>
    public async Task<(int Found, int Added)> RunAsync(CancellationToken cancellationToken)
    {
        var known = new HashSet<Guid>();
        var tasks = new List<(JournalTask, KeptRequest?)>();
        var (found, added) = (0, 0);
        await foreach (var task in source.QueryAsync(TaskQuery.All, cancellationToken).ConfigureAwait(false))
        {
            if (task.IsOwned)
            {
                throw ConnectionJournal.Unavailable(Strings.JournalInUse.With(task.TaskUuid), inner: null);
            }

            known.Add(task.TaskUuid);
            tasks.Add((task, await RequestAsync(task, cancellationToken).ConfigureAwait(false)));
            if (tasks.Count == BatchSize)
            {
                await AddAsync([]).ConfigureAwait(false);
            }
        }

        var removed = new List<RunwareSpend>();
        await foreach (var spend in source.SpendAsync(new SpendQuery(), cancellationToken).ConfigureAwait(false))
        {
            if (!known.Contains(spend.TaskUuid))
            {
                removed.Add(spend);
            }
        }

        await AddAsync(removed).ConfigureAwait(false);
        await target.ImportAsync(await source.UploadsAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return (found, added);

        async Task AddAsync(IReadOnlyList<RunwareSpend> spends)
        {
            found += tasks.Count + spends.Count;
            added += await target.ImportAsync(tasks, spends, cancellationToken).ConfigureAwait(false);
            tasks.Clear();
        }
    }

    private async Task<KeptRequest?> RequestAsync(JournalTask task, CancellationToken cancellationToken) =>
        task.Status == RunwareTaskStatus.Pending
        && await source.RequestAsync(task.TaskUuid, cancellationToken).ConfigureAwait(false) is { } kept
            ? JournalRequest.Reseal(task.TaskUuid, kept, sourceSeal, targetSeal)
            : null;
}
