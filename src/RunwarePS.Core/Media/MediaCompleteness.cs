using System.Buffers.Binary;

namespace RunwarePS.Media;

/// <summary>
/// Determines whether the data of a file is incomplete, for formats that state their length. Data after the end doesn't matter.
/// </summary>
internal static class MediaCompleteness
{
    private const int Tail = 66 * 1024; // the longest end record of a ZIP file, with its comment
    private const uint Unlimited = 0x7FFF_FFFF; // what writes to a stream doesn't know the length

    /// <summary>False if the data is incomplete. A format that doesn't state its length counts as complete.</summary>
    public static bool IsWhole(MediaFormat format, Stream media) =>
        format == MediaFormat.Mp4 || format == MediaFormat.Mov ? HasAllBoxes(media)
        : format == MediaFormat.Wav ? Announced(media, at: 4) is var riff && (riff is 0 or >= Unlimited || 8 + riff <= media.Length)
        : format == MediaFormat.Glb ? Announced(media, at: 8) <= media.Length
        : format == MediaFormat.Svg ? EndsSvg(EndOf(media))
        : format != MediaFormat.Zip || EndOf(media).AsSpan().LastIndexOf("PK\u0005\u0006"u8) >= 0;

    private static bool EndsSvg(ReadOnlySpan<byte> end) => end.LastIndexOf("</svg"u8) >= 0 || end.TrimEnd(" \r\n\t\0"u8).EndsWith("/>"u8);

    // A box is length and type; 1 stands for a length of 64 bits behind the type, 0 for the rest of the file.
    private static bool HasAllBoxes(Stream media)
    {
        Span<byte> head = stackalloc byte[16];
        var hasIndex = false;
        for (long at = 0; TryRead(media, at, head[..8]) && IsType(head.Slice(4, 4));)
        {
            hasIndex |= head.Slice(4, 4).SequenceEqual("moov"u8) || head.Slice(4, 4).SequenceEqual("moof"u8);
            long length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length == 1)
            {
                length = TryRead(media, at, head) ? BinaryPrimitives.ReadInt64BigEndian(head[8..]) : 0;
            }

            if (length == 0)
            {
                break;
            }

            if (length < 8 || length > media.Length - at)
            {
                return false;
            }

            at += length;
        }

        return hasIndex;
    }

    private static bool IsType(ReadOnlySpan<byte> type) => !type.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static long Announced(Stream media, long at)
    {
        Span<byte> length = stackalloc byte[4];
        return TryRead(media, at, length) ? BinaryPrimitives.ReadUInt32LittleEndian(length) : long.MaxValue;
    }

    private static byte[] EndOf(Stream media)
    {
        var end = new byte[(int)Math.Min(Tail, media.Length)];
        TryRead(media, media.Length - end.Length, end);
        return end;
    }

    private static bool TryRead(Stream media, long at, Span<byte> bytes)
    {
        media.Position = at;
        return media.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
    }
}
