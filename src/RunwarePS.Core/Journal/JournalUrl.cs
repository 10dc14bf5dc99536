using System.Text.RegularExpressions;

namespace RunwarePS.Journal;

/// <summary>Reads the URL of a database. Errors never repeat it: it may contain a password.</summary>
internal static partial class JournalUrl
{
    private static readonly string[] s_sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    /// <exception cref="RunwareException"><c>JournalUrlInvalid</c> or <c>JournalPasswordInUrl</c>.</exception>
    public static ServerAddress Parse(string text)
    {
        var url = Url().Match(text);
        var named = url.Success ? text.Split('?')[0] : text;
        if (named.LastIndexOf('@') is > 0 and var at && named.LastIndexOf(':', at) > named.IndexOf("://", StringComparison.Ordinal))
        {
            throw PasswordInUrl();
        }

        if (!url.Success)
        {
            throw Invalid(Strings.JournalUrlForm);
        }

        var address = new ServerAddress(url.Groups["hosts"].Value.ToLowerInvariant(), Uri.UnescapeDataString(url.Groups["database"].Value))
        {
            User = url.Groups["user"] is { Success: true, Value: var user } ? Uri.UnescapeDataString(user) : null,
        };
        return url.Groups["options"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries).Aggregate(address, WithOption);
    }

    private static ServerAddress WithOption(ServerAddress address, string option)
    {
        var (name, value) = option.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            ? (option[..at], Uri.UnescapeDataString(option[(at + 1)..]))
            : (option, "");
        return (name.ToLowerInvariant(), value) switch
        {
            ("password" or "passfile" or "sslpassword", _) => throw PasswordInUrl(),
            ("schema", { Length: > 0 and <= 63 }) when Name().IsMatch(value) => address with { Schema = value },
            ("schema", _) => throw Invalid(Strings.JournalUrlSchema),
            ("sslmode", _) when s_sslModes.Contains(value, StringComparer.OrdinalIgnoreCase) =>
                address with { SslMode = value.ToLowerInvariant() },
            ("sslmode", _) => throw Invalid(Strings.JournalUrlOptionValue.With("sslmode", string.Join(", ", s_sslModes))),
            ("sslrootcert", { Length: > 0 }) => address with { RootCertificate = value },
            ("pooler", "transaction") => address with { IsPooled = true },
            ("pooler", _) => throw Invalid(Strings.JournalUrlOptionValue.With("pooler", "transaction")),
            _ => throw Invalid(Strings.JournalUrlOption.With(DisplayText.Line(name))),
        };
    }

    private static RunwareException PasswordInUrl() =>
        RunwareException.Invalid(ErrorCodes.JournalPasswordInUrl, "Journal", Strings.JournalPasswordInUrl);

    private static RunwareException Invalid(string message) => RunwareException.Invalid(ErrorCodes.JournalUrlInvalid, "Journal", message);

    private const string Host = @"(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?";

    [GeneratedRegex(
        @"^postgres(ql)?://((?<user>[^@:/?#]+)@)?(?<hosts>" + Host + "(," + Host + ")*)"
        + @"/(?<database>[^/?#]+)(\?(?<options>[^#]*))?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Url();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
