using System.Buffers.Binary;

namespace RunwarePS.Imaging.Metadata;

/// <summary>
/// Puts an XMP packet into a picture. Only the container is touched: what codes the pixels is copied byte for byte.
/// </summary>
internal static class PictureMetadata
{
    /// <summary>What stands before the packet in its chunk of a PNG.</summary>
    public static ReadOnlySpan<byte> PngHead => "XML:com.adobe.xmp\0\0\0\0\0"u8; // keyword, not compressed, no language, no translation

    /// <summary>What stands before the packet in its segment of a JPEG.</summary>
    public static ReadOnlySpan<byte> JpegHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <summary>How much of a picture's beginning <see cref="Insert"/> needs to see.</summary>
    public const int BeginningLength = 64 * 1024;

    /// <summary>What to write for a picture with a packet, given its beginning; null where this picture cannot hold it.</summary>
    public static Insertion? Insert(ReadOnlyMemory<byte> beginning, ImageFormat format, byte[] packet) =>
        format == ImageFormat.Png ? Png(beginning, packet)
        : format == ImageFormat.Jpeg ? Jpeg(beginning, packet)
        : format == ImageFormat.Webp ? Webp(beginning, packet)
        : null;

    // PNG: an iTXt chunk behind the header chunk, which is always the first and 25 bytes long.
    private static Insertion? Png(ReadOnlyMemory<byte> picture, byte[] packet)
    {
        const int AfterHeader = 8 + 25;
        if (picture.Length < AfterHeader)
        {
            return null;
        }

        var chunk = new byte[12 + PngHead.Length + packet.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, PngHead.Length + packet.Length);
        "iTXt"u8.CopyTo(chunk.AsSpan(4));
        PngHead.CopyTo(chunk.AsSpan(8));
        packet.CopyTo(chunk, 8 + PngHead.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32(chunk.AsSpan(4, chunk.Length - 8)));
        return new Insertion([picture[..AfterHeader], chunk, picture[AfterHeader..]], default);
    }

    // JPEG: an APP1 segment behind the start marker and JFIF's own segment. A segment holds 64 KB.
    private static Insertion? Jpeg(ReadOnlyMemory<byte> picture, byte[] packet)
    {
        var length = 2 + JpegHead.Length + packet.Length;
        if (length > ushort.MaxValue)
        {
            return null;
        }

        var bytes = picture.Span;
        var at = 2;
        while (at + 4 <= bytes.Length && bytes[at] == 0xFF && bytes[at + 1] == 0xE0)
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }

        if (at > bytes.Length)
        {
            return null;
        }

        var segment = new byte[2 + length];
        segment[0] = 0xFF;
        segment[1] = 0xE1;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)length);
        JpegHead.CopyTo(segment.AsSpan(4));
        packet.CopyTo(segment, 4 + JpegHead.Length);
        return new Insertion([picture[..at], segment, picture[at..]], default);
    }

    // WEBP: a chunk at the end, announced by a flag in the extended header, which a simple file has to be given first.
    private static Insertion? Webp(ReadOnlyMemory<byte> picture, byte[] packet)
    {
        const int Riff = 12;
        const byte XmpFlag = 0x04;
        var bytes = picture.Span;
        if (bytes.Length < 30)
        {
            return null;
        }

        byte[] extended;
        int rest;
        if (bytes[Riff..].StartsWith("VP8X"u8))
        {
            extended = bytes.Slice(Riff, 18).ToArray();
            rest = Riff + 18;
        }
        else if (Canvas(bytes[Riff..]) is { } canvas)
        {
            extended = new byte[18];
            "VP8X"u8.CopyTo(extended);
            extended[4] = 10;
            extended[8] = canvas.HasAlpha ? (byte)0x10 : (byte)0;
            Write24(extended.AsSpan(12), canvas.Width - 1);
            Write24(extended.AsSpan(15), canvas.Height - 1);
            rest = Riff;
        }
        else
        {
            return null;
        }

        extended[8] |= XmpFlag;
        var padding = packet.Length % 2;
        var chunk = new byte[8 + packet.Length + padding];
        "XMP "u8.CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), packet.Length);
        packet.CopyTo(chunk, 8);

        var head = bytes[..Riff].ToArray();
        var grown = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + (uint)(extended.Length - (rest - Riff) + chunk.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), grown);
        return new Insertion([head, extended, picture[rest..]], chunk);
    }

    /// <summary>The size of a simple WEBP file, which stands in its first chunk; lossless ones say there whether they use alpha.</summary>
    private static (int Width, int Height, bool HasAlpha)? Canvas(ReadOnlySpan<byte> chunk)
    {
        if (chunk.StartsWith("VP8L"u8) && chunk[8] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..]);
            return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, ((bits >> 28) & 1) != 0);
        }

        if (chunk.StartsWith("VP8 "u8) && chunk.Slice(11, 3).SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
        {
            return (BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF, false);
        }

        return null;
    }

    private static void Write24(Span<byte> target, int value)
    {
        target[0] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[2] = (byte)(value >> 16);
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

/// <summary>A picture with something put into it.</summary>
/// <param name="Beginning">What stands in place of the beginning that was looked at, piece by piece.</param>
/// <param name="End">What follows the picture's last byte.</param>
internal sealed record Insertion(IReadOnlyList<ReadOnlyMemory<byte>> Beginning, ReadOnlyMemory<byte> End);
