using System.Buffers.Binary;

namespace RunwarePS.Core.Tests;

/// <summary>Files of each format that are whole as far as their containers tell, with noise for content.</summary>
internal static class MediaSamples
{
    public static byte[] Mp4(int content = 600) =>
        [.. Box("ftyp"u8, "isom\0\0\u0002\0isommp42"u8), .. Box("moov"u8, [1, 2, 3]), .. Box("mdat"u8, Noise(content))];

    public static byte[] Mov() => [.. Box("ftyp"u8, "qt  \0\0\u0002\0qt  "u8), .. Box("moov"u8, [1]), .. Box("mdat"u8, Noise(100))];

    public static byte[] Webm() => [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84, .. "webm"u8, .. Noise(100)];

    public static byte[] Wav(int content = 600)
    {
        byte[] bytes = [.. "RIFF????WAVEfmt "u8, .. Noise(content)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    public static byte[] Mp3() => [.. "ID3\u0004\0"u8, .. Noise(100)];

    public static byte[] Mp3Frames() => [0xFF, 0xFB, 0x90, 0x64, .. Noise(100)];

    public static byte[] Flac() => [.. "fLaC"u8, .. Noise(100)];

    public static byte[] Ogg() => [.. "OggS"u8, .. Noise(100)];

    public static byte[] Glb(int content = 600)
    {
        byte[] bytes = [.. "glTF\u0002\0\0\0????"u8, .. Noise(content)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length);
        return bytes;
    }

    public static byte[] Fbx() => [.. "Kaydara FBX Binary  \0\u001A\0"u8, .. Noise(100)];

    public static byte[] Zip() => [.. "PK\u0003\u0004"u8, .. Noise(100), .. "PK\u0005\u0006"u8, .. new byte[18]];

    public static byte[] Tiff() => [.. "II*\0"u8, .. Noise(100)];

    public static byte[] Svg() => [.. "\uFEFF<?xml version=\"1.0\"?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>\n"u8];

    public static byte[] Unknown() => [.. "ply\nformat"u8, .. Noise(100)];

    public static byte[] Of(string name) => (byte[])typeof(MediaSamples).GetMethod(name)!.Invoke(null, name is "Mp4" or "Wav" or "Glb" ? [600] : null)!;

    private static byte[] Box(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length + 8);
        return [.. length, .. type, .. content];
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
