namespace RunwarePS.Journal;

/// <summary>What tasks cost. Entries stay when their tasks are removed.</summary>
internal interface ISpendLedger
{
    /// <summary>Streams the charged tasks, oldest first.</summary>
    IAsyncEnumerable<RunwareSpend> SpendAsync(SpendQuery query, CancellationToken cancellationToken);
}

/// <param name="Since">Only tasks submitted at or after this UTC time.</param>
/// <param name="Until">Only tasks submitted before this UTC time.</param>
/// <param name="Tags">Only tasks with one of these tags, exactly as written.</param>
internal sealed record SpendQuery(DateTime? Since = null, DateTime? Until = null, IReadOnlyCollection<string>? Tags = null);
