using System.Management.Automation;
using System.Security;
using RunwarePS.Connections;
using RunwarePS.Sandbox;

namespace RunwarePS.Commands;

/// <summary>Sets the connection that the other cmdlets use. Sends nothing.</summary>
[Cmdlet(VerbsCommunications.Connect, "Runware", DefaultParameterSetName = KeySet, HelpUri = HelpLinks.Base + "Connect-Runware.md")]
[OutputType(typeof(RunwareConnection))]
public sealed class ConnectRunwareCommand : RunwareCmdlet
{
    private const string KeySet = "ApiKey";
    private const string CredentialSet = "Credential";
    private const string SandboxSet = "Sandbox";

    /// <summary>The API key. Without it, the environment variable RUNWARE_API_KEY is read.</summary>
    [Parameter(Position = 0, ParameterSetName = KeySet)]
    public SecureString? ApiKey { get; set; }

    /// <summary>A credential whose password is the API key; its user name is not used.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CredentialSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Another address of the API: https, or http on loopback.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = CredentialSet)]
    public Uri? Endpoint { get; set; }

    /// <summary>Starts a sandbox and connects to it: no key, no cost.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SandboxSet)]
    public SwitchParameter Sandbox { get; set; }

    /// <summary>How long one request may take, in seconds; 300 unless told. A picture may take minutes.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = ConnectionSettings.DefaultTimeoutSeconds;

    /// <summary>How often an unclear request is repeated under its own id; 3 unless told.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaxRetryCount { get; set; } = ConnectionSettings.DefaultMaxRetryCount;

    /// <summary>For whom the connection is made: for the whole process unless told.</summary>
    [Parameter]
    public ConnectionScope Scope { get; set; } = ConnectionScope.Process;

    /// <summary>Writes the connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        try
        {
            var entry = Sandbox ? ToSandbox() : ToApi();
            ConnectionStore.Set(entry);
            if (PassThru)
            {
                WriteObject(entry.ToPublic());
            }
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, Endpoint);
        }
    }

    private ConnectionEntry ToApi()
    {
        var (key, source) = ConnectionLadder.Key(ApiKey ?? Credential?.Password);
        return new ConnectionEntry(ConnectionSettings.Create(ConnectionLadder.Endpoint(Endpoint), key, TimeoutSec, MaxRetryCount), source, Scope.ToString(), Sandbox: null);
    }

    private ConnectionEntry ToSandbox()
    {
        var sandbox = RunwareSandbox.Start();
        return new ConnectionEntry(ConnectionSettings.Create(sandbox.Endpoint, key: null, TimeoutSec, MaxRetryCount), "None", Scope.ToString(), sandbox);
    }
}
