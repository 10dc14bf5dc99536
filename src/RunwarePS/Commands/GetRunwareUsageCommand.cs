using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>What the account used, as the API reports it: by day, model or API key.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareUsage", HelpUri = HelpLinks.Base + "Get-RunwareUsage.md")]
[OutputType(typeof(RunwareUsage))]
public sealed class GetRunwareUsageCommand : RunwareCmdlet
{
    /// <summary>The longest period of one report. Source: https://runware.ai/docs/tools/account-management.</summary>
    private const int LongestPeriod = 30;

    private const int ReportsInRequest = 20;

    /// <summary>The first day.</summary>
    [Parameter]
    [TimeTransformation]
    public DateTime? Since { get; set; }

    /// <summary>The last day.</summary>
    [Parameter]
    [TimeTransformation]
    public DateTime? Until { get; set; }

    /// <summary>Only these models, by AIR or slug.</summary>
    [Parameter]
    [TextsTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string[]? Model { get; set; }

    /// <summary>What a row aggregates: a date, a model or an API key.</summary>
    [Parameter]
    [TextsTransformation]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string[]? GroupBy { get; set; }

    /// <summary>What is reported: requests and spending, times, or errors.</summary>
    [Parameter]
    [ValidateSet("Activity", "Performance", "Error")]
    public string Kind { get; set; } = "Activity";

    private protected override void Process()
    {
        RequireValues(nameof(Since), nameof(Until), nameof(Model), nameof(GroupBy));
        var until = DateOnly.FromDateTime(Until ?? DateTime.UtcNow);
        var since = Since is { } first ? DateOnly.FromDateTime(first) : until.AddDays(1 - LongestPeriod);
        if (since > until)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Since),
                Strings.SinceAfterUntil.With(Day(since), Day(until)));
        }

        var reports = Await(cancellationToken => ReadAsync(since, until, cancellationToken));
        WriteObject(RunwareUsage.Read(reports), enumerateCollection: true);
    }

    private async Task<IReadOnlyList<System.Collections.IDictionary>> ReadAsync(DateOnly since, DateOnly until,
        CancellationToken cancellationToken)
    {
        var reports = new List<System.Collections.IDictionary>();
        foreach (var tasks in Periods(since, until).Select(Report).Chunk(ReportsInRequest))
        {
            foreach (var result in await Context.Delivery.AnswerAsync(tasks, cancellationToken).ConfigureAwait(false))
            {
                reports.AddRange(result.Failures is [var failure, ..] ? throw failure : result.Outputs.Select(o => o.AdditionalData));
            }
        }

        return reports;
    }

    private static IEnumerable<(DateOnly Start, DateOnly End)> Periods(DateOnly since, DateOnly until)
    {
        for (var start = since; start <= until; start = start.AddDays(LongestPeriod))
        {
            var end = start.AddDays(LongestPeriod - 1);
            yield return (start, end < until ? end : until);
        }
    }

    private TaskRequest Report((DateOnly Start, DateOnly End) period)
    {
        var body = new JsonObject
        {
            ["taskType"] = TaskTypes.AccountManagement,
            ["taskUUID"] = Guid.NewGuid().ToString("D"),
            ["operation"] = Kind.ToUpperInvariant() switch { "PERFORMANCE" => "getUsagePerformance", "ERROR" => "getUsageErrors",
                _ => "getUsageActivity" },
            ["startDate"] = Day(period.Start),
            ["endDate"] = Day(period.End),
        };
        if (Model is not null)
        {
            body["models"] = new JsonArray([.. Model.Select(m => JsonValue.Create(ModelCatalog.Default.Find(m)?.Air ?? m))]);
        }

        if (GroupBy is not null)
        {
            body["groupBy"] = new JsonArray([.. GroupBy.Select(g => JsonValue.Create(WordCompleter.NormalizeCase(nameof(GroupBy), g)))]);
        }

        return new TaskRequest(body);
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
