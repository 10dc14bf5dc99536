using System.Buffers.Binary;

namespace RunwarePS.Core.Tests;

/// <summary>The beginnings of pictures: enough for who tells formats by their bytes.</summary>
internal static class Pictures
{
    public static byte[] Jpeg(int length = 600) => Filled(length, [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F'], [0xFF, 0xD9]);

    public static byte[] Png(int length = 600) => Filled(length, [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82]);

    public static byte[] Webp(int length = 600)
    {
        var bytes = Filled(length, "RIFF"u8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), length - 8);
        "WEBPVP8 "u8.CopyTo(bytes.AsSpan(8));
        return bytes;
    }

    private static byte[] Filled(int length, ReadOnlySpan<byte> head, ReadOnlySpan<byte> end = default)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        head.CopyTo(bytes);
        end.CopyTo(bytes.AsSpan(length - end.Length));
        return bytes;
    }
}
