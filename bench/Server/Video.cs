using System.Buffers.Binary;

namespace RunwarePS.Bench.Server;

/// <summary>A video of any length: the boxes of an MP4 file, with the same megabyte of noise again and again. The server never holds it whole.</summary>
internal static class Video
{
    private static readonly byte[] s_noise = Noise();

    public static async Task WriteAsync(Stream body, long length)
    {
        var head = Head(length);
        await body.WriteAsync(head);
        for (var left = length - head.Length; left > 0; left -= s_noise.Length)
        {
            await body.WriteAsync(s_noise.AsMemory(0, (int)Math.Min(left, s_noise.Length)));
        }
    }

    private static byte[] Head(long length)
    {
        byte[] head =
        [
            0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 2, 0,
            0, 0, 0, 8, .. "moov"u8,
            0, 0, 0, 1, .. "mdat"u8, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(head.Length - 8), length - 24);
        return head;
    }

    private static byte[] Noise()
    {
        var noise = new byte[1024 * 1024];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
