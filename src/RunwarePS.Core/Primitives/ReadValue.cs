using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RunwarePS.Primitives;

/// <summary>
/// Reads what a pipeline row holds. Nothing and blank text mean "not specified"; text is read with the invariant culture;
/// what cannot be read is an error, never a default that would buy another image than the one asked for.
/// </summary>
internal static class ReadValue
{
    private const NumberStyles DecimalStyles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
    /// <summary>Whether a value is nothing: null, blank text, or a list that holds only that.</summary>
    public static bool IsNothing([NotNullWhen(false)] object? value) => value switch
    {
        null => true,
        string text => string.IsNullOrWhiteSpace(text),
        byte[] or IDictionary => false,
        IEnumerable list => list.Cast<object?>().All(IsNothing),
        _ => false,
    };

    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>.</exception>
    public static string? Text(object? value) => value switch
    {
        null => null,
        string text => string.IsNullOrWhiteSpace(text) ? null : text,
        Uri uri => uri.OriginalString,
        char or bool or Guid => value.ToString(),
        IFormattable number when value is not DateTime => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw Unreadable(value, "text"),
    };

    /// <inheritdoc cref="Text"/>
    public static int? Integer(object? value)
    {
        switch (value)
        {
            case null:
                return null;
            case string text when string.IsNullOrWhiteSpace(text):
                return null;
            case string text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole):
                return whole;
            case int whole:
                return whole;
            case byte or sbyte or short or ushort or uint or long or ulong or float or double or decimal:
                var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                return number == Math.Truncate(number) && number is >= int.MinValue and <= int.MaxValue
                    ? (int)number
                    : throw Unreadable(value, Strings.AWholeNumber);
            default:
                throw Unreadable(value, Strings.AWholeNumber);
        }
    }

    /// <summary>A seed: a whole number of up to 64 bits.</summary>
    /// <inheritdoc cref="Text"/>
    public static long? Long(object? value) => Number(value) switch
    {
        null => null,
        { } number when number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue => (long)number,
        _ => throw Unreadable(value!, Strings.AWholeNumber),
    };

    /// <summary>A number with or without a fraction, and without zeros behind it: 7, 7.0 and 7.00 are the same request.</summary>
    /// <inheritdoc cref="Text"/>
    public static decimal? Number(object? value)
    {
        const double Limit = 1e28;
        const decimal One = 1.0000000000000000000000000000m; // dividing by it leaves no trailing zeros
        decimal? number = value switch
        {
            null => null,
            string text when string.IsNullOrWhiteSpace(text) => null,
            string text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var read) => read,
            decimal or byte or sbyte or short or ushort or int or uint or long or ulong =>
                Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            float or double when Convert.ToDouble(value, CultureInfo.InvariantCulture) is > -Limit and < Limit =>
                Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            _ => throw Unreadable(value, "a number"),
        };
        return number / One;
    }

    /// <summary>An amount of money.</summary>
    /// <inheritdoc cref="Text"/>
    public static decimal? Money(object? value) => value switch
    {
        null => null,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text when decimal.TryParse(text, DecimalStyles, CultureInfo.InvariantCulture, out var amount) => amount,
        decimal amount => amount,
        byte or sbyte or short or ushort or int or uint or long or ulong => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        float or double when Convert.ToDouble(value, CultureInfo.InvariantCulture) is > -1e12 and < 1e12 =>
            Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        _ => throw Unreadable(value, Strings.AnAmount),
    };

    /// <summary>
    /// The cost of a row, which buys nothing; null if it can't be read. CSV files hold numbers as the culture of their writer has them. A
    /// comma is the decimal one unless it could group thousands: 0,167 and 1,5 are read, 1,234 is not.
    /// </summary>
    public static decimal? Cost(object? value)
    {
        var text = Text(value)?.Replace('\u066B', '.');
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var cost) ? cost
            : text?.Split(',') is [var whole, { Length: > 0 } part] && (whole is "0" || part.Length != 3)
                && decimal.TryParse($"{whole}.{part}", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out cost) ? cost
            : null;
    }

    /// <inheritdoc cref="Text"/>
    public static bool? Flag(object? value) => value switch
    {
        null => null,
        bool flag => flag,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text when bool.TryParse(text, out var flag) => flag,
        "1" or 1 or 1L => true,
        "0" or 0 or 0L => false,
        _ => throw Unreadable(value, Strings.ABoolean),
    };

    /// <inheritdoc cref="Text"/>
    public static Guid? Id(object? value) => value switch
    {
        null => null,
        Guid id => id,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text when Guid.TryParse(text, out var id) => id,
        _ => throw Unreadable(value, "a UUID"),
    };

    /// <summary>
    /// A point in time of a row, in UTC; null if it can't be read. CSV files hold dates as the culture of their writer has them, where
    /// 05/04/2026 is one day or another: only the order year, month, day is read.
    /// </summary>
    public static DateTime? Time(object? value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } at => DateTime.SpecifyKind(at, DateTimeKind.Utc),
        DateTime at => at.ToUniversalTime(),
        DateTimeOffset at => at.UtcDateTime,
        string text => Time(text, DateTimeStyles.AssumeUniversal),
        _ => null,
    };

    /// <summary>A point in time given as an argument, in UTC. Without an offset it is local time.</summary>
    /// <inheritdoc cref="Text"/>
    public static DateTime? LocalTime(object? value) => value switch
    {
        null => null,
        DateTime at => at.ToUniversalTime(),
        DateTimeOffset at => at.UtcDateTime,
        string text when Time(text, DateTimeStyles.AssumeLocal) is { } at => at,
        _ => throw Unreadable(value, Strings.ADate),
    };

    /// <summary>A day given as an argument, as its midnight. Without an offset it's the day that is written, otherwise the day in UTC.</summary>
    /// <inheritdoc cref="Text"/>
    public static DateTime? Day(object? value)
    {
        var time = value switch
        {
            DateTime { Kind: not DateTimeKind.Utc } local => DateTime.SpecifyKind(local, DateTimeKind.Utc),
            string text when Time(text, DateTimeStyles.AssumeUniversal) is { } at => at,
            _ => LocalTime(value),
        };
        return time?.Date;
    }

    private static readonly string[] s_timeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    // Year 2569 is a Buddhist and 1448 an Islamic one: no time that this module meets is that far off.
    private static DateTime? Time(string text, DateTimeStyles assume) =>
        DateTime.TryParseExact(
            text, s_timeFormats, CultureInfo.InvariantCulture,
                assume | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowLeadingWhite | DateTimeStyles.AllowTrailingWhite,
                    out var at)
        && at.Year is >= 1900 and < 2400 ? at : null;

    /// <summary>A duration: a <see cref="TimeSpan"/>, a number or text of seconds, or text as <c>00:05:00</c>. Never negative.</summary>
    /// <inheritdoc cref="Text"/>
    public static TimeSpan? Duration(object? value)
    {
        if (value is null || (value is string blank && string.IsNullOrWhiteSpace(blank)))
        {
            return null;
        }

        var duration = value switch
        {
            TimeSpan span => span,
            string text when text.Contains(':', StringComparison.Ordinal) =>
                TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw Unreadable(value, Strings.ADuration),
            _ => Seconds(value),
        };
        return duration >= TimeSpan.Zero ? duration : throw Unreadable(value, Strings.ADuration);

        static TimeSpan Seconds(object value)
        {
            var seconds = value switch
            {
                string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
                byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal =>
                    Convert.ToDouble(value, CultureInfo.InvariantCulture),
                _ => throw Unreadable(value, Strings.ADuration),
            };
            return Math.Abs(seconds) <= TimeSpan.MaxValue.TotalSeconds / 2
                ? TimeSpan.FromSeconds(seconds)
                : throw Unreadable(value, Strings.ADuration);
        }
    }

    private static RunwareException Unreadable(object value, string expected)
    {
        var shown = value is IEnumerable and not string
            ? value.GetType().Name
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
            Strings.Unreadable.With(DisplayText.Cut(shown, 60), expected));
    }
}
