using System.Buffers.Binary;

namespace RunwarePS.Imaging.Metadata;

/// <summary>
/// Finds the XMP packet in a picture. It goes from head to head of the parts that a picture is made of and reads no more than the one it
/// looks for: a large picture is looked through as fast as a small one.
/// </summary>
internal static class MetadataFinder
{
    /// <summary>Far more than what is known of a picture, and what other programs write beside it, ever take.</summary>
    private const int MaxPacketBytes = 16 * 1024 * 1024;

    private delegate Part? ReadHead(ReadOnlySpan<byte> head);

    /// <summary>The packet; null where the picture has none, breaks off before it, or is no picture.</summary>
    public static byte[]? Find(Stream picture)
    {
        var format = ImageFormat.Detect(picture);
        return format == ImageFormat.Png ? Walk(picture, 8, new byte[8], PictureMetadata.PngHead, Png)
            : format == ImageFormat.Jpeg ? Walk(picture, 2, new byte[4], PictureMetadata.JpegHead, Jpeg)
            : format == ImageFormat.Webp ? Walk(picture, 12, new byte[8], default, Webp)
            : null;
    }

    private static byte[]? Walk(Stream picture, long at, byte[] head, ReadOnlySpan<byte> mark, ReadHead read)
    {
        while (true)
        {
            picture.Position = at;
            at += head.Length;
            if (picture.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || read(head) is not { } part || part.Length > picture.Length - at)
            {
                return null;
            }

            if (part.MayBePacket && part.Length <= MaxPacketBytes)
            {
                var content = new byte[part.Length];
                picture.ReadExactly(content);
                if (content.AsSpan().StartsWith(mark))
                {
                    return content[mark.Length..];
                }
            }

            at += part.Length + part.After;
        }
    }

    // Length, type; behind the content a checksum.
    private static Part? Png(ReadOnlySpan<byte> head) => new(BinaryPrimitives.ReadUInt32BigEndian(head), After: 4, head[4..].SequenceEqual("iTXt"u8));

    // Marker, length with its own two bytes. The pixels end the walk.
    private static Part? Jpeg(ReadOnlySpan<byte> head) =>
        head[0] == 0xFF && head[1] != 0xDA && BinaryPrimitives.ReadUInt16BigEndian(head[2..]) is >= 2 and var length
            ? new Part(length - 2, After: 0, head[1] == 0xE1)
            : null;

    // Type, length; the content is filled up to an even one.
    private static Part? Webp(ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) is var length ? new Part(length, (int)(length % 2), head.StartsWith("XMP "u8)) : null;

    /// <summary>What the head of a part says.</summary>
    /// <param name="Length">How long its content is.</param>
    /// <param name="After">How many bytes follow before the next head.</param>
    /// <param name="MayBePacket">True for the kind of part that a packet stands in.</param>
    private readonly record struct Part(long Length, int After, bool MayBePacket);
}
