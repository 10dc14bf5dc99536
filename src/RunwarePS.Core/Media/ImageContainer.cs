using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Media;

/// <summary>
/// The parts that an image file consists of, found by their own lengths. Data behind the end of the container isn't a part of it, whatever
/// it looks like, and a file whose container doesn't reach its end is incomplete.
/// </summary>
internal sealed class ImageContainer
{
    /// <summary>The first marker of the pixels of a JPEG.</summary>
    public const string JpegScan = "DA";

    private const string JpegEnd = "D9";
    private const int PngSignature = 8;
    private const int RiffHead = 12;

    /// <summary>Far more parts than any real image has: without a limit, a hostile file of empty parts would fill the memory.</summary>
    private const int MaxParts = 1_000_000;

    private const int BufferSize = 64 * 1024;

    private static readonly string[] s_pixelsOfPng = ["IHDR", "PLTE", "tRNS", "IDAT", "acTL", "fcTL", "fdAT"];
    private static readonly string[] s_pixelsOfWebp = ["VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"];

    private readonly List<ImagePart> _parts = [];

    private ImageContainer(MediaFormat format) => Format = format;

    public MediaFormat Format { get; }

    /// <summary>The parts in their order, up to the end of the container or of the data.</summary>
    public IReadOnlyList<ImagePart> Parts => _parts;

    /// <summary>The end of the container; null if the data is incomplete.</summary>
    public long? End { get; private set; }

    /// <summary>Reads the heads of all parts. The pixel data of a JPEG doesn't state its length and is read to its end.</summary>
    /// <returns>Null if the data doesn't begin like a JPG, PNG, or WEBP image.</returns>
    public static ImageContainer? Read(Stream image) => Walk(image, toEnd: true);

    /// <summary>Reads the heads of the parts in which metadata can stand; <see cref="End"/> of a JPEG stays unknown.</summary>
    /// <inheritdoc cref="Read"/>
    public static ImageContainer? ReadHeads(Stream image) => Walk(image, toEnd: false);

    private static ImageContainer? Walk(Stream image, bool toEnd)
    {
        if (ImageFormat.Detect(image) is not { } format)
        {
            return null;
        }

        var container = new ImageContainer(format);
        container.End = format == ImageFormat.Png ? container.WalkPng(image)
            : format == ImageFormat.Webp ? container.WalkWebp(image)
            : container.WalkJpeg(image, toEnd);
        return container;
    }

    /// <summary>The content of one of the parts, or the beginning of it.</summary>
    public static byte[] ContentOf(ImagePart part, Stream image, long atMost = long.MaxValue)
    {
        var content = new byte[Math.Min(part.Length, atMost)];
        image.Position = part.Content;
        image.ReadExactly(content);
        return content;
    }

    /// <summary>
    /// A hash of what codes the pixels, which stays the same when a program rewrites the metadata. Null if the image is incomplete.
    /// </summary>
    public byte[]? HashPixels(Stream image)
    {
        if (End is not { } end)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in _parts)
        {
            if (Format == ImageFormat.Jpeg ? part.Kind is not ("FE" or [ 'E', _ ]) : IsPixels(part))
            {
                var isScan = Format == ImageFormat.Jpeg && part.Kind == JpegScan;
                Append(hash, image, part.Start, isScan ? end : part.End);
                if (isScan)
                {
                    break; // the scans and the tables between them, to the end
                }
            }
        }

        return hash.GetHashAndReset();
    }

    private bool IsPixels(ImagePart part) => Array.IndexOf(Format == ImageFormat.Png ? s_pixelsOfPng : s_pixelsOfWebp, part.Kind) >= 0;

    private static void Append(IncrementalHash hash, Stream image, long from, long to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            image.Position = from;
            while (from < to && image.Read(buffer.AsSpan(0, (int)Math.Min(BufferSize, to - from))) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                from += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A chunk is length, type, content, checksum. IEND is the last one.
    private long? WalkPng(Stream image)
    {
        Span<byte> head = stackalloc byte[8];
        for (long at = PngSignature; TryRead(image, at, head) && IsName(head[4..]) && _parts.Count < MaxParts; at = _parts[^1].End)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(head);
            var part = new ImagePart(Encoding.Latin1.GetString(head[4..]), at, at + 8, length, at + 12 + length);
            if (part.End > image.Length)
            {
                return null;
            }

            _parts.Add(part);
            if (part.Kind == "IEND")
            {
                return _parts.Exists(p => p.Kind == "IHDR") && _parts.Exists(p => p.Kind == "IDAT") ? part.End : null;
            }
        }

        return null;
    }

    // A chunk is type, length, content, and a byte that makes the length even. The header of the file states where the last one ends.
    private long? WalkWebp(Stream image)
    {
        Span<byte> head = stackalloc byte[8];
        TryRead(image, 0, head);
        var end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        long at = RiffHead;
        while (at + 8 <= end && TryRead(image, at, head) && IsName(head[..4]) && _parts.Count < MaxParts)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            if (at + 8 + length > Math.Min(end, image.Length))
            {
                return null;
            }

            var next = at + 8 + length + (length % 2);
            _parts.Add(new ImagePart(Encoding.Latin1.GetString(head[..4]), at, at + 8, length, Math.Min(next, end)));
            at = next;
        }

        return end <= image.Length && _parts.Count > 0 ? end : null;
    }

    // A segment is marker, length with its own two bytes, content. A scan is followed by pixels, which end at the next marker.
    private long? WalkJpeg(Stream image, bool toEnd)
    {
        Span<byte> length = stackalloc byte[2];
        for (long at = 2; NextMarker(image, at) is var (start, marker) && _parts.Count < MaxParts; at = _parts[^1].End)
        {
            var kind = marker.ToString("X2", System.Globalization.CultureInfo.InvariantCulture);
            if (kind == JpegEnd)
            {
                return _parts.Exists(p => p.Kind == JpegScan) ? start + 2 : null;
            }

            if (!TryRead(image, start + 2, length)
                || BinaryPrimitives.ReadUInt16BigEndian(length) is not (>= 2 and var whole)
                || start + 2 + whole > image.Length)
            {
                return null;
            }

            _parts.Add(new ImagePart(kind, start, start + 4, whole - 2, start + 2 + whole));
            if (kind == JpegScan && !toEnd)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The next marker that begins a segment or ends the image, behind bytes of pixels and fill bytes.</summary>
    private static (long At, byte Marker)? NextMarker(Stream image, long at)
    {
        Span<byte> head = stackalloc byte[2];
        if (TryRead(image, at, head) && head[0] == 0xFF && IsMarker(head[1]))
        {
            return (at, head[1]);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            image.Position = at;
            var isEscape = false;
            for (int read; (read = image.Read(buffer, 0, BufferSize)) > 0; at += read)
            {
                for (var i = 0; i < read; i++)
                {
                    if (isEscape && IsMarker(buffer[i]))
                    {
                        return (at + i - 1, buffer[i]);
                    }

                    isEscape = buffer[i] == 0xFF;
                    if (!isEscape)
                    {
                        var next = buffer.AsSpan(i, read - i).IndexOf((byte)0xFF);
                        i = next < 0 ? read : i + next - 1;
                    }
                }
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Not a marker: a pixel byte FF (followed by 00), a fill byte, a restart within the pixels, and codes that no JPEG uses.
    private static bool IsMarker(byte code) => code >= 0xC0 && code is not (>= 0xD0 and <= 0xD8 or 0xFF);

    private static bool IsName(ReadOnlySpan<byte> type) => !type.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static bool TryRead(Stream image, long at, Span<byte> head)
    {
        image.Position = at;
        return image.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length;
    }
}

/// <summary>One part of a container.</summary>
/// <param name="Kind">Its type: four characters in a PNG or a WEBP; the code of the marker, such as <c>E1</c>, in a JPEG.</param>
/// <param name="Start">Where its head begins.</param>
/// <param name="Content">Where its content begins.</param>
/// <param name="Length">The length of the content.</param>
/// <param name="End">Where the next part begins.</param>
internal readonly record struct ImagePart(string Kind, long Start, long Content, long Length, long End);
