using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Brings results to webhookURL and uploadEndpoint, on loopback and nowhere else.</summary>
internal sealed class ResultDelivery(SandboxState state)
{
    private const int WebhookAttempts = 10;

    private static readonly TimeSpan s_lateness = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(8);
    private static readonly Lazy<HttpClient> s_client = new(CreateClient);

    /// <summary>Starts what a task asked for, in the background.</summary>
    public Task Begin(SandboxTask task) =>
        (task.Webhook ?? task.Upload) is not null && !task.NeverFinishes ? Task.Run(() => DeliverAsync(task)) : Task.CompletedTask;

    private async Task DeliverAsync(SandboxTask task)
    {
        try
        {
            await GenerateAsync(task).ConfigureAwait(false);
            task.IsDone = true;

            if (Address(task.Upload) is { } upload)
            {
                for (var i = 0; i < task.Successes; i++)
                {
                    var index = i;
                    await SendAsync("Upload", HttpMethod.Put, upload, task, attempts: 1, task.Format!.MediaType, () =>
                        task.Render(index)).ConfigureAwait(false);
                }
            }

            if (task.WebhookFault(SandboxFaultKind.WebhookLate) is { } late)
            {
                await Task.Delay(late.RetryAfter ?? s_lateness, state.Time, state.Stopping).ConfigureAwait(false);
            }

            foreach (var item in Items(task))
            {
                await CallAsync(task, item).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped: what was not delivered stays undelivered.
        }
    }

    /// <summary>Waits as long as the task takes, and reports its progress in the middle if that was asked for.</summary>
    private async Task GenerateAsync(SandboxTask task)
    {
        if (task.WebhookFault(SandboxFaultKind.WebhookEarly) is not null)
        {
            return;
        }

        var isReported = task.WebhookFault(SandboxFaultKind.WebhookProgress) is not null;
        var part = isReported ? state.Tasks.Latency / 2 : state.Tasks.Latency;
        await Task.Delay(part, state.Time, state.Stopping).ConfigureAwait(false);
        if (isReported)
        {
            var progress = new Envelope();
            progress.Add(json => task.WriteProgress(json, progress: 50));
            await CallAsync(task, progress).ConfigureAwait(false);
            await Task.Delay(part, state.Time, state.Stopping).ConfigureAwait(false);
        }
    }

    private async Task CallAsync(SandboxTask task, Envelope item)
    {
        if (Address(task.Webhook) is not { } webhook || task.WebhookFault(SandboxFaultKind.WebhookLost) is not null)
        {
            return;
        }

        var body = task.WebhookFault(SandboxFaultKind.WebhookFlat) is null ? item.ToJson().ToArray() : Flat(item);
        for (var i = task.WebhookFault(SandboxFaultKind.WebhookTwice) is null ? 1 : 0; i < 2; i++)
        {
            await SendAsync("Webhook", HttpMethod.Post, webhook, task, WebhookAttempts, HttpResponse.Json, () => body)
                .ConfigureAwait(false);
        }
    }

    private static byte[] Flat(Envelope item)
    {
        var envelope = JsonNode.Parse(item.ToJson().Span)!;
        if (envelope["data"] is JsonArray { Count: > 0 } data)
        {
            return Encoding.UTF8.GetBytes(data[0]!.ToJsonString());
        }

        var failure = envelope["errors"]![0]!;
        failure["status"] = "error";
        return Encoding.UTF8.GetBytes(failure.ToJsonString());
    }

    private static IEnumerable<Envelope> Items(SandboxTask task)
    {
        for (var i = 0; i < task.Successes; i++)
        {
            var index = i;
            var item = new Envelope();
            item.Add(json => task.WriteResult(json, index, withStatus: false));
            yield return item;
        }

        if (task.Failure is { } failure)
        {
            yield return Envelope.Failed(failure);
        }
    }

    private async Task SendAsync(string kind, HttpMethod method, Uri address, SandboxTask task, int attempts, string contentType,
        Func<byte[]> content)
    {
        if (!IsLoopback(address))
        {
            Note(attempt: 0, status: null, refused: true);
            return;
        }

        var pause = s_firstPause;
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var status = await TrySendAsync(method, address, contentType, content()).ConfigureAwait(false);
            Note(attempt, status, refused: false);
            if (status is >= 200 and < 300 || attempt == attempts)
            {
                return;
            }

            await Task.Delay(pause, state.Time, state.Stopping).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }

        void Note(int attempt, int? status, bool refused) =>
            state.Deliveries.Add(new SandboxDelivery(
                state.Now, kind, $"{address.Authority}{address.AbsolutePath}", task.TaskUuid, attempt, status, refused));
    }

    private async Task<int?> TrySendAsync(HttpMethod method, Uri address, string contentType, byte[] content)
    {
        try
        {
            using var request = new HttpRequestMessage(method, address) { Content = new ByteArrayContent(content) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
            using var response = await s_client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
                state.Stopping).ConfigureAwait(false);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !state.Stopping.IsCancellationRequested))
        {
            return null;
        }
    }

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;

    private static bool IsLoopback(Uri address) =>
        address.Scheme is "http" or "https"
            && (IsLocalhost(address.Host) || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip)));

    private static bool IsLocalhost(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static HttpClient CreateClient() =>
        new(new SocketsHttpHandler
        {
            // A redirect or a proxy would lead off this machine.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = TimeSpan.FromSeconds(30),
        };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] addresses = IsLocalhost(host) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Parse(host)];
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
