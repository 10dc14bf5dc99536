using System.Buffers.Binary;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>The smallest files that programs take for what they are.</summary>
internal static class MediaFiles
{
    private const int SampleRate = 8000;

    /// <summary>A video without tracks.</summary>
    public static byte[] Mp4()
    {
        var header = new byte[100];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), 1000); // units a second
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16), 1000); // one second
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(20), 0x0001_0000); // normal speed
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(24), 0x0100); // full volume
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(36), 0x0001_0000); // the unit matrix
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(52), 0x0001_0000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(68), 0x4000_0000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(96), 1); // the next track
        return [.. Box("ftyp"u8, [.. "isom"u8, 0, 0, 2, 0, .. "isommp42"u8]), .. Box("moov"u8, Box("mvhd"u8, header)), .. Box("mdat"u8, [])];
    }

    /// <summary>A tenth of a second of silence.</summary>
    public static byte[] Wav()
    {
        const int Samples = SampleRate / 10;
        return
        [
            .. "RIFF"u8, .. Number(36 + Samples), .. "WAVEfmt "u8, .. Number(16), 1, 0, 1, 0, .. Number(SampleRate), .. Number(SampleRate), 1, 0, 8, 0,
            .. "data"u8, .. Number(Samples), .. Enumerable.Repeat((byte)0x80, Samples),
        ];
    }

    /// <summary>A model without a scene.</summary>
    public static byte[] Glb()
    {
        var json = """{"asset":{"version":"2.0"}} """u8;
        return [.. "glTF"u8, .. Number(2), .. Number(20 + json.Length), .. Number(json.Length), .. "JSON"u8, .. json];
    }

    private static byte[] Box(ReadOnlySpan<byte> name, byte[] content)
    {
        var size = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(size, content.Length + 8);
        return [.. size, .. name, .. content];
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
