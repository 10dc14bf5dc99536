using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RunwarePS.Primitives;

/// <summary>The width and height of an image in pixels, from its first bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>The size; null if the bytes aren't an image or end before its size.</summary>
    public static ImageSize? Read(ReadOnlySpan<byte> bytes) =>
        ImageFormat.Detect(bytes) is not { } format ? null
        : format == ImageFormat.Png ? OfPng(bytes)
        : format == ImageFormat.Webp ? OfWebp(bytes)
        : OfJpeg(bytes);

    private static ImageSize? OfPng(ReadOnlySpan<byte> bytes) => bytes.Length < 24 ? null
        : new ImageSize(BinaryPrimitives.ReadInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadInt32BigEndian(bytes[20..]));

    private static ImageSize? OfWebp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30)
        {
            return null;
        }

        if (bytes[12..].StartsWith("VP8X"u8))
        {
            return new ImageSize((BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]) & 0xFFFFFF) + 1,
                (BinaryPrimitives.ReadInt32LittleEndian(bytes[26..]) >>> 8) + 1);
        }

        if (bytes[12..].StartsWith("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new ImageSize((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }

        return bytes[12..].StartsWith("VP8 "u8)
            ? new ImageSize(BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF,
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF)
            : null;
    }

    private static ImageSize? OfJpeg(ReadOnlySpan<byte> bytes)
    {
        for (var at = 2; at + 9 <= bytes.Length && bytes[at] == 0xFF;)
        {
            var marker = bytes[at + 1];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return new ImageSize(BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]),
                    BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            }

            at += marker == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }

        return null;
    }
}
