using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RunwarePS.Media.Metadata;

/// <summary>
/// Puts an XMP packet into an image. Only the container is touched: what codes the pixels, and what follows the container, is copied byte
/// for byte.
/// </summary>
internal static class MetadataWriter
{
    private const int BufferSize = 128 * 1024;
    private const int RiffHead = 12;
    private const byte XmpFlag = 0x04;

    /// <summary>The changes that add generation metadata to an image.</summary>
    public static MetadataPlan Plan(Stream image, ImageContainer container, GenerationMetadata metadata)
    {
        var packets = MetadataFinder.Find(image, container);
        if (IsSigned(image, container) || Xmp.NamesRemoteManifest(packets.Select(p => p.Xml)))
        {
            return MetadataPlan.Refuse(Strings.NoMetadataSigned);
        }

        // The extension of a packet stays where it is: what is merged goes into the packet that names it.
        var standing = packets.Where(p => p.Part is not null).ToArray();
        var packet = standing.Length == 0 ? Xmp.Write(metadata) : Xmp.Merge(metadata, Array.ConvertAll(standing, p => p.Xml));
        if (packet is null)
        {
            return MetadataPlan.Refuse(Strings.NoMetadataXmp);
        }

        var insertion = container.Format == ImageFormat.Png ? Png(container, packet)
            : container.Format == ImageFormat.Jpeg ? Jpeg(image, container, packet)
            : Webp(image, container, packet);
        return insertion.Refusal is not null
            ? insertion
            : new MetadataPlan([.. insertion.Edits, .. standing.Select(p => new Edit(p.Part!.Value.Start, p.Part.Value.End, default))]);
    }

    /// <summary>Writes an image with the changes made.</summary>
    public static async Task ApplyAsync(MetadataPlan plan, Stream image, Stream target, CancellationToken cancellationToken)
    {
        var at = 0L;
        foreach (var edit in plan.Edits.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            await CopyAsync(image, at, edit.Start, target, cancellationToken).ConfigureAwait(false);
            await target.WriteAsync(edit.Bytes, cancellationToken).ConfigureAwait(false);
            at = edit.End;
        }

        await CopyAsync(image, at, image.Length, target, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CopyAsync(Stream image, long from, long to, Stream target, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            image.Position = from;
            while (from < to)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(BufferSize, to - from));
                await image.ReadExactlyAsync(piece, cancellationToken).ConfigureAwait(false);
                await target.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
                from += piece.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A manifest has a chunk of its own; in a JPEG it is a JUMBF box. What other kinds of such boxes hold may be bound to the bytes too.
    private static bool IsSigned(Stream image, ImageContainer container) => container.Parts.Any(part => part.Kind switch
    {
        "caBX" or "C2PA" => true,
        "EB" => Encoding.Latin1.GetString(ImageContainer.ContentOf(part, image, 16)) is ['J', 'P', .., 'j', 'u', 'm', 'b'],
        _ => false,
    });

    // PNG: an iTXt chunk behind the header chunk.
    private static MetadataPlan Png(ImageContainer container, byte[] packet)
    {
        byte[] text = [.. "iTXt"u8, .. MetadataFinder.PngKeyword, 0, 0, 0, 0, 0, .. packet]; // not compressed, no language, no translation
        var chunk = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, text.Length - 4);
        text.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32(text));
        return new MetadataPlan([Edit.Insert(container.Parts.First(p => p.Kind == "IHDR").End, chunk)]);
    }

    // JPEG: an APP1 segment behind those of JFIF and EXIF, which their standards want first. A segment holds 64 KB.
    private static MetadataPlan Jpeg(Stream image, ImageContainer container, byte[] packet)
    {
        var length = 2 + MetadataFinder.JpegHead.Length + packet.Length;
        if (length > ushort.MaxValue)
        {
            return MetadataPlan.Refuse(Strings.NoMetadataTooLong);
        }

        if (container.Parts.Any(p => p.Kind == "E2" && StartsWith(p, "MPF\0"u8)))
        {
            return MetadataPlan.Refuse(Strings.NoMetadataMoreImages);
        }

        byte[] segment = [0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. MetadataFinder.JpegHead, .. packet];
        var first = container.Parts.TakeWhile(p => p.Kind == "E0" || (p.Kind == "E1" && StartsWith(p, "Exif\0"u8)));
        return new MetadataPlan([Edit.Insert(first.Select(p => p.End).LastOrDefault(2), segment)]);

        bool StartsWith(ImagePart part, ReadOnlySpan<byte> mark) =>
            ImageContainer.ContentOf(part, image, mark.Length).AsSpan().SequenceEqual(mark);
    }

    // WEBP: a chunk at the end, announced by a flag in the extended header, which a simple file has to be given first.
    private static MetadataPlan Webp(Stream image, ImageContainer container, byte[] packet)
    {
        var first = container.Parts[0];
        var isExtended = first.Kind == "VP8X" && first.Length >= 10;
        var content = ImageContainer.ContentOf(first, image, 10);
        var header = isExtended ? content : ExtendedHeader(content, first.Kind);
        if (header is null)
        {
            return MetadataPlan.Refuse(Strings.NoMetadataWebp);
        }

        header[0] |= XmpFlag;
        // A last chunk may lack the byte that makes it even; once another one follows, it may not.
        var isUneven = container.Parts.Last(p => !IsXmp(p)).End % 2 == 1;
        byte[] evenBefore = new byte[isUneven ? 1 : 0], evenAfter = new byte[packet.Length % 2];
        byte[] chunk = [.. evenBefore, .. "XMP "u8, .. LittleEndian(packet.Length), .. packet, .. evenAfter];
        byte[] extended = [.. "VP8X"u8, .. LittleEndian(header.Length), .. header];
        var removed = container.Parts.Where(IsXmp).Sum(p => p.End - p.Start);
        var length = container.End!.Value - 8 + chunk.Length + (isExtended ? 0 : extended.Length) - removed;
        return new MetadataPlan(
        [
            new Edit(4, 8, LittleEndian(length)),
            isExtended ? new Edit(first.Content, first.Content + header.Length, header) : Edit.Insert(RiffHead, extended),
            Edit.Insert(container.Parts[^1].End, chunk),
        ]);

        static bool IsXmp(ImagePart part) => part.Kind is "XMP " or "XMP\0";
    }

    /// <summary>
    /// The extended header for a simple WEBP file, whose size is in its first chunk; in lossless files, the chunk also states whether they
    /// use alpha.
    /// </summary>
    private static byte[]? ExtendedHeader(ReadOnlySpan<byte> content, string kind)
    {
        int width, height;
        var hasAlpha = false;
        if (kind == "VP8L" && content.Length >= 5 && content[0] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(content[1..]);
            (width, height, hasAlpha) = ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, ((bits >> 28) & 1) != 0);
        }
        else if (kind == "VP8 " && content.Length >= 10 && content.Slice(3, 3).SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & 0x3FFF;
            height = BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & 0x3FFF;
        }
        else
        {
            return null;
        }

        return [hasAlpha ? (byte)0x10 : (byte)0, 0, 0, 0, .. LittleEndian(width - 1)[..3], .. LittleEndian(height - 1)[..3]];
    }

    private static byte[] LittleEndian(long value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        return bytes;
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}

/// <summary>Bytes of an image that others take the place of.</summary>
/// <param name="Start">The first one.</param>
/// <param name="End">The first one that stays.</param>
/// <param name="Bytes">What takes their place; nothing removes them.</param>
internal readonly record struct Edit(long Start, long End, ReadOnlyMemory<byte> Bytes)
{
    public static Edit Insert(long at, byte[] bytes) => new(at, at, bytes);
}

/// <summary>How metadata comes into an image.</summary>
/// <param name="Edits">The changes, which don't overlap.</param>
/// <param name="Refusal">Why the image has to stay as it is.</param>
internal sealed record MetadataPlan(IReadOnlyList<Edit> Edits, string? Refusal = null)
{
    public static MetadataPlan Refuse(string why) => new([], why);
}
