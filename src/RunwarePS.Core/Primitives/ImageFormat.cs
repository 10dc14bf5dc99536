namespace RunwarePS.Primitives;

/// <summary>The image formats that the API takes as inputs, and whose containers the module reads: JPG, PNG and WEBP.</summary>
internal static class ImageFormat
{
    /// <summary>How many bytes <see cref="Detect(ReadOnlySpan{byte})"/> needs to see.</summary>
    public const int HeaderLength = 12;

    public static readonly MediaFormat Jpeg = MediaFormat.Jpeg;
    public static readonly MediaFormat Png = MediaFormat.Png;
    public static readonly MediaFormat Webp = MediaFormat.Webp;

    /// <summary>The format of an image; null if the bytes are none of the three.</summary>
    public static MediaFormat? Detect(ReadOnlySpan<byte> bytes) => Image(MediaFormat.Detect(bytes));

    /// <summary>The format of what a stream holds, which is then at its beginning.</summary>
    public static MediaFormat? Detect(Stream image) => Image(MediaFormat.Detect(image));

    /// <summary>Whether a name ends like an image file.</summary>
    public static bool IsImageName(string name) => Image(MediaFormat.OfName(Path.GetExtension(name))) is not null;

    private static MediaFormat? Image(MediaFormat? format) => format is { HoldsMetadata: true } ? format : null;
}
