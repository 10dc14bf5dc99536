namespace RunwarePS.Journal;

/// <summary>How a task ended. Its outputs and failures are the journal's own from then on.</summary>
/// <param name="Status">One of <see cref="RunwareTaskStatus"/>.</param>
/// <param name="Outputs">The outputs of every kind.</param>
/// <param name="Failures">What failed of it.</param>
/// <param name="At">When it ended, in UTC.</param>
internal sealed record TaskEnd(string Status, IReadOnlyList<RunwareOutput> Outputs, IReadOnlyList<RunwareFailure> Failures, DateTime At)
{
    /// <summary>The end of a task that the API refused.</summary>
    public static TaskEnd Refused(RunwareException failure, DateTime at) =>
        new(RunwareTaskStatus.Failed, [], [RunwareFailure.From(failure)], at);

    /// <summary>The end of a task with a result.</summary>
    public static TaskEnd Of(TaskResult result, DateTime at) =>
        new(result.Status, result.Outputs, [.. result.Failures.Select(RunwareFailure.From)], at);

    /// <summary>
    /// What it cost in USD; null if that isn't known. Failures aren't charged, and what was charged once stays so: results expire, and a
    /// later response may hold less.
    /// </summary>
    public decimal? Cost =>
        Outputs.Count > 0 && Outputs.All(o => o.IsPart || o.Cost is not null) ? Outputs.Sum(o => o.Cost ?? 0) : null;
}
