using System.Globalization;
using System.Text;

namespace RunwarePS;

/// <summary>
/// How values are written for people to read: in the module's views, in progress bars, as help while completing. Prompts and replies may
/// hold anything; what would speak to the terminal instead of being shown by it does not get through.
/// </summary>
public static class ViewText
{
    private const string Unknown = "unknown";

    /// <summary>A text on one line, without control characters, cut where it is longer.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="length">The most characters to keep; 0 for all.</param>
    public static string Line(string? text, int length = 0)
    {
        var line = Visible(text, keepLines: false);
        if (length <= 0 || line.Length <= length)
        {
            return line;
        }

        var cut = char.IsHighSurrogate(line[length - 2]) ? length - 2 : length - 1;
        return line[..cut] + "…";
    }

    /// <summary>A text with its own line breaks, without other control characters.</summary>
    public static string Lines(string? text) => Visible(text, keepLines: true);

    /// <summary>An amount of USD; unknown where it is not known, never 0.</summary>
    /// <param name="usd">The amount, or null.</param>
    /// <param name="digits">The most digits after the point.</param>
    public static string Usd(decimal? usd, int digits) =>
        usd is { } value ? value.ToString("0." + new string('#', digits), CultureInfo.InvariantCulture) : Unknown;

    /// <summary>Width and height; empty where they are not known.</summary>
    public static string Size(int? width, int? height) => width is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");

    /// <summary>Where a picture is: in a file, on the net (without the query, which may carry a signature), or in memory only.</summary>
    public static string Where(string? path, Uri? url, Guid imageUuid) =>
        !string.IsNullOrEmpty(path) ? Line(path)
        : url is not null ? Line(Redaction.Address(url))
        : string.Create(CultureInfo.InvariantCulture, $"in memory, {imageUuid:D}");

    /// <summary>The state of a task, with how far it is where that is known.</summary>
    public static string Status(string? status, int? progress) =>
        Line(progress is null ? status : string.Create(CultureInfo.InvariantCulture, $"{status} {progress}%"));

    /// <summary>A moment in UTC; empty where it is not known.</summary>
    public static string Utc(DateTime? at, string format = "yyyy-MM-dd HH:mm:ss") => at?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    /// <summary>How long ago something was.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min ago"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} h ago"),
        { TotalDays: < 2 } => "1 day ago",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} days ago"),
    };

    /// <summary>The different prices of a model's images, cheapest first.</summary>
    public static string Prices(IEnumerable<RunwareModelPrice>? prices)
    {
        var amounts = (prices ?? []).Select(p => p.Usd).Distinct().Order().Select(usd => usd.ToString(CultureInfo.InvariantCulture)).ToArray();
        return amounts.Length == 0 ? Unknown : string.Join(" / ", amounts);
    }

    /// <summary>Each price of a model with its date and source.</summary>
    public static string[] PriceList(IEnumerable<RunwareModelPrice>? prices)
    {
        var lines = (prices ?? []).Select(p => $"{p} ({p.Date}: {p.Source})").ToArray();
        return lines.Length == 0 ? [Unknown] : lines;
    }

    /// <summary>What a key of a model's requests may hold.</summary>
    public static string Allowed(RunwareModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Allowed.Length > 0 ? string.Join(' ', parameter.Allowed)
            : parameter.Min is null && parameter.Max is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{parameter.Min}..{parameter.Max}");
    }

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

    // Control characters begin escape sequences; format characters turn the direction of what follows.
    private static bool IsInvisible(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format;
}
