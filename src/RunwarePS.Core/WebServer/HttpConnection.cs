using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.WebServer;

/// <summary>One client's connection: request, response, request, response, until either side closes.</summary>
internal sealed class HttpConnection(Socket socket, HttpLimits limits) : IDisposable
{
    private const int OneSend = 32 * 1024;

    /// <summary>How long a refused client may go on sending, so that it reads the response before the connection is closed.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private static readonly byte[] s_lastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly HttpReader _reader = new(socket, limits);
    private readonly CancellationTokenSource _end = new();
    private volatile bool _isKnown;

    /// <summary>Whether the client has sent a request that wasn't refused.</summary>
    public bool IsKnown => _isKnown;

    public async Task ServeAsync(IHttpHandler handler)
    {
        socket.NoDelay = true;
        try
        {
            while (await ServeOneAsync(handler).ConfigureAwait(false))
            {
            }
        }
        catch (BadRequestException e)
        {
            var body = Encoding.UTF8.GetBytes(e.Message);
            await PartAsync(new HttpResponse { Status = e.Status, ContentType = "text/plain", Body = body }).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection from outside.</summary>
    public void Close() => socket.Dispose();

    public void Dispose()
    {
        socket.Dispose();
        _reader.Dispose();
        _end.Dispose();
    }

    /// <summary>Serves one request; false if no other can follow.</summary>
    private async Task<bool> ServeOneAsync(IHttpHandler handler)
    {
        _end.CancelAfter(limits.HeadTimeout);
        if (await _reader.ReadHeadAsync(_end.Token).ConfigureAwait(false) is not { } request)
        {
            socket.Shutdown(SocketShutdown.Send);
            return false;
        }

        _end.CancelAfter(limits.BodyTimeout);
        if (handler.Refuse(request) is { } refusal)
        {
            await PartAsync(refusal).ConfigureAwait(false);
            return false;
        }

        _isKnown = true;
        request = request with { Body = await _reader.ReadBodyAsync(request.Headers, _end.Token).ConfigureAwait(false) };
        var response = await handler.RespondAsync(request).ConfigureAwait(false);
        if (!await SendAsync(response, request).ConfigureAwait(false))
        {
            return false;
        }

        handler.Sent(request);
        if (!request.KeepAlive)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        return request.KeepAlive;
    }

    /// <summary>Sends a response in its manner; false if it isn't whole.</summary>
    private async Task<bool> SendAsync(HttpResponse response, HttpRequest request)
    {
        var isHead = request.Method == "HEAD";
        if (response.Pieces is { } pieces && !isHead)
        {
            await SendPiecesAsync(response, pieces, !request.KeepAlive).ConfigureAwait(false);
        }

        switch (response.Manner)
        {
            case HttpManner.Drop when response.Pieces is not null:
                return false;
            case HttpManner.Drop:
                // Closed with a reset, as a broken network shows.
                socket.LingerState = new LingerOption(enable: true, 0);
                return false;
            case HttpManner.Stall:
                await _reader.WaitForCloseAsync(_end.Token).ConfigureAwait(false);
                response.ClosedEarly?.Invoke();
                return false;
            case HttpManner.Whole when response.Pieces is null || isHead:
                await SendAsync(response, !request.KeepAlive, isHead).ConfigureAwait(false);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Sends the last response of a connection whose request wasn't read to its end.</summary>
    private async Task PartAsync(HttpResponse response)
    {
        await SendAsync(response, close: true).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
        _end.CancelAfter(s_farewell);
        await _reader.WaitForCloseAsync(_end.Token).ConfigureAwait(false);
    }

    private async ValueTask SendPiecesAsync(HttpResponse response, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, bool close)
    {
        var isChunked = response.Length is null;
        try
        {
            await SocketWriter.SendAsync(socket, Encoding.ASCII.GetBytes(Head(response, close)), _end.Token).ConfigureAwait(false);
            await foreach (var piece in pieces.ConfigureAwait(false))
            {
                await SocketWriter.SendAsync(socket, isChunked ? Chunk(piece.Span) : piece, _end.Token).ConfigureAwait(false);
            }

            if (isChunked && response.Manner == HttpManner.Whole)
            {
                await SocketWriter.SendAsync(socket, s_lastChunk, _end.Token).ConfigureAwait(false);
            }
        }
        catch (SocketException)
        {
            response.ClosedEarly?.Invoke();
            throw;
        }
    }

    private static byte[] Chunk(ReadOnlySpan<byte> piece) =>
        [.. Encoding.ASCII.GetBytes(piece.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. piece, .. "\r\n"u8];

    private async ValueTask SendAsync(HttpResponse response, bool close, bool isHead = false)
    {
        var head = Head(response, close);
        var body = isHead ? default : response.Body;
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

            await SocketWriter.SendAsync(socket, packet.AsMemory(0, length), _end.Token).ConfigureAwait(false);
            if (!together)
            {
                await SocketWriter.SendAsync(socket, body, _end.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    private static string Head(HttpResponse response, bool close)
    {
        var head = new StringBuilder(160);
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Status} {(HttpStatusCode)response.Status}\r\n");
        if (response.ContentType is not null)
        {
            head.Append("Content-Type: ").Append(response.ContentType).Append("\r\n");
        }

        foreach (var (name, value) in response.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (response.RetryAfter is { } wait)
        {
            head.Append(CultureInfo.InvariantCulture, $"Retry-After: {Math.Ceiling(wait.TotalSeconds)}\r\n");
        }

        if (close)
        {
            head.Append("Connection: close\r\n");
        }

        // 204 and 304 don't have a body and must not announce one.
        return response.Status is 204 or 304 ? head.Append("\r\n").ToString()
            : response is { Pieces: not null, Length: null } ? head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString()
            : head.Append(CultureInfo.InvariantCulture, $"Content-Length: {response.Length ?? response.Body.Length}\r\n\r\n").ToString();
    }
}
