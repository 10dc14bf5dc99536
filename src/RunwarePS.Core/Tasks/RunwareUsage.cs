using System.Collections;
using System.Globalization;

namespace RunwarePS;

/// <summary>What an account used, for one day, model or API key. Which numbers are present depends on the kind of report.</summary>
public sealed class RunwareUsage
{
    /// <summary>What the row aggregates: <c>date</c>, <c>model</c> or <c>apiKey</c>.</summary>
    public string GroupBy { get; set; } = "";

    /// <summary>The day, if grouped by date.</summary>
    public DateTime? Date { get; set; }

    /// <summary>The AIR, if grouped by model.</summary>
    public string? Model { get; set; }

    /// <summary>The name of the model, if grouped by model.</summary>
    public string? ModelName { get; set; }

    /// <summary>The UUID of the API key, if grouped by key.</summary>
    public string? ApiKeyUuid { get; set; }

    /// <summary>The number of requests.</summary>
    public long? Count { get; set; }

    /// <summary>USD.</summary>
    public decimal? Spend { get; set; }

    /// <summary>How many requests failed with a 4xx status.</summary>
    public long? ClientErrors { get; set; }

    /// <summary>How many requests failed with a 5xx status.</summary>
    public long? ServerErrors { get; set; }

    /// <summary>The mean time of a request in seconds.</summary>
    public decimal? AvgInferenceTime { get; set; }

    /// <summary>
    /// The time in seconds that 90 percent of the requests stayed below; null over several periods, because it can't be added up.
    /// </summary>
    public decimal? P90InferenceTime { get; set; }

    /// <summary>
    /// The time in seconds that 99 percent of the requests stayed below; null over several periods, because it can't be added up.
    /// </summary>
    public decimal? P99InferenceTime { get; set; }

    /// <summary>The rows of several reports of consecutive periods, one for each group.</summary>
    internal static IReadOnlyList<RunwareUsage> Read(IEnumerable<IDictionary> reports) =>
    [
        .. (from report in reports
           where report["usage"] is IDictionary
           from DictionaryEntry table in (IDictionary)report["usage"]!
           let groupBy = (string)table.Key == "timeseries" ? "date" : (string)table.Key
           from row in (table.Value as IDictionary)?["data"] as object?[] ?? []
           where row is IDictionary
           select From(groupBy, (IDictionary)row) into row
           group row by (row.GroupBy, row.Date, row.Model, row.ApiKeyUuid) into rows
           select rows.Aggregate(Add))
            .OrderBy(r => r.GroupBy, StringComparer.Ordinal).ThenBy(r => r.Date)
            .ThenBy(r => r.Model, StringComparer.Ordinal).ThenBy(r => r.ApiKeyUuid, StringComparer.Ordinal),
    ];

    private static RunwareUsage From(string groupBy, IDictionary row) => new()
    {
        GroupBy = groupBy,
        Date = DateTime.TryParse(row["date"] as string, CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var date)
            ? date : null,
        Model = row["model"] as string,
        ModelName = row["modelName"] as string,
        ApiKeyUuid = row["apiKey"] as string,
        Count = row["count"] as long?,
        Spend = Number(row["spend"]),
        ClientErrors = row["clientErrors"] as long?,
        ServerErrors = row["serverErrors"] as long?,
        AvgInferenceTime = Number(row["avgInferenceTime"]),
        P90InferenceTime = Number(row["p90InferenceTime"]),
        P99InferenceTime = Number(row["p99InferenceTime"]),
    };

    private static RunwareUsage Add(RunwareUsage first, RunwareUsage second) => new()
    {
        GroupBy = first.GroupBy,
        Date = first.Date,
        Model = first.Model,
        ModelName = first.ModelName ?? second.ModelName,
        ApiKeyUuid = first.ApiKeyUuid,
        Count = Sum(first.Count, second.Count),
        Spend = Sum(first.Spend, second.Spend),
        ClientErrors = Sum(first.ClientErrors, second.ClientErrors),
        ServerErrors = Sum(first.ServerErrors, second.ServerErrors),
        AvgInferenceTime = Mean(first, second),
    };

    // Each mean counts as often as it has requests; without their number there is no common mean.
    private static decimal? Mean(RunwareUsage first, RunwareUsage second) =>
        first.AvgInferenceTime is not { } a || first.Count is 0 ? second.AvgInferenceTime
        : second.AvgInferenceTime is not { } b || second.Count is 0 ? a
        : first.Count is { } m && second.Count is { } n ? ((a * m) + (b * n)) / (m + n) : null;

    private static long? Sum(long? first, long? second) => first is null ? second : first + (second ?? 0);

    private static decimal? Sum(decimal? first, decimal? second) => first is null ? second : first + (second ?? 0);

    private static decimal? Number(object? value) => value switch { long whole => whole, decimal number => number, _ => null };

    /// <summary>What the row aggregates, and its number of requests.</summary>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{(Date is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : Model ?? ApiKeyUuid)}: {Count}");
}
