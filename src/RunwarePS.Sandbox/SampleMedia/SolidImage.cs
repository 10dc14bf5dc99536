using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace RunwarePS.Sandbox.SampleMedia;

/// <summary>Encodes an image of one color, with as little data as each format allows.</summary>
internal static class SolidImage
{
    /// <summary>A lossless WebP in which each code has one symbol, so that the pixels take no data.</summary>
    public static byte[] Webp(int width, int height, byte red, byte green, byte blue, byte alpha)
    {
        var size = (uint)(width - 1) | ((uint)(height - 1) << 14) | (alpha < 255 ? 1u << 28 : 0);
        const ulong Distance = 1;
        const int First = 3; // after the bits for "no transform", "no color cache" and "one set of codes"
        var codes = (Code(green) << First) | (Code(red) << 14) | (Code(blue) << 25) | (Code(alpha) << 36) | (Distance << 47);
        var file = new byte[34];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WEBPVP8L"u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 13);
        file[20] = 0x2F;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(21), size);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(25), codes);
        return file;

        static ulong Code(byte symbol) => 0b101 | ((ulong)symbol << 3);
    }

    /// <summary>A PNG with a palette of one color: every pixel is a zero bit.</summary>
    public static byte[] Png(int width, int height, byte red, byte green, byte blue, byte alpha)
    {
        using var pixels = Compress(new byte[1 + ((width + 7) / 8)], height);
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR"u8, [.. BigEndian((uint)width), .. BigEndian((uint)height), 1, 3, 0, 0, 0]);
        WriteChunk(file, "PLTE"u8, [red, green, blue]);
        if (alpha < 255)
        {
            WriteChunk(file, "tRNS"u8, [alpha]);
        }

        WriteChunk(file, "IDAT"u8, pixels.GetBuffer().AsSpan(0, (int)pixels.Length));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>A TIFF with one compressed strip of RGBA pixels.</summary>
    public static byte[] Tiff(int width, int height, byte red, byte green, byte blue, byte alpha)
    {
        const int Entries = 10;
        const int BitsAt = 8 + 2 + (12 * Entries) + 4;
        const int DataAt = BitsAt + 8;
        using var pixels = Compress([.. Enumerable.Repeat<byte[]>([red, green, blue, alpha], width).SelectMany(p => p)], height);
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("II*\0"u8);
        writer.Write(8);
        writer.Write((ushort)Entries);
        Entry(256, width);
        Entry(257, height);
        Entry(258, BitsAt, count: 4, type: 3); // bits of each sample
        Entry(259, 8); // compression by Deflate
        Entry(262, 2); // RGB
        Entry(273, DataAt);
        Entry(277, 4); // samples of a pixel
        Entry(278, height);
        Entry(279, (int)pixels.Length);
        Entry(338, 2, type: 3); // the fourth sample is an alpha value that the others aren't multiplied by
        writer.Write(0);
        foreach (var bits in (ushort[])[8, 8, 8, 8])
        {
            writer.Write(bits);
        }

        writer.Write(pixels.GetBuffer(), 0, (int)pixels.Length);
        return file.ToArray();

        void Entry(ushort tag, int value, int count = 1, ushort type = 4)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(count);
            writer.Write(value);
        }
    }

    /// <summary>A baseline JPEG: the first block has the color, and each other block equals the one before.</summary>
    public static byte[] Jpeg(int width, int height, byte red, byte green, byte blue)
    {
        using var file = new MemoryStream();
        file.Write([0xFF, 0xD8]);
        WriteSegment(file, 0xE0, [.. "JFIF"u8, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        WriteSegment(file, 0xDB, [0, .. Enumerable.Repeat((byte)8, 64)]); // the quantized mean of a block is the color's level itself
        byte[] size = [.. BigEndian((uint)height)[2..], .. BigEndian((uint)width)[2..]];
        WriteSegment(file, 0xC0, [8, .. size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
        byte[] lengths = [1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // one code of one bit and eleven of five: see Append
        WriteSegment(file, 0xC4, [0x00, .. lengths, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        WriteSegment(file, 0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // one symbol: the end of the block
        WriteSegment(file, 0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
        foreach (var data in Scan((width + 7) / 8 * ((height + 7) / 8), red, green, blue))
        {
            file.WriteByte(data);
            if (data == 0xFF)
            {
                file.WriteByte(0);
            }
        }

        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    private static byte[] Scan(int blocks, byte red, byte green, byte blue)
    {
        const int BitsPerOtherBlock = 6;
        var (bits, count) = (0UL, 0);
        Append((0.299 * red) + (0.587 * green) + (0.114 * blue) - 128);
        Append((-0.168736 * red) - (0.331264 * green) + (0.5 * blue));
        Append((0.5 * red) - (0.418688 * green) - (0.081312 * blue));

        var total = count + (BitsPerOtherBlock * (blocks - 1));
        var scan = new byte[Math.Max(8, (total + 7) / 8)];
        BinaryPrimitives.WriteUInt64BigEndian(scan, bits << (64 - count));
        Array.Resize(ref scan, (total + 7) / 8);
        scan[^1] |= (byte)(0xFF >> (((total - 1) & 7) + 1)); // the rest of the last byte is filled with ones
        return scan;

        // The code of a zero difference is 0, and that of a difference of n bits is 1 and n - 1 in four bits. The end of the block is 0.
        void Append(double level)
        {
            var value = Math.Clamp((int)Math.Round(level), -128, 127);
            var length = 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));
            var difference = (uint)(value < 0 ? value - 1 : value) & ((1u << length) - 1);
            var (code, size) = length == 0 ? (0, 1) : (((ulong)(16 + length - 1) << length) | difference, 5 + length);
            (bits, count) = ((bits << (size + 1)) | (code << 1), count + size + 1);
        }
    }

    private static MemoryStream Compress(byte[] line, int lines)
    {
        var pixels = new MemoryStream();
        using var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true);
        for (var y = 0; y < lines; y++)
        {
            zlib.Write(line);
        }

        return pixels;
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static void WriteSegment(MemoryStream file, byte marker, byte[] content) =>
        file.Write([0xFF, marker, .. BigEndian((uint)content.Length + 2)[2..], .. content]);

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] chunk = [.. type, .. content];
        file.Write(BigEndian((uint)content.Length));
        file.Write(chunk);
        file.Write(BigEndian(Crc(chunk)));
    }

    private static uint Crc(byte[] content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320u ^ (crc >> 1);
            }
        }

        return ~crc;
    }
}
