using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.Sandbox.Http;

/// <summary>One client's connection: request, response, request, response, until either side closes.</summary>
internal sealed class HttpConnection(Socket socket) : IDisposable
{
    private const int OneSend = 32 * 1024;

    private static readonly byte[] s_lastChunk = "0\r\n\r\n"u8.ToArray();

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
                var body = Encoding.UTF8.GetBytes(e.Message);
                await SendAsync(new HttpResponse { Status = e.Status, ContentType = "text/plain", Body = body }, close: true)
                    .ConfigureAwait(false);
                return;
            }

            if (request is null)
            {
                return;
            }

            var reply = await answer(request).ConfigureAwait(false);
            var isHead = request.Method == "HEAD";
            if (reply.Pieces is { } pieces && !isHead)
            {
                await SendPiecesAsync(reply, pieces, !request.KeepAlive).ConfigureAwait(false);
            }

            switch (reply.Manner)
            {
                case HttpManner.Drop when reply.Pieces is not null:
                    return;
                case HttpManner.Drop:
                    // Closed with a reset, as a broken network shows.
                    socket.LingerState = new LingerOption(enable: true, 0);
                    return;
                case HttpManner.Stall:
                    await _reader.WaitForCloseAsync().ConfigureAwait(false);
                    reply.ClosedEarly?.Invoke();
                    return;
                case HttpManner.Whole when reply.Pieces is null || isHead:
                    await SendAsync(reply, !request.KeepAlive, isHead).ConfigureAwait(false);
                    open = request.KeepAlive;
                    break;
                default:
                    open = request.KeepAlive;
                    break;
            }
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _reader.Dispose();

    private async ValueTask SendPiecesAsync(HttpResponse reply, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, bool close)
    {
        var isChunked = reply.Length is null;
        try
        {
            await SocketWriter.SendAsync(socket, Encoding.ASCII.GetBytes(Head(reply, close))).ConfigureAwait(false);
            await foreach (var piece in pieces.ConfigureAwait(false))
            {
                await SocketWriter.SendAsync(socket, isChunked ? Chunk(piece.Span) : piece).ConfigureAwait(false);
            }

            if (isChunked && reply.Manner == HttpManner.Whole)
            {
                await SocketWriter.SendAsync(socket, s_lastChunk).ConfigureAwait(false);
            }
        }
        catch (SocketException)
        {
            reply.ClosedEarly?.Invoke();
            throw;
        }
    }

    private static byte[] Chunk(ReadOnlySpan<byte> piece) =>
        [.. Encoding.ASCII.GetBytes(piece.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. piece, .. "\r\n"u8];

    private async ValueTask SendAsync(HttpResponse reply, bool close, bool isHead = false)
    {
        var head = Head(reply, close);
        var body = isHead ? default : reply.Body;
        var together = body.Length <= OneSend;
        var packet = ArrayPool<byte>.Shared.Rent(head.Length + (together ? body.Length : 0));
        try
        {
            var length = Encoding.ASCII.GetBytes(head, packet);
            if (together)
            {
                body.CopyTo(packet.AsMemory(length));
                length += body.Length;
            }

            await SocketWriter.SendAsync(socket, packet.AsMemory(0, length)).ConfigureAwait(false);
            if (!together)
            {
                await SocketWriter.SendAsync(socket, body).ConfigureAwait(false);
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

        foreach (var (name, value) in reply.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (reply.RetryAfter is { } wait)
        {
            head.Append(CultureInfo.InvariantCulture, $"Retry-After: {Math.Ceiling(wait.TotalSeconds)}\r\n");
        }

        if (close)
        {
            head.Append("Connection: close\r\n");
        }

        // 204 and 304 don't have a body and must not announce one.
        return reply.Status is 204 or 304 ? head.Append("\r\n").ToString()
            : reply is { Pieces: not null, Length: null } ? head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString()
            : head.Append(CultureInfo.InvariantCulture, $"Content-Length: {reply.Length ?? reply.Body.Length}\r\n\r\n").ToString();
    }
}
