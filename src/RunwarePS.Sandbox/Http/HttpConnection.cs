using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.Sandbox.Http;

/// <summary>One client's connection: request, reply, request, reply, until either side closes.</summary>
internal sealed class HttpConnection(Socket socket, TimeProvider time, CancellationToken stopping) : IDisposable
{
    private const int OneSend = 32 * 1024;

    private static readonly TimeSpan s_trickle = TimeSpan.FromMilliseconds(200);

    private readonly HttpReader _reader = new(socket);

    public async Task ServeAsync(Func<HttpRequest, ValueTask<HttpResponse>> answer)
    {
        var open = true;
        while (open)
        {
            HttpRequest? request;
            try
            {
                request = await _reader.ReadAsync().ConfigureAwait(false);
            }
            catch (BadRequestException e)
            {
                await SendAsync(new HttpResponse { Status = e.Status, ContentType = "text/plain", Body = Encoding.UTF8.GetBytes(e.Message) }, close: true)
                    .ConfigureAwait(false);
                return;
            }

            if (request is null)
            {
                return;
            }

            var reply = await answer(request).ConfigureAwait(false);
            switch (reply.Manner)
            {
                case HttpManner.Drop:
                    // Closed with a reset, as a broken network shows.
                    socket.LingerState = new LingerOption(enable: true, 0);
                    return;
                case HttpManner.Stall:
                    await _reader.WaitForCloseAsync().ConfigureAwait(false);
                    return;
                default:
                    await SendAsync(reply, !request.KeepAlive).ConfigureAwait(false);
                    open = request.KeepAlive;
                    break;
            }
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _reader.Dispose();

    private async ValueTask SendAsync(HttpResponse reply, bool close)
    {
        var head = Head(reply, close);
        if (reply.Manner == HttpManner.Trickle)
        {
            await SocketWriter.SendAsync(socket, Encoding.ASCII.GetBytes(head)).ConfigureAwait(false);
            for (var i = 0; i < reply.Body.Length; i++)
            {
                await Task.Delay(s_trickle, time, stopping).ConfigureAwait(false);
                await SocketWriter.SendAsync(socket, reply.Body.Slice(i, 1)).ConfigureAwait(false);
            }

            return;
        }

        var together = reply.Body.Length <= OneSend;
        var packet = ArrayPool<byte>.Shared.Rent(head.Length + (together ? reply.Body.Length : 0));
        try
        {
            var length = Encoding.ASCII.GetBytes(head, packet);
            if (together)
            {
                reply.Body.CopyTo(packet.AsMemory(length));
                length += reply.Body.Length;
            }

            await SocketWriter.SendAsync(socket, packet.AsMemory(0, length)).ConfigureAwait(false);
            if (!together)
            {
                await SocketWriter.SendAsync(socket, reply.Body).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    private static string Head(HttpResponse reply, bool close)
    {
        var head = new StringBuilder(160);
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} {(HttpStatusCode)reply.Status}\r\n");
        if (reply.ContentType is not null)
        {
            head.Append("Content-Type: ").Append(reply.ContentType).Append("\r\n");
        }

        if (reply.Allow is not null)
        {
            head.Append("Allow: ").Append(reply.Allow).Append("\r\n");
        }

        if (reply.RetryAfter is { } wait)
        {
            head.Append(CultureInfo.InvariantCulture, $"Retry-After: {Math.Ceiling(wait.TotalSeconds)}\r\n");
        }

        if (close)
        {
            head.Append("Connection: close\r\n");
        }

        // 204 and 304 have no body and must not announce one.
        return reply.Status is 204 or 304
            ? head.Append("\r\n").ToString()
            : head.Append(CultureInfo.InvariantCulture, $"Content-Length: {reply.Body.Length}\r\n\r\n").ToString();
    }
}
