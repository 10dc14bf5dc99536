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

    /// <summary>The file that stores tasks and spending; the user's own by default. It must be on a local disk.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <summary>Sends nothing where the journal cannot be written.</summary>
    [Parameter]
    public SwitchParameter JournalRequired { get; set; }

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
        var settings = Settings(ConnectionDefaults.Endpoint(Endpoint), key);
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
        return Entry(Settings(sandbox.Endpoint, key: null), "None", sandbox, journal, isSandbox: true);
    }

    private bool IsWanted(string target) => ShouldProcess(target, Strings.ConnectAction);

    private string? FindJournal()
    {
        var journal = JournalPath is null ? null : GetUnresolvedProviderPathFromPSPath(JournalPath);
        if (journal is not null)
        {
            JournalLocation.RequireLocal(journal);
        }

        return journal;
    }

    private ConnectionSettings Settings(Uri endpoint, ApiKey? key) =>
        ConnectionSettings.Create(endpoint, key, TimeoutSec, MaxRetryCount ?? ConnectionSettings.DefaultMaxRetryCount)
            with { MaxCost = MaxCost, JournalRequired = JournalRequired };

    private ConnectionEntry Entry(ConnectionSettings settings, string source, RunwareSandbox? sandbox, string? journal, bool isSandbox)
    {
        var isTemporary = journal is null && isSandbox;
        journal ??= isTemporary ? Isolation.JournalStore.Temporary() : JournalLocation.Default;
        return new ConnectionEntry(settings, source, Scope.ToString(), sandbox, journal, isTemporary, isSandbox);
    }
}
