using System.Management.Automation;
using RunwarePS.Connections;
using RunwarePS.Isolation;

namespace RunwarePS.Commands;

/// <summary>Creates or upgrades the journal in a database, and lets roles work with it. For the owner of the database.</summary>
[Cmdlet(VerbsData.Initialize, "RunwareJournal", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Initialize-RunwareJournal.md")]
[OutputType(typeof(string))]
public sealed class InitializeRunwareJournalCommand : RunwareCmdlet
{
    /// <summary>The URL of the database, without a password; that of the connection by default.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Journal { get; set; }

    /// <summary>The role and password of the owner.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? JournalCredential { get; set; }

    /// <summary>Roles that may read and write tasks, and nothing else.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = [];

    private protected override void Process()
    {
        var address = FindAddress();
        var what = Strings.PerformingOperation.With(Strings.InitializeJournalAction, address);
        if (ShouldProcess(what, verboseWarning: null, caption: null, out var reason))
        {
            Await(cancellationToken => JournalStore.Setup.ApplyAsync(address, Role, cancellationToken));
        }
        else if (reason == ShouldProcessReason.WhatIf)
        {
            WriteObject(Await(cancellationToken => JournalStore.Setup.ScriptAsync(address, Role, cancellationToken)));
        }
    }

    /// <exception cref="RunwareException"><c>JournalUrlInvalid</c> or <c>JournalPasswordInUrl</c>.</exception>
    private ServerAddress FindAddress()
    {
        var credential = JournalCredentials.Of(JournalCredential);
        var address = Journal is not null
            ? JournalAddress.Parse(Journal, GetUnresolvedProviderPathFromPSPath, credential)
            : (ConnectionStore.Current?.Journal ?? JournalLocation.Default) is var current && credential is not null
                ? current.With(credential)
                : current;
        return address as ServerAddress
            ?? throw RunwareException.Invalid(ErrorCodes.JournalUrlInvalid, nameof(Journal), Strings.JournalOfFile.With(address));
    }
}
