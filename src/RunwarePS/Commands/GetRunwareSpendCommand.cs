using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>The ledger of this connection: one record for each charged task.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareSpend", HelpUri = HelpLinks.Base + "Get-RunwareSpend.md")]
[OutputType(typeof(RunwareSpend))]
public sealed class GetRunwareSpendCommand : RunwareCmdlet
{
    /// <summary>From this time on.</summary>
    [Parameter]
    [ReadTime]
    public DateTime? Since { get; set; }

    /// <summary>Before this time.</summary>
    [Parameter]
    [ReadTime]
    public DateTime? Until { get; set; }

    /// <summary>Only tasks with this mark; wildcards are taken.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagPatternCompleter))]
    public string? Tag { get; set; }

    private protected override void Process()
    {
        RequireValues(nameof(Since), nameof(Until), nameof(Tag));
        var pattern = Tag is null ? null : WildcardPattern.Get(Tag, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        var journal = Context.Journal;
        var spent = Await(_ => journal.SpendAsync(Since?.ToUniversalTime(), Until?.ToUniversalTime()));
        WriteObject(spent.Where(s => pattern is null || (s.Tag is not null && pattern.IsMatch(s.Tag))), enumerateCollection: true);
    }
}
