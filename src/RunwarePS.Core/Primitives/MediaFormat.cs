using System.Buffers;
using System.Text;

namespace RunwarePS.Primitives;

/// <summary>The kind of media that a file holds, or that a parameter takes.</summary>
internal enum MediaKind
{
    /// <summary>Any kind, or a kind that isn't known.</summary>
    Any,
    Image,
    Video,
    Audio,
    Text,

    /// <summary>A file of another kind, such as a 3D model.</summary>
    Other,
}

/// <summary>A file format, recognized by the first bytes, else by the content type, else by the URL's extension.</summary>
internal sealed record MediaFormat(string Name, string Extension, string MediaType, MediaKind Kind)
{
    /// <summary>How many bytes <see cref="Detect(ReadOnlySpan{byte})"/> needs to see: an SVG file can begin with comments.</summary>
    public const int HeaderLength = 1024;

    public static readonly MediaFormat Jpeg = new("JPG", ".jpg", "image/jpeg", MediaKind.Image);
    public static readonly MediaFormat Png = new("PNG", ".png", "image/png", MediaKind.Image);
    public static readonly MediaFormat Webp = new("WEBP", ".webp", "image/webp", MediaKind.Image);
    public static readonly MediaFormat Tiff = new("TIFF", ".tiff", "image/tiff", MediaKind.Image);
    public static readonly MediaFormat Svg = new("SVG", ".svg", "image/svg+xml", MediaKind.Image);
    public static readonly MediaFormat Mp4 = new("MP4", ".mp4", "video/mp4", MediaKind.Video);
    public static readonly MediaFormat Webm = new("WEBM", ".webm", "video/webm", MediaKind.Video);
    public static readonly MediaFormat Mov = new("MOV", ".mov", "video/quicktime", MediaKind.Video);
    public static readonly MediaFormat Mp3 = new("MP3", ".mp3", "audio/mpeg", MediaKind.Audio);
    public static readonly MediaFormat Wav = new("WAV", ".wav", "audio/wav", MediaKind.Audio);
    public static readonly MediaFormat Flac = new("FLAC", ".flac", "audio/flac", MediaKind.Audio);
    public static readonly MediaFormat Ogg = new("OGG", ".ogg", "audio/ogg", MediaKind.Audio);
    public static readonly MediaFormat Glb = new("GLB", ".glb", "model/gltf-binary", MediaKind.Other);
    public static readonly MediaFormat Fbx = new("FBX", ".fbx", "application/vnd.autodesk.fbx", MediaKind.Other);
    public static readonly MediaFormat Zip = new("ZIP", ".zip", "application/zip", MediaKind.Other);
    public static readonly MediaFormat Text = new("TXT", ".txt", "text/plain", MediaKind.Text);
    public static readonly MediaFormat Json = new("JSON", ".json", "application/json", MediaKind.Text);

    /// <summary>A file of which nothing is known.</summary>
    public static readonly MediaFormat Unknown = new("BIN", ".bin", "application/octet-stream", MediaKind.Other);

    public static readonly IReadOnlyList<MediaFormat> All =
        [Jpeg, Png, Webp, Tiff, Svg, Mp4, Webm, Mov, Mp3, Wav, Flac, Ogg, Glb, Fbx, Zip, Text, Json];

    private const int LongestExtension = 16;

    private static readonly Dictionary<string, MediaFormat> s_otherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpeg"] = Jpeg, [".tif"] = Tiff, [".qt"] = Mov, [".oga"] = Ogg, [".wave"] = Wav,
        ["image/jpg"] = Jpeg, ["audio/mp3"] = Mp3, ["audio/x-wav"] = Wav, ["audio/wave"] = Wav, ["audio/vnd.wave"] = Wav,
        ["audio/x-flac"] = Flac, ["application/ogg"] = Ogg, ["application/x-zip-compressed"] = Zip, ["video/x-quicktime"] = Mov,
    };

    private static readonly SearchValues<char> s_plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    // Files that are ZIP archives inside, and known by their own extensions.
    private static readonly string[] s_zipInside = [".usdz", ".3mf"];

    /// <summary>Whether the module can write metadata into such files.</summary>
    public bool HoldsMetadata => this == Jpeg || this == Png || this == Webp;

    /// <summary>The format of a file.</summary>
    /// <param name="beginning">Its first bytes.</param>
    /// <param name="mediaType">The content type that came with it.</param>
    /// <param name="url">Where it came from.</param>
    public static MediaFormat Of(ReadOnlySpan<byte> beginning, string? mediaType, Uri? url)
    {
        var named = OfName(url is { IsAbsoluteUri: true } ? Path.GetExtension(Uri.UnescapeDataString(url.AbsolutePath)) : null);
        return Detect(beginning) switch
        {
            { } zip when zip == Zip && named is not null && s_zipInside.Contains(named.Extension, StringComparer.OrdinalIgnoreCase) =>
                named,
            { } detected => detected,
            null => OfMediaType(mediaType) ?? named ?? Unknown,
        };
    }

    /// <summary>The format that the first bytes show; null if they show none.</summary>
    public static MediaFormat? Detect(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, ..] when bytes[8..].StartsWith("WEBP"u8) => Webp,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, ..] when bytes[8..].StartsWith("WAVE"u8) => Wav,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => Tiff,
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', _, _, _, _, ..] => OfBrand(bytes.Slice(8, 4)),
        [_, _, _, _, (byte)'m', (byte)'o', (byte)'o', (byte)'v', ..] => Mov,
        [0x1A, 0x45, 0xDF, 0xA3, ..] => bytes.IndexOf("webm"u8) > 0 ? Webm : null,
        [(byte)'I', (byte)'D', (byte)'3', ..] => Mp3,
        [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => Flac,
        [(byte)'O', (byte)'g', (byte)'g', (byte)'S', ..] => Ogg,
        [(byte)'g', (byte)'l', (byte)'T', (byte)'F', ..] => Glb,
        [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => Zip,
        [0xFF, var version, var rate, ..] when IsMp3Frame(version, rate) => Mp3,
        _ => bytes.StartsWith("Kaydara FBX Binary"u8) ? Fbx : IsSvg(bytes) ? Svg : null,
    };

    /// <summary>The format of what a stream holds, which is then at its beginning.</summary>
    public static MediaFormat? Detect(Stream media) => Detect(Beginning(media));

    /// <summary>The first bytes of a stream, which is then at its beginning again.</summary>
    public static byte[] Beginning(Stream media)
    {
        var header = new byte[HeaderLength];
        media.Position = 0;
        var read = media.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        media.Position = 0;
        return header[..read];
    }

    /// <summary>Whether a name ends like a file of a known format, text aside.</summary>
    public static bool IsMediaName(string name) =>
        OfKnownName(Path.GetExtension(name)) is { Kind: not MediaKind.Text };

    /// <summary>The format of a file extension, also one that the module doesn't know; null for what isn't an extension.</summary>
    public static MediaFormat? OfName(string? extension) => OfKnownName(extension)
        ?? (extension is [ '.', _, .. ] && extension.Length <= LongestExtension && extension.AsSpan(1).IndexOfAnyExcept(s_plain) < 0
            ? new MediaFormat(extension[1..].ToUpperInvariant(), extension.ToLowerInvariant(), Unknown.MediaType, MediaKind.Other)
            : null);

    private static MediaFormat? OfKnownName(string? extension) => string.IsNullOrEmpty(extension) ? null
        : All.FirstOrDefault(f => f.Extension.Equals(extension, StringComparison.OrdinalIgnoreCase))
        ?? s_otherNames.GetValueOrDefault(extension);

    private static MediaFormat? OfMediaType(string? type) => string.IsNullOrEmpty(type) ? null
        : All.FirstOrDefault(f => f.Kind != MediaKind.Text && f.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            ?? s_otherNames.GetValueOrDefault(type);

    // The same container holds images (AVIF, HEIC) and audio (M4A), for which the content type and the URL speak.
    private static MediaFormat? OfBrand(ReadOnlySpan<byte> brand) => Encoding.Latin1.GetString(brand) switch
    {
        "qt  " => Mov,
        "avif" or "avis" or "heic" or "heix" or "mif1" or "msf1" or "M4A " or "M4B " => null,
        _ => Mp4,
    };

    // A frame of MPEG audio, layer III: 11 bits set, then version, layer and rates, of which some codes are reserved.
    private static bool IsMp3Frame(byte version, byte rate) =>
        (version & 0xE0) == 0xE0 && (version & 0x18) != 0x08 && (version & 0x06) == 0x02 && rate >> 4 is not (0 or 15)
            && (rate & 0x0C) != 0x0C;

    /// <summary>Whether XML begins with an svg element, behind its declaration, a document type and comments.</summary>
    private static bool IsSvg(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes).AsSpan().TrimStart('\uFEFF').TrimStart();
        while (text is ['<', '?' or '!', ..])
        {
            var end = text.StartsWith("<!--") ? "-->" : text[1] == '?' ? "?>" : ">";
            var at = text.IndexOf(end, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + end.Length)..].TrimStart();
        }

        return text.StartsWith("<svg", StringComparison.Ordinal) && text.Length > 4 && !char.IsLetterOrDigit(text[4]);
    }
}
