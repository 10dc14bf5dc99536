using System.Buffers;

namespace RunwarePS.Tasks;

/// <summary>The bytes that a media object contains, in any form: from a response, or as text from CLIXML or a custom object.</summary>
internal static class MediaBytes
{
    private static readonly SearchValues<char> s_digits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>The bytes, or nothing if the object only has a URL.</summary>
    /// <param name="media">The object.</param>
    /// <param name="mayBreakOff">Whether base64 that lacks its end is read as far as it goes, for a caller that checks the file.</param>
    /// <exception cref="RunwareException">The text isn't base64.</exception>
    public static ReadOnlyMemory<byte> Of(RunwareMedia media, bool mayBreakOff = false)
    {
        if (!media.Bytes.IsEmpty)
        {
            return media.Bytes;
        }

        var text = media.Base64 ?? media.DataText;
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
            var parameter = (media is RunwareImage ? "Image" : "") + (comma < 0 ? "Base64Data" : "DataUri");
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter,
                Strings.DataNotBase64, e);
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
