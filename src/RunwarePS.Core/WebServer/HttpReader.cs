using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.WebServer;

/// <summary>Reads HTTP/1.1 requests from a socket.</summary>
internal sealed class HttpReader(Socket socket, HttpLimits limits) : IDisposable
{
    private static readonly byte[] s_headEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_lineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] s_continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _end;

    /// <summary>The next request, still without its body, or null when the client has closed.</summary>
    public async ValueTask<HttpRequest?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var headLength = await FindAsync(s_headEnd, limits.MaxHead, cancellationToken).ConfigureAwait(false);
        if (headLength < 0)
        {
            return null;
        }

        var head = Encoding.Latin1.GetString(_buffer, _start, headLength);
        _start += headLength + 4;

        var lines = head.Split("\r\n");
        var words = lines[0].Split(' ');
        if (words.Length != 3 || words[1].Length == 0 || !words[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            throw new BadRequestException(400, "The request line cannot be read.");
        }

        var headers = Headers(lines);
        var connection = headers.GetValueOrDefault("Connection", "");
        var keepAlive = words[2] == "HTTP/1.0"
            ? connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase)
            : !connection.Contains("close", StringComparison.OrdinalIgnoreCase);

        return new HttpRequest(words[0], words[1], keepAlive, headers, Body: []);
    }

    /// <summary>Waits until the client closes, and takes no notice of what it still sends.</summary>
    public async ValueTask WaitForCloseAsync(CancellationToken cancellationToken)
    {
        _start = _end = 0;
        while (await socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));

    private static Dictionary<string, string> Headers(string[] lines)
    {
        var headers = new Dictionary<string, string>(lines.Length, StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new BadRequestException(400, "A header cannot be read.");
            }

            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var before) ? before + ", " + value : value;
        }

        return headers;
    }

    /// <summary>The body of the request whose head was read.</summary>
    public async ValueTask<byte[]> ReadBodyAsync(Dictionary<string, string> headers, CancellationToken cancellationToken)
    {
        var chunked = headers.TryGetValue("Transfer-Encoding", out var encoding);
        if (chunked && !"chunked".Equals(encoding, StringComparison.OrdinalIgnoreCase))
        {
            throw new BadRequestException(501, "The only transfer encoding is chunked.");
        }

        var length = 0;
        if (!chunked && headers.TryGetValue("Content-Length", out var text)
            && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length))
        {
            throw new BadRequestException(text.All(char.IsAsciiDigit) ? 413 : 400, "Content-Length cannot be read.");
        }

        CheckSize(length);
        if (!chunked && length == 0)
        {
            return [];
        }

        if (headers.TryGetValue("Expect", out var expect) && expect.Equals("100-continue", StringComparison.OrdinalIgnoreCase))
        {
            await SocketWriter.SendAsync(socket, s_continue, cancellationToken).ConfigureAwait(false);
        }

        if (chunked)
        {
            return await ReadChunksAsync(cancellationToken).ConfigureAwait(false);
        }

        var body = new byte[length];
        await CopyAsync(body, cancellationToken).ConfigureAwait(false);
        return body;
    }

    private async ValueTask<byte[]> ReadChunksAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
            var digits = line.Split(';')[0].Trim();
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
            {
                throw new BadRequestException(400, "The size of a chunk cannot be read.");
            }

            if (size == 0)
            {
                break;
            }

            CheckSize(body.Length + size);
            var before = (int)body.Length;
            body.SetLength(before + size);
            await CopyAsync(body.GetBuffer().AsMemory(before, size), cancellationToken).ConfigureAwait(false);
            if ((await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length > 0)
            {
                throw new BadRequestException(400, "A chunk is longer than it says.");
            }
        }

        while ((await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length > 0)
        {
            // Trailers aren't needed here.
        }

        return body.ToArray();
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var length = await FindAsync(s_lineEnd, limits.MaxHead, cancellationToken).ConfigureAwait(false);
        if (length < 0)
        {
            throw new EndOfStreamException();
        }

        var line = Encoding.Latin1.GetString(_buffer, _start, length);
        _start += length + 2;
        return line;
    }

    /// <summary>How many bytes stand before the mark, or -1 when the client closes with nothing begun.</summary>
    private async ValueTask<int> FindAsync(ReadOnlyMemory<byte> mark, int limit, CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(mark.Span);
            if (found >= 0)
            {
                return searched + found;
            }

            var available = _end - _start;
            if (available > limit)
            {
                throw new BadRequestException(431, "The head of the request is too long.");
            }

            searched = Math.Max(0, available - mark.Length + 1);
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return available == 0 ? -1 : throw new EndOfStreamException();
            }
        }
    }

    private async ValueTask CopyAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        var buffered = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(target.Span);
        _start += buffered;

        for (var done = buffered; done < target.Length;)
        {
            var read = await socket.ReceiveAsync(target[done..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            done += read;
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var bigger = _start == 0 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(bigger);
            (_start, _end) = (0, _end - _start);
            if (bigger != _buffer)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = bigger;
            }
        }

        var read = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    private void CheckSize(long length)
    {
        if (length > limits.MaxBody)
        {
            throw new BadRequestException(413, "The body is too large.");
        }
    }
}
