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
        WriteObject(connection.ToPublic(connection.Journal is ServerAddress server ? DescribeJournal(server) : null));
    }

    private JournalInfo? DescribeJournal(ServerAddress server)
    {
        try
        {
            return Await(async cancellationToken =>
            {
                var journal = await JournalStore.OpenAsync(server).WaitAsync(cancellationToken).ConfigureAwait(false);
                return await journal.InfoAsync(cancellationToken).ConfigureAwait(false);
            });
        }
        catch (RunwareException e)
        {
            WriteWarning(e.Message); // the connection is as it is
            return null;
        }
    }
}
