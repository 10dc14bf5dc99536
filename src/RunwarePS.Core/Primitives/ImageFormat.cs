namespace RunwarePS.Primitives;

/// <summary>The picture formats this module reads and writes, told apart by their first bytes, never by a name.</summary>
internal sealed record ImageFormat(string Name, string Extension, string MediaType)
{
    /// <summary>How many bytes <see cref="Detect(ReadOnlySpan{byte})"/> needs to see.</summary>
    public const int HeaderLength = 12;

    public static readonly ImageFormat Jpeg = new("JPG", ".jpg", "image/jpeg");
    public static readonly ImageFormat Png = new("PNG", ".png", "image/png");
    public static readonly ImageFormat Webp = new("WEBP", ".webp", "image/webp");

    public static readonly IReadOnlyList<ImageFormat> All = [Jpeg, Png, Webp];

    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>The format of a picture, or null where the bytes are none of the three.</summary>
    public static ImageFormat? Detect(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
        : bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? Png
        : bytes.Length >= HeaderLength && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? Webp
        : null;

    /// <summary>The format of what a stream holds, which then stands at its beginning.</summary>
    public static ImageFormat? Detect(Stream picture)
    {
        var header = new byte[HeaderLength];
        picture.Position = 0;
        var read = picture.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        picture.Position = 0;
        return Detect(header.AsSpan(0, read));
    }

    /// <summary>Whether a name ends like a picture file.</summary>
    public static bool IsPictureName(string name) => Array.Exists(s_extensions, e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));
}
