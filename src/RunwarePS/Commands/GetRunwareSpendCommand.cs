using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>The ledger of this connection: one record for each charged task.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareSpend", HelpUri = HelpLinks.Base + "Get-RunwareSpend.md")]
[OutputType(typeof(RunwareSpend))]
public sealed class GetRunwareSpendCommand : RunwareCmdlet
{
    /// <summary>From this time on.</summary>
    [Parameter]
    [TimeTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Before this time.</summary>
    [Parameter]
    [TimeTransformation]
    public DateTime? Until { get; set; }

    /// <summary>Only tasks with this mark; wildcards are taken.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagPatternCompleter))]
    public string? Tag { get; set; }

    private protected override void Process()
    {
        RequireValues(nameof(Since), nameof(Until), nameof(Tag));
        Await(Context.Journal.RequireAsync);
        var query = new SpendQuery(Since?.ToUniversalTime(), Until?.ToUniversalTime(), MatchingTags(Tag));
        foreach (var spend in Stream(cancellationToken => Context.Journal.SpendAsync(query, cancellationToken)))
        {
            WriteObject(spend);
        }
    }
}
