using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>What the account used, as the API reports it: by day, model or API key.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareUsage", HelpUri = HelpLinks.Base + "Get-RunwareUsage.md")]
[OutputType(typeof(RunwareUsage))]
public sealed class GetRunwareUsageCommand : RunwareCmdlet
{
    /// <summary>The first day, in UTC.</summary>
    [Parameter]
    [DayTransformation]
    public DateTime? Since { get; set; }

    /// <summary>The last day, in UTC.</summary>
    [Parameter]
    [DayTransformation]
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
        var models = Model is null ? null : Array.ConvertAll(Model, m => ModelCatalog.Default.Find(m)?.Air ?? m);
        var groups = GroupBy is null ? null : Array.ConvertAll(GroupBy, g => WordCompleter.NormalizeCase(nameof(GroupBy), g)!);
        var period = UsageReader.Period(Day(Since), Day(Until)); // refused without a connection, too
        var reader = new UsageReader(Context.Delivery);
        WriteObject(
            Await(cancellationToken => reader.ReadAsync(Kind, period, models, groups, cancellationToken)), enumerateCollection: true);
    }

    private static DateOnly? Day(DateTime? time) => time is { } given ? DateOnly.FromDateTime(given) : null;
}
