using System.Collections;
using System.Globalization;
using System.Text;

namespace RunwarePS.Primitives;

/// <summary>
/// How values are written for people to read: in the module's views, in progress bars, as help while completing. Prompts and responses may
/// hold anything; what would speak to the terminal instead of being shown by it does not get through.
/// </summary>
internal static class DisplayText
{
    public const string Unknown = "unknown";

    /// <summary>A text on one line, without control characters, cut where it is longer.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="length">The most characters to keep; 0 for all.</param>
    public static string Line(string? text, int length = 0)
    {
        var line = Visible(text, keepLines: false);
        return length <= 0 || line.Length <= length ? line : Cut(line, length - 1);
    }

    /// <summary>The beginning of a text that is longer than this, with a mark behind it. No character of two units is torn.</summary>
    internal static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";

    /// <summary>A text for a column of a table. The engine would cut one that is too wide, and tears characters of two units.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="cells">How wide the column is; some characters take two cells.</param>
    public static string Column(string? text, int cells)
    {
        var line = Line(text);
        var (width, fits) = (0, 0);
        foreach (var rune in line.EnumerateRunes())
        {
            width += IsWide(rune) ? 2 : 1;
            if (width > cells)
            {
                return line[..fits] + "…";
            }

            fits += width < cells ? rune.Utf16SequenceLength : 0; // the last cell is for the mark of what is cut
        }

        return line;
    }

    /// <summary>A text with its own line breaks, without other control characters.</summary>
    public static string Lines(string? text) => Visible(text, keepLines: true);

    /// <summary>An amount of USD; unknown where it is not known, never 0.</summary>
    /// <param name="usd">The amount, or null.</param>
    /// <param name="digits">The most digits after the point.</param>
    public static string Usd(decimal? usd, int digits) =>
        usd is { } value ? value.ToString("0." + new string('#', digits), CultureInfo.InvariantCulture) : Unknown;

    /// <summary>Width and height; empty where they are not known.</summary>
    public static string Size(int? width, int? height) =>
        width is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");

    /// <summary>Where an image is: in a file, on the net (without the query, which may carry a signature), or in memory only.</summary>
    /// <param name="path">The file, if there is one.</param>
    /// <param name="url">Where the image can be fetched.</param>
    /// <param name="imageUuid">The image.</param>
    /// <param name="folder">The current folder: paths in it are shown relative to it, which saves width.</param>
    public static string Where(string? path, Uri? url, Guid imageUuid, string? folder = null) =>
        !string.IsNullOrEmpty(path) ? Line(From(folder, path))
        : url is not null ? Line(Redaction.Address(url))
        : string.Create(CultureInfo.InvariantCulture, $"in memory, {imageUuid:D}");

    /// <summary>The state of a task, with how far it is where that is known.</summary>
    public static string Status(string? status, int? progress) =>
        Line(progress is null ? status : string.Create(CultureInfo.InvariantCulture, $"{status} {progress}%"));

    /// <summary>How many there are; also of what came back from a job.</summary>
    public static int Count(IEnumerable? items) => items?.Cast<object?>().Count() ?? 0;

    /// <summary>Each as a line of its own; also of what came back from a job.</summary>
    public static string[] Each(IEnumerable? items) =>
        [.. (items ?? Array.Empty<object>()).Cast<object?>().Select(item => Line(item?.ToString()))];

    /// <summary>The different ones of some texts.</summary>
    public static string Different(IEnumerable<string?>? texts) =>
        string.Join(' ', (texts ?? []).Distinct(StringComparer.Ordinal).Select(text => Line(text)));

    /// <summary>Where the key of a connection comes from.</summary>
    public static string KeySource(bool isSandbox, string? source) => isSandbox ? "sandbox" : Line(source);

    /// <summary>A moment in UTC; empty if it isn't known.</summary>
    public static string Utc(DateTime? at, string format = "yyyy-MM-dd HH:mm:ss") =>
        at?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>How long ago something was.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min ago"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h ago"),
        { TotalDays: < 2 } => "1 day ago",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} days ago"),
    };

    private static string Visible(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // a torn surrogate comes out as the replacement character
        {
            if (keepLines && rune.Value is '\n')
            {
                visible.Append('\n');
            }
            else if (rune.Value is '\n' or '\t' || Rune.IsWhiteSpace(rune))
            {
                visible.Append(' ');
            }
            else if (!IsInvisible(Rune.GetUnicodeCategory(rune)))
            {
                visible.Append(rune.ToString());
            }
        }

        return visible.ToString();
    }

    private static string From(string? folder, string path)
    {
        if (string.IsNullOrEmpty(folder))
        {
            return path;
        }

        var start = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        return path.StartsWith(start, StringComparison.Ordinal) ? path[start.Length..] : path;
    }

    // Control characters begin escape sequences; format characters turn the direction of what follows.
    private static bool IsInvisible(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format;

    // As the engine counts: East Asian characters, and all that take two units, such as emoji.
    private static bool IsWide(Rune rune) =>
        !rune.IsBmp || rune.Value is (>= 0x1100 and <= 0x115F) or 0x2329 or 0x232A or (>= 0x2E80 and <= 0xA4CF and not 0x303F)
        or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE10 and <= 0xFE19) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00
            and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6);
}
