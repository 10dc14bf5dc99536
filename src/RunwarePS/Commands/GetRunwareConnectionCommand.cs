using System.Management.Automation;
using RunwarePS.Isolation;

namespace RunwarePS.Commands;

/// <summary>Shows the connection that the other cmdlets would use now, without its key.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareConnection", HelpUri = HelpLinks.Base + "Get-RunwareConnection.md")]
[OutputType(typeof(RunwareConnection))]
public sealed class GetRunwareConnectionCommand : RunwareCmdlet
{
    private protected override void Process()
    {
        var connection = Context.Connection;
        WriteObject(connection.ToPublic(DescribeJournal(connection.Journal)));
    }

    private JournalInfo? DescribeJournal(JournalAddress address)
    {
        try
        {
            return Await(cancellationToken => address is ServerAddress
                ? DescribeServerAsync(address, cancellationToken)
                : DescribeFileAsync(address, cancellationToken));
        }
        catch (RunwareException e)
        {
            WriteWarning(e.Message); // the connection is as it is
            return null;
        }
    }

    private static async Task<JournalInfo?> DescribeServerAsync(JournalAddress address, CancellationToken cancellationToken)
    {
        var journal = await JournalStore.OpenAsync(address).WaitAsync(cancellationToken).ConfigureAwait(false);
        return await journal.InfoAsync(cancellationToken).ConfigureAwait(false);
    }

    // A file that doesn't exist yet isn't created.
    private static async Task<JournalInfo?> DescribeFileAsync(JournalAddress address, CancellationToken cancellationToken)
    {
        using var journal = JournalStore.OpenForReading(address);
        return journal is null ? null : await journal.InfoAsync(cancellationToken).ConfigureAwait(false);
    }
}
