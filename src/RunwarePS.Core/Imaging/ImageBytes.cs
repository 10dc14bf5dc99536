namespace RunwarePS.Imaging;

/// <summary>The bytes that a picture object carries, in whichever form it came: fresh from a reply, or as text from CLIXML or a property bag.</summary>
internal static class ImageBytes
{
    /// <summary>The bytes, or nothing where the object only has an address.</summary>
    /// <exception cref="RunwareException">The text is no base64.</exception>
    public static ReadOnlyMemory<byte> Of(RunwareImage image)
    {
        if (!image.Bytes.IsEmpty)
        {
            return image.Bytes;
        }

        var text = image.ImageBase64Data ?? image.ImageDataUri;
        if (string.IsNullOrEmpty(text))
        {
            return default;
        }

        var comma = text.StartsWith("data:", StringComparison.Ordinal) ? text.IndexOf(',', StringComparison.Ordinal) : -1;
        try
        {
            return Convert.FromBase64String(comma < 0 ? text : text[(comma + 1)..]);
        }
        catch (FormatException e)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, comma < 0 ? "ImageBase64Data" : "ImageDataUri", "The picture's data is no base64.", e);
        }
    }
}
