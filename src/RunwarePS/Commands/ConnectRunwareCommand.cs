using System.Management.Automation;
using System.Security;
using RunwarePS.Connections;
using RunwarePS.Sandbox;

namespace RunwarePS.Commands;

/// <summary>Sets the connection that the other cmdlets use. Sends nothing.</summary>
[Cmdlet(VerbsCommunications.Connect, "Runware", DefaultParameterSetName = KeySet, SupportsShouldProcess = true,
    HelpUri = HelpLinks.Base + "Connect-Runware.md")]
[OutputType(typeof(RunwareConnection))]
public sealed class ConnectRunwareCommand : RunwareCmdlet
{
    private const string KeySet = "ApiKey";
    private const string CredentialSet = "Credential";
    private const string SandboxSet = "Sandbox";

    /// <summary>The API key. Without it, the environment variable RUNWARE_API_KEY is read.</summary>
    // Null doesn't mean "not specified": if a vault returned nothing, the key of another account in the environment must not be used.
    [Parameter(Position = 0, ParameterSetName = KeySet)]
    [ValidateNotNull]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>A credential whose password is the API key; its user name is not used.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CredentialSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Another URL of the API: https, or http on loopback.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = CredentialSet)]
    [ValidateNotNull]
    public Uri? Endpoint { get; set; }

    /// <summary>Starts a sandbox and connects to it: no key, no cost.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SandboxSet)]
    public SwitchParameter Sandbox { get; set; }

    /// <summary>The timeout of one request, in seconds; 300 by default. An image may take minutes.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = ConnectionSettings.DefaultTimeoutSeconds;

    /// <summary>How often an indeterminate request is repeated under its own ID; 3 by default.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(0, 100)]
    public int? MaxRetryCount { get; set; }

    /// <summary>What all tasks of this endpoint and key may cost on one UTC day, in USD, across processes.</summary>
    [Parameter]
    [MoneyTransformation]
    [ValidateRange(0, 1_000_000)]
    public decimal? MaxCost { get; set; }

    /// <summary>
    /// Where tasks and spending are stored: a file, or the URL of a PostgreSQL database that several computers share, without a password.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Journal { get; set; }

    /// <summary>The role and password for the database of the journal.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? JournalCredential { get; set; }

    /// <summary>The file that stores tasks and spending; the user's own by default. It must be on a local disk.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <summary>Sends nothing where the journal cannot be written.</summary>
    [Parameter]
    public SwitchParameter JournalRequired { get; set; }

    /// <summary>Sends tasks also where the journal in a database cannot be written.</summary>
    [Parameter]
    public SwitchParameter JournalOptional { get; set; }

    /// <summary>The scope of the connection; the whole process by default.</summary>
    [Parameter]
    public ConnectionScope Scope { get; set; } = ConnectionScope.Process;

    /// <summary>Writes the connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        try
        {
            if ((Sandbox ? ToSandbox() : ToApi()) is not { } entry)
            {
                return;
            }

            ConnectionStore.Set(entry);
            ColdStart.Begin();
            if (entry.Journal is ServerAddress) // which takes longer to open than a file
            {
                ColdStart.Open(entry.Journal);
            }

            if (PassThru)
            {
                WriteObject(entry.ToPublic());
            }
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, Endpoint is null ? null : Redaction.Address(Endpoint));
        }
    }

    private ConnectionEntry? ToApi()
    {
        var (key, source) = ConnectionDefaults.Key(ApiKey ?? Credential?.Password);
        var settings = ConnectionSettings.Create(ConnectionDefaults.Endpoint(Endpoint), key, TimeoutSec, MaxRetryCount);
        var isSandbox = SandboxRegistry.Has(settings.Endpoint);
        var journal = FindJournal();
        return IsWanted(Redaction.Address(settings.Endpoint)) ? Entry(settings, source, sandbox: null, journal, isSandbox) : null;
    }

    private ConnectionEntry? ToSandbox()
    {
        var journal = FindJournal(); // what is wrong with it is reported before anything is started
        if (!IsWanted(Strings.NewSandbox))
        {
            return null;
        }

        var sandbox = RunwareSandbox.Start();
        var settings = ConnectionSettings.Create(sandbox.Endpoint, key: null, TimeoutSec, MaxRetryCount);
        return Entry(settings, "None", sandbox, journal, isSandbox: true);
    }

    private bool IsWanted(string target) => ShouldProcess(target, Strings.ConnectAction);

    private JournalAddress? FindJournal()
    {
        if (Journal is not null && JournalPath is not null)
        {
            throw Conflict(nameof(Journal), nameof(JournalPath));
        }

        if (JournalRequired && JournalOptional)
        {
            throw Conflict(nameof(JournalRequired), nameof(JournalOptional));
        }

        if (JournalPath is not null)
        {
            var file = new FileAddress(GetUnresolvedProviderPathFromPSPath(JournalPath));
            JournalLocation.RequireLocal(file.Path);
            return file;
        }

        var credential = JournalCredentials.Of(JournalCredential);
        return Journal is not null ? JournalAddress.Parse(Journal, GetUnresolvedProviderPathFromPSPath, credential)
            : credential is not null ? JournalLocation.Default.With(credential)
            : null;
    }

    private static RunwareException Conflict(string one, string other) =>
        RunwareException.Invalid(ErrorCodes.ParameterConflict, one, Strings.ParametersExclude.With(one, other));

    private ConnectionEntry Entry(
        ConnectionSettings settings, string source, RunwareSandbox? sandbox, JournalAddress? journal, bool isSandbox)
    {
        var isTemporary = journal is null && isSandbox;
        journal ??= isTemporary ? Isolation.JournalStore.Temporary() : JournalLocation.Default;
        settings = settings with { MaxCost = MaxCost, JournalRequired = JournalRequired || (journal is ServerAddress && !JournalOptional) };
        return new ConnectionEntry(settings, source, Scope.ToString(), sandbox, journal, isTemporary, isSandbox);
    }
}
