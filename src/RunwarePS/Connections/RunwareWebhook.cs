namespace RunwarePS;

/// <summary>A receiver of webhooks, as <c>Start-RunwareWebhook</c> started it.</summary>
public sealed class RunwareWebhook
{
    private readonly WebhookReceiver _receiver;

    internal RunwareWebhook(WebhookReceiver receiver) => _receiver = receiver;

    /// <summary>
    /// The whole URL, with its token. It's a secret: a client that has it can make this process poll. Views, messages and CLIXML omit it.
    /// </summary>
    public Uri Url => _receiver.Route.Url;

    /// <summary>The port on 127.0.0.1 to which a tunnel or reverse proxy brings the calls.</summary>
    public int Port => _receiver.Port;

    /// <summary>Whether it still listens.</summary>
    public bool IsRunning => _receiver.IsRunning;

    /// <summary>The number of calls that had the right token.</summary>
    public int CallCount => _receiver.Calls;

    /// <summary>The URL, without its query.</summary>
    public override string ToString() => Redaction.Address(Url);

    internal void Stop() => _receiver.Dispose();
}
