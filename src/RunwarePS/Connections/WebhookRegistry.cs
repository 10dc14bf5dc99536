using System.Security.Cryptography;

namespace RunwarePS.Connections;

/// <summary>
/// The webhook receivers of this process, and the signals of each endpoint and key. A connection that is set again, or in another
/// runspace, has the receivers of its endpoint and key.
/// </summary>
internal static class WebhookRegistry
{
    private static readonly byte[] s_salt = RandomNumberGenerator.GetBytes(16);
    private static readonly Dictionary<string, TaskSignals> s_signals = new(StringComparer.Ordinal);
    private static readonly List<(RunwareWebhook Webhook, string Account)> s_running = [];

    /// <summary>Starts a receiver for a connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port is in use, or not allowed.</exception>
    public static RunwareWebhook Start(ConnectionEntry connection, int port, Uri? publicUri)
    {
        var account = Account(connection.Settings);
        lock (s_signals)
        {
            if (!s_signals.TryGetValue(account, out var signals))
            {
                signals = new TaskSignals(TimeProvider.System);
            }

            var isLocal = connection.Settings.Endpoint.IsLoopback;
            var webhook = new RunwareWebhook(WebhookReceiver.Start(port, publicUri, isLocal, signals));
            var context = new CmdletContext(() => null, _ => { }, connection);
            signals.Unclaimed = id => _ = SettleAsync(context, id);
            s_signals[account] = signals;
            s_running.Add((webhook, account));
            return webhook;
        }
    }

    public static void Stop(RunwareWebhook webhook)
    {
        lock (s_signals)
        {
            s_running.RemoveAll(r => r.Webhook == webhook);
        }

        webhook.Stop();
    }

    /// <summary>The signals of a connection; null if no receiver was ever started for it.</summary>
    public static TaskSignals? Find(ConnectionSettings connection)
    {
        lock (s_signals)
        {
            return s_signals.Count == 0 ? null : s_signals.GetValueOrDefault(Account(connection));
        }
    }

    /// <summary>The receivers that listen; those of one connection, or all.</summary>
    public static RunwareWebhook[] Running(ConnectionSettings? connection = null)
    {
        lock (s_signals)
        {
            var account = connection is null ? null : Account(connection);
            return [.. s_running.Where(r => account is null || r.Account == account).Select(r => r.Webhook)];
        }
    }

    // A task that isn't waited for is recorded in the journal: a later session, or another one with the same journal, has its results.
    private static async Task SettleAsync(CmdletContext context, Guid id)
    {
        try
        {
            await context.Receiver.SettleAsync(id, CancellationToken.None).ConfigureAwait(false);
            await context.FlushJournalAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RunwareException or HttpRequestException or IOException or OperationCanceledException)
        {
            // A later poll has the results all the same.
        }
    }

    private static string Account(ConnectionSettings connection) =>
        $"{Redaction.Address(connection.Endpoint).TrimEnd('/')} {(connection.Key is { } key ? Convert.ToHexString(key.Hash(s_salt)) : "")}";
}
