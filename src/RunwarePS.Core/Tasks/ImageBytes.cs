using System.Buffers;

namespace RunwarePS.Tasks;

/// <summary>The bytes that a picture object carries, in whichever form it came: fresh from a reply, or as text from CLIXML or a property bag.</summary>
internal static class ImageBytes
{
    private static readonly SearchValues<char> s_digits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>The bytes, or nothing where the object only has an address.</summary>
    /// <param name="image">The object.</param>
    /// <param name="mayBreakOff">Whether base64 that lacks its end is read as far as it goes, for a caller that checks the image.</param>
    /// <exception cref="RunwareException">The text is no base64.</exception>
    public static ReadOnlyMemory<byte> Of(RunwareImage image, bool mayBreakOff = false)
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
        var data = comma < 0 ? text : text[(comma + 1)..];
        try
        {
            return Convert.FromBase64String(data);
        }
        catch (FormatException) when (mayBreakOff && Padded(data) is { } padded)
        {
            return Convert.FromBase64String(padded);
        }
        catch (FormatException e)
        {
            var parameter = comma < 0 ? "ImageBase64Data" : "ImageDataUri";
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, "The picture's data is no base64.", e);
        }
    }

    /// <summary>Base64 that lacks its end, filled up: some programs omit the padding, and a text that was cut looks the same.</summary>
    /// <returns>Null for any other text.</returns>
    private static string? Padded(string data)
    {
        var digits = string.Concat(data.Where(c => !char.IsWhiteSpace(c))).AsSpan().TrimEnd('=');
        if (digits.ContainsAnyExcept(s_digits))
        {
            return null;
        }

        var odd = digits.Length % 4;
        return string.Concat(odd == 1 ? digits[..^1] : digits, odd switch { 2 => "==", 3 => "=", _ => "" });
    }
}
