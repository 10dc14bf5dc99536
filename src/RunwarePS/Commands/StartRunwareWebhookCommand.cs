using System.Management.Automation;
using System.Net.Sockets;
using RunwarePS.Connections;

namespace RunwarePS.Commands;

/// <summary>Listens for the calls by which the API announces results, so that tasks are polled when they are ready.</summary>
[Cmdlet(VerbsLifecycle.Start, "RunwareWebhook", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Start-RunwareWebhook.md")]
[OutputType(typeof(RunwareWebhook))]
public sealed class StartRunwareWebhookCommand : RunwareCmdlet
{
    /// <summary>The port on 127.0.0.1; 0, the default, takes any that is free.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(0, 65535)]
    public int? Port { get; set; }

    /// <summary>The URL under which the API reaches the port, such as that of a tunnel.</summary>
    [Parameter]
    [UriTransformation(RequiresValue = true)]
    public Uri? PublicUri { get; set; }

    private protected override void Begin() => RequireValues(nameof(PublicUri));

    private protected override void Process()
    {
        var endpoint = Context.Connection.Settings.Endpoint;
        var port = Port ?? 0;
        if (!ShouldProcess(port == 0 ? Strings.AnyFreePort : Strings.PortNumber.With(port), "Start-RunwareWebhook"))
        {
            return;
        }

        try
        {
            var webhook = WebhookRegistry.Start(Context.Connection, port, PublicUri);
            if (PublicUri is null && !endpoint.IsLoopback)
            {
                WriteWarning(Strings.WebhookUnreachable.With(Redaction.Address(endpoint), webhook, webhook.Port));
            }

            WriteObject(webhook);
        }
        catch (SocketException e)
        {
            ThrowFailure(new RunwareException(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                Strings.PortInUse.With(port, e.Message), e) { Parameter = nameof(Port) }, port);
        }
    }
}
