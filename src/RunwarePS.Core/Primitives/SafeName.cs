using System.Buffers;
using System.Globalization;
using System.Text;

namespace RunwarePS.Primitives;

/// <summary>Makes file names that every file system takes: Windows' rules hold everywhere, so that a folder can move.</summary>
internal static class SafeName
{
    /// <summary>The longest name of one file in bytes of UTF-8, extension included; the limit of most file systems is 255.</summary>
    public const int MaxNameBytes = 200;

    /// <summary>The longest part that one value may take, in bytes.</summary>
    private const int MaxValueBytes = 100;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("<>:\"/\\|?*");

    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    };

    /// <summary>A value as it may stand inside a name: no separators, no control characters, one line, cut to a sane length.</summary>
    public static string Value(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = new StringBuilder(Math.Min(text.Length, MaxValueBytes));
        foreach (var rune in text.Composed().EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var isSeparator = Rune.IsWhiteSpace(rune) || (rune.IsBmp && s_forbidden.Contains((char)rune.Value));
            var isInvisible = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                || rune == Rune.ReplacementChar;
            if (isSeparator || isInvisible)
            {
                if (safe.Length > 0 && safe[^1] != ' ')
                {
                    safe.Append(' ');
                }
            }
            else
            {
                safe.Append(rune.ToString());
            }
        }

        return Cut(safe.ToString(), MaxValueBytes).Trim(' ');
    }

    /// <summary>One name of a path: not empty, not reserved, without the trailing dots and blanks that Windows drops.</summary>
    /// <param name="name">The name.</param>
    /// <param name="maxBytes">Its longest form.</param>
    /// <param name="mayHide">False if a leading dot, which hides a file on Linux and macOS, is to be covered.</param>
    public static string Segment(string name, int maxBytes = MaxNameBytes, bool mayHide = true)
    {
        var cut = Cut(name, maxBytes).TrimEnd(' ', '.').TrimStart(' ');
        if (cut.Length == 0)
        {
            return "_";
        }

        var stem = cut.Split('.')[0].TrimEnd(' ');
        var isHidden = cut[0] == '.' && !mayHide;
        return isHidden || s_reserved.Contains(stem) ? Cut("_" + cut, maxBytes).TrimEnd(' ', '.') : cut;
    }

    /// <summary>The longest beginning that fits, without tearing a character.</summary>
    private static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = 0;
        var chars = 0;
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            bytes += Encoding.UTF8.GetByteCount(element);
            if (bytes > maxBytes)
            {
                break;
            }

            chars += element.Length;
        }

        return text[..chars];
    }

    // Torn surrogates cannot be normalized, and need not be: they are replaced rune by rune.
    private static string Composed(this string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }
}
