using System.Management.Automation;
using RunwarePS.Connections;

namespace RunwarePS.Commands;

/// <summary>Stops webhook receivers: those given, or all of this process. Tasks that wait go on polling.</summary>
[Cmdlet(VerbsLifecycle.Stop, "RunwareWebhook", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Stop-RunwareWebhook.md")]
public sealed class StopRunwareWebhookCommand : RunwareCmdlet
{
    /// <summary>The receivers to stop.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public RunwareWebhook[]? Webhook { get; set; }

    private protected override void Process()
    {
        foreach (var webhook in Webhook ?? (MyInvocation.Specifies(nameof(Webhook)) ? [] : WebhookRegistry.Running()))
        {
            if (ShouldProcess(webhook.ToString(), Strings.StopWebhookAction))
            {
                WebhookRegistry.Stop(webhook);
            }
        }
    }
}
