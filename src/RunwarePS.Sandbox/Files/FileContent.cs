namespace RunwarePS.Sandbox.Files;

/// <summary>
/// A file that is sent in pieces: its first bytes, and, if it's to be longer, filler that is computed from its position. A file of any
/// length takes no memory.
/// </summary>
internal sealed class FileContent(byte[] start, long length, string mediaType)
{
    private const int Piece = 64 * 1024;

    public FileContent(byte[] whole, string mediaType)
        : this(whole, whole.Length, mediaType)
    {
    }

    public long Length => length;

    public string MediaType => mediaType;

    /// <summary>Whether it's better sent in one piece.</summary>
    public bool IsSmall => length <= Piece;

    /// <summary>A video of at least this length: an ignored box at its end has the rest.</summary>
    public static FileContent Enlarged(byte[] video, long length, string mediaType)
    {
        var head = SampleFile.FreeBox(Math.Max(length - video.Length, 16));
        return new FileContent([.. video, .. head], Math.Max(length, video.Length + head.Length), mediaType);
    }

    public byte[] Read(long from, long to)
    {
        var bytes = new byte[to - from];
        Fill(from, bytes);
        return bytes;
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(long from, long to)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var buffer = new byte[Math.Min(Piece, Math.Max(to - from, 0))];
        while (from < to)
        {
            var count = (int)Math.Min(buffer.Length, to - from);
            Fill(from, buffer.AsSpan(0, count));
            yield return buffer.AsMemory(0, count);
            from += count;
        }
    }

    private void Fill(long position, Span<byte> into)
    {
        var fromStart = 0;
        if (position < start.Length)
        {
            fromStart = (int)Math.Min(into.Length, start.Length - position);
            start.AsSpan((int)position, fromStart).CopyTo(into);
        }

        for (var i = fromStart; i < into.Length; i++)
        {
            // Differs from place to place, so that a part that is missing or sent twice shows.
            into[i] = (byte)(((position + i) * 0x9E37_79B1L) >> 24);
        }
    }
}
