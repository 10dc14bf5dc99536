using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RunwarePS.Media.Metadata;

/// <summary>Finds the XMP packets in an image, in every form in which programs put them there.</summary>
internal static class MetadataFinder
{
    /// <summary>More than the metadata of an image and that of other programs need.</summary>
    private const int MaxPacketBytes = 16 * 1024 * 1024;

    private const int MaxKeywordLength = 79;
    private const int GuidLength = 32;

    /// <summary>The keyword of the packet's chunk in a PNG.</summary>
    public static ReadOnlySpan<byte> PngKeyword => "XML:com.adobe.xmp"u8;

    /// <summary>What precedes the packet in its segment of a JPEG.</summary>
    public static ReadOnlySpan<byte> JpegHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    // ImageMagick stores other metadata this way.
    private static ReadOnlySpan<byte> PngProfileKeyword => "Raw profile type xmp"u8;

    // A packet that is too large for one segment: then GUID, whole length, offset of this piece.
    private static ReadOnlySpan<byte> JpegExtensionHead => "http://ns.adobe.com/xmp/extension/\0"u8;

    /// <summary>The packets. What follows the end of the container isn't looked at.</summary>
    public static IReadOnlyList<XmpPacket> Find(Stream image, ImageContainer container) =>
        container.Format == ImageFormat.Jpeg
            ? InJpeg(image, container)
            : [.. container.Parts.Select(part => InChunk(image, part)).OfType<XmpPacket>()];

    private static XmpPacket? InChunk(Stream image, ImagePart part)
    {
        if (part.Kind is not ("iTXt" or "zTXt" or "tEXt" or "XMP " or "XMP\0") || part.Length > MaxPacketBytes)
        {
            return null;
        }

        if (part.Kind[0] == 'X')
        {
            return new XmpPacket(part, ImageContainer.ContentOf(part, image));
        }

        var beginning = ImageContainer.ContentOf(part, image, MaxKeywordLength + 1);
        var end = Array.IndexOf(beginning, (byte)0);
        var keyword = beginning.AsSpan(0, Math.Max(end, 0));
        var isProfile = keyword.SequenceEqual(PngProfileKeyword);
        if (!isProfile && !keyword.SequenceEqual(PngKeyword))
        {
            return null;
        }

        var text = TextOf(part.Kind, ImageContainer.ContentOf(part, image).AsSpan(end + 1));
        return new XmpPacket(part, isProfile && text is not null ? FromHex(text) : text);
    }

    /// <summary>The text that follows the keyword of a chunk of a PNG; null if it can't be read.</summary>
    private static byte[]? TextOf(string kind, ReadOnlySpan<byte> rest)
    {
        if (kind == "tEXt")
        {
            return rest.ToArray();
        }

        if (kind == "zTXt")
        {
            return rest.Length > 1 && rest[0] == 0 ? Inflate(rest[1..]) : null;
        }

        // Whether compressed, how, language, translated keyword.
        if (rest.Length < 2 || rest[0] > 1)
        {
            return null;
        }

        var isCompressed = rest[0] == 1;
        rest = rest[2..];
        for (var skipped = 0; skipped < 2; skipped++)
        {
            var end = rest.IndexOf((byte)0);
            if (end < 0)
            {
                return null;
            }

            rest = rest[(end + 1)..];
        }

        return isCompressed ? Inflate(rest) : rest.ToArray();
    }

    private static byte[]? Inflate(ReadOnlySpan<byte> data)
    {
        try
        {
            using var inflated = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
            var text = new byte[64 * 1024];
            for (var length = 0; ;)
            {
                var read = inflated.ReadAtLeast(text.AsSpan(length), text.Length - length, throwOnEndOfStream: false);
                length += read;
                if (length < text.Length)
                {
                    return text[..length];
                }

                if (length >= MaxPacketBytes)
                {
                    return null; // a small chunk may claim to hold any size
                }

                Array.Resize(ref text, length * 2);
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    // A line with the name, one with the length, then lines of hexadecimal digits.
    private static byte[]? FromHex(byte[] profile)
    {
        var lines = Encoding.Latin1.GetString(profile).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            return Convert.FromHexString(string.Concat(lines.Skip(2)));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static XmpPacket[] InJpeg(Stream image, ImageContainer container)
    {
        var packets = new List<XmpPacket>();
        var pieces = new List<(string Guid, long Whole, long At, byte[] Bytes)>();
        foreach (var part in container.Parts.TakeWhile(p => p.Kind != ImageContainer.JpegScan).Where(p => p.Kind == "E1"))
        {
            var content = ImageContainer.ContentOf(part, image);
            var body = JpegExtensionHead.Length + GuidLength + 8;
            if (content.AsSpan().StartsWith(JpegHead))
            {
                packets.Add(new XmpPacket(part, content[JpegHead.Length..]));
            }
            else if (content.AsSpan().StartsWith(JpegExtensionHead) && content.Length >= body)
            {
                var guid = Encoding.Latin1.GetString(content, JpegExtensionHead.Length, GuidLength);
                var whole = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(body - 8));
                pieces.Add((guid, whole, BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(body - 4)), content[body..]));
            }
        }

        // Only the extension that the packet names is its own; others are left over from an earlier version of the file.
        var extensions = from piece in pieces
                         group piece by (piece.Guid, piece.Whole) into extension
                         where packets.Exists(p => p.Xml.AsSpan().IndexOf(Encoding.Latin1.GetBytes(extension.Key.Guid)) >= 0)
                         let xml = Join(extension.Key.Whole, extension.OrderBy(p => p.At).Select(p => (p.At, p.Bytes)))
                         where xml is not null
                         select new XmpPacket(Part: null, xml);
        return [.. packets, .. extensions];
    }

    /// <summary>The pieces of a packet as one; null if one is missing.</summary>
    private static byte[]? Join(long whole, IEnumerable<(long At, byte[] Bytes)> pieces)
    {
        var joined = new List<byte>();
        foreach (var (at, bytes) in pieces)
        {
            if (at != joined.Count || at + bytes.Length > Math.Min(whole, MaxPacketBytes))
            {
                return null;
            }

            joined.AddRange(bytes);
        }

        return joined.Count == whole ? [.. joined] : null;
    }
}

/// <summary>An XMP packet in an image.</summary>
/// <param name="Part">The part of the container that holds it; null for the extension of a JPEG's packet, which has several.</param>
/// <param name="Xml">Its text; null if it can't be decoded.</param>
internal sealed record XmpPacket(ImagePart? Part, byte[]? Xml);
