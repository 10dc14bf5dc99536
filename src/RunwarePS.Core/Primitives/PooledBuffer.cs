using System.Buffers;

namespace RunwarePS.Primitives;

/// <summary>A growing buffer of rented memory for one body. Not to be read after it is disposed.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>No response is larger than this; one that claims to be is not read.</summary>
    private const int Limit = 512 * 1024 * 1024;

    private byte[] _rented = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    public ReadOnlyMemory<byte> Written => _rented.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _rented.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Reads a whole body.</summary>
    public async Task ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength is > 0 and < Limit and var length)
        {
            Reserve((int)length + 1);
        }

        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int read;
        while ((read = await stream.ReadAsync(GetMemory(4096), cancellationToken).ConfigureAwait(false)) > 0)
        {
            Advance(read);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = [];
        _length = 0;
    }

    private void Reserve(int more)
    {
        if (_rented.Length - _length >= more)
        {
            return;
        }

        if (_length > Limit - more)
        {
            throw new IOException(Strings.ResponseTooLarge);
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Limit, Math.Max(2L * _rented.Length, (long)_length + more)));
        _rented.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
