using System.Buffers;
using System.Text.RegularExpressions;

namespace RunwarePS.Models;

/// <summary>The forms of texts that model documents name.</summary>
internal static partial class TextFormat
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    private static readonly SearchValues<char> s_notInUri = SearchValues.Create(" \t\r\n<>\"{}|\\^`");

    /// <summary>Whether a text has a form. A form that isn't known here fits every text.</summary>
    public static bool Fits(string format, string text) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "uri" => Scheme().IsMatch(text) && !text.AsSpan().ContainsAny(s_notInUri),
        _ => true,
    };

    /// <summary>A form in words; null for a pattern that isn't common.</summary>
    public static string? Describe(Schema schema) => (schema.Format, schema.Pattern?.ToString()) switch
    {
        ("uuid", null) => "a UUID",
        ("uuid", _) => "a UUID v4",
        ("uri", null) => "a URL",
        ("uri", _) => Strings.AnHttpUrl,
        (_, { } pattern) when pattern.StartsWith("^data:", StringComparison.Ordinal) => "a data URI",
        (_, { } pattern) when pattern.Contains("a-zA-Z0-9+/=", StringComparison.Ordinal) => "base64",
        _ => null,
    };

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:.", Options, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scheme();
}
