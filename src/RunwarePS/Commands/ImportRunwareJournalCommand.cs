using System.Management.Automation;
using RunwarePS.Isolation;

namespace RunwarePS.Commands;

/// <summary>Adds the tasks of this connection in a journal file to the connection's journal in a database.</summary>
[Cmdlet(VerbsData.Import, "RunwareJournal", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Import-RunwareJournal.md")]
[OutputType(typeof(RunwareJournalImport))]
public sealed class ImportRunwareJournalCommand : RunwareCmdlet
{
    /// <summary>The journal file. It is read only.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override void Process()
    {
        var file = new FileAddress(GetUnresolvedProviderPathFromPSPath(Path));
        JournalLocation.RequireLocal(file.Path);
        if (!File.Exists(file.Path))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Path), Strings.JournalFileNotFound.With(Path));
        }

        if (Context.Connection.Journal is not ServerAddress)
        {
            throw RunwareException.Invalid(ErrorCodes.JournalUrlInvalid, "Journal", Strings.JournalNotOnServer);
        }

        if (ShouldProcess(file.Path, Strings.ImportJournalAction))
        {
            WriteObject(Await(cancellationToken => ImportAsync(file, cancellationToken)));
        }
    }

    private async Task<RunwareJournalImport> ImportAsync(FileAddress file, CancellationToken cancellationToken)
    {
        var source = await JournalStore.OpenAsync(file).WaitAsync(cancellationToken).ConfigureAwait(false);
        var (found, added) = await Context.Journal.ImportAsync(source, cancellationToken).ConfigureAwait(false);
        return new RunwareJournalImport { Path = file.Path, Found = found, Added = added };
    }
}
