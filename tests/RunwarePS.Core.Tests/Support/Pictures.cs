using System.Buffers.Binary;

namespace RunwarePS.Core.Tests;

/// <summary>Images whose containers are whole, with noise for pixels: enough for code that never decodes them.</summary>
internal static class Pictures
{
    public static byte[] Jpeg(int length = 600)
    {
        byte[] head = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
        var noise = Noise(length - head.Length - 2);
        noise.AsSpan().Replace((byte)0xFF, (byte)0);
        return [.. head, .. noise, 0xFF, 0xD9];
    }

    public static byte[] Png(int length = 600) =>
        [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR"u8, [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]), .. Chunk("IDAT"u8, Noise(length - 57)), .. Chunk("IEND"u8, [])];

    public static byte[] Webp(int length = 600)
    {
        byte[] bytes = [.. "RIFF????WEBPVP8 ????"u8, .. Noise(length - 20)];
        ((byte[])[0, 0, 0, 0x9D, 0x01, 0x2A, 96, 0, 64, 0]).CopyTo(bytes, 20); // where a lossy image says its size
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), length - 8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), length - 20);
        return bytes;
    }

    /// <summary>A chunk of a PNG. Its checksum is not computed: no code here checks it.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length, .. type, .. content, 0, 0, 0, 0];
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
