namespace RunwarePS.Api;

/// <summary>
/// Reads server-sent events line by line and returns the JSON of each data line; comments and other lines are ignored. A line is read when
/// it is complete, so the network can split lines and characters anywhere, and no more than one line is held.
/// Source: https://runware.ai/docs/platform/streaming.
/// </summary>
/// <param name="stream">The body of the response.</param>
/// <param name="idleTimeout">How long no line may arrive. Comments count: they keep the connection alive.</param>
internal sealed class EventStreamReader(Stream stream, TimeSpan idleTimeout)
{
    /// <summary>More than any piece of a text takes.</summary>
    private const int LongestLine = 64 * 1024 * 1024;

    private byte[] _buffer = new byte[8192];
    private int _start;
    private int _searched;
    private int _end;
    private bool _isAtEnd;
    private bool _hasLine;

    /// <summary>Whether the API reported the end of the stream. A stream that ends without it may have broken off.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The JSON of the next data line, valid until the next call; null at the end.</summary>
    /// <exception cref="TimeoutException">No line arrived in time.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        CancellationTokenSource? idle = null;
        try
        {
            while (!IsDone)
            {
                if (TryTakeLine(out var line))
                {
                    idle?.CancelAfter(idleTimeout);
                    if (!IsDone && line.Length > 0)
                    {
                        return line;
                    }
                }
                else if (_isAtEnd)
                {
                    break;
                }
                else
                {
                    idle ??= StartTimer(cancellationToken);
                    await FillAsync(idle.Token).ConfigureAwait(false);
                }
            }

            return null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(Strings.StreamIdle.With(idleTimeout.TotalSeconds), e);
        }
        finally
        {
            idle?.Dispose();
        }
    }

    private CancellationTokenSource StartTimer(CancellationToken cancellationToken)
    {
        var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(idleTimeout);
        return timer;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_end == _buffer.Length)
        {
            MakeRoom();
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _isAtEnd = read == 0;
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        var target = length <= _buffer.Length / 2 ? _buffer
            : _buffer.Length < LongestLine ? new byte[_buffer.Length * 2]
            : throw new InvalidDataException(Strings.StreamLineTooLong);
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _searched, _start, _end) = (target, _searched - _start, 0, length);
    }

    /// <summary>Takes the next line; its data is empty where it is a comment, blank, or a line of another kind.</summary>
    private bool TryTakeLine(out ReadOnlyMemory<byte> data)
    {
        data = default;
        var length = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (length < 0 && (!_isAtEnd || _start == _end))
        {
            _searched = _end;
            return false;
        }

        var end = length < 0 ? _end : _searched + length;
        data = Data(_buffer.AsMemory(_start, end - _start));
        _start = _searched = Math.Min(end + 1, _end);
        return true;
    }

    private ReadOnlyMemory<byte> Data(ReadOnlyMemory<byte> line)
    {
        if (!_hasLine && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        _hasLine = true;
        if (!line.Span.StartsWith("data:"u8))
        {
            return default;
        }

        var data = line["data:".Length..];
        data = data.Span.StartsWith(" "u8) ? data[1..] : data;
        data = data.Span.EndsWith("\r"u8) ? data[..^1] : data;
        IsDone = data.Span.SequenceEqual("[DONE]"u8);
        return data;
    }
}
