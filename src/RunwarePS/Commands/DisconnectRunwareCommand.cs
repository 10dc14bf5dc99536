using System.Management.Automation;
using RunwarePS.Connections;

namespace RunwarePS.Commands;

/// <summary>Forgets this runspace's connection, the process's, and the key; stops a sandbox that the connection started.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Runware", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Disconnect-Runware.md")]
public sealed class DisconnectRunwareCommand : RunwareCmdlet
{
    private protected override void Process()
    {
        if (ShouldProcess(Strings.CurrentConnection, "Disconnect-Runware"))
        {
            if (ConnectionStore.Current is { } connection)
            {
                Array.ForEach(WebhookRegistry.Running(connection.Settings), WebhookRegistry.Stop);
            }

            ConnectionStore.Clear();
        }
    }
}
