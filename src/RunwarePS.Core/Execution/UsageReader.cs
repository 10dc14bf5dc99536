using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>
/// Reads what an account used: a report for each period that the API allows, several reports in a request.
/// Source: https://runware.ai/docs/tools/account-management.
/// </summary>
internal sealed class UsageReader(TaskExecutor executor)
{
    /// <summary>The most days of one report.</summary>
    private const int LongestPeriod = 30;

    private const int ReportsInRequest = 20;

    /// <summary>The first and the last day of a report.</summary>
    /// <param name="since">The first day; null for the longest period of a report.</param>
    /// <param name="until">The last day; null for today, in UTC.</param>
    /// <exception cref="RunwareException"><c>ParameterOutOfRange</c>: it ends before it begins.</exception>
    public static (DateOnly First, DateOnly Last) Period(DateOnly? since, DateOnly? until)
    {
        var last = until ?? DateOnly.FromDateTime(DateTime.UtcNow);
        var first = since ?? last.AddDays(1 - LongestPeriod);
        return first <= last
            ? (first, last)
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Since", Strings.SinceAfterUntil.With(Day(first), Day(last)));
    }

    /// <summary>Reads the usage of some days, as one report.</summary>
    /// <param name="kind"><c>Activity</c>, <c>Performance</c> or <c>Error</c>.</param>
    /// <param name="period">The first and the last day.</param>
    /// <param name="models">Only these AIRs; null for all.</param>
    /// <param name="groups">What a row aggregates, in the API's words; null for the API's default.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RunwareException">A report was refused.</exception>
    public async Task<IReadOnlyList<RunwareUsage>> ReadAsync(
        string kind, (DateOnly First, DateOnly Last) period, string[]? models, string[]? groups, CancellationToken cancellationToken)
    {
        var reports = new List<IDictionary>();
        foreach (var tasks in Reports(period).Select(p => Report(kind, p, models, groups)).Chunk(ReportsInRequest))
        {
            foreach (var result in await executor.AnswerAsync(tasks, cancellationToken).ConfigureAwait(false))
            {
                reports.AddRange(result.Failures is [var failure, ..] ? throw failure : result.Outputs.Select(o => o.AdditionalData));
            }
        }

        return RunwareUsage.Read(reports);
    }

    private static IEnumerable<(DateOnly First, DateOnly Last)> Reports((DateOnly First, DateOnly Last) period)
    {
        for (var first = period.First; first <= period.Last; first = first.AddDays(LongestPeriod))
        {
            var last = first.AddDays(LongestPeriod - 1);
            yield return (first, last < period.Last ? last : period.Last);
        }
    }

    private static TaskRequest Report(string kind, (DateOnly First, DateOnly Last) period, string[]? models, string[]? groups)
    {
        var body = new JsonObject
        {
            ["taskType"] = TaskTypes.AccountManagement,
            ["taskUUID"] = Guid.NewGuid().ToString("D"),
            ["operation"] = kind.ToUpperInvariant() switch
            {
                "PERFORMANCE" => "getUsagePerformance",
                "ERROR" => "getUsageErrors",
                _ => "getUsageActivity",
            },
            ["startDate"] = Day(period.First),
            ["endDate"] = Day(period.Last),
        };
        Add("models", models);
        Add("groupBy", groups);
        return new TaskRequest(body);

        void Add(string key, string[]? values)
        {
            if (values is not null)
            {
                body[key] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]);
            }
        }
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
