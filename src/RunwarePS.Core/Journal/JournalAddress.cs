namespace RunwarePS.Journal;

/// <summary>Where a journal is.</summary>
internal abstract record JournalAddress
{
    /// <summary>The journal as people may see it: without a user, a password, or options.</summary>
    public abstract override string ToString();

    /// <summary>A file of this machine, or a database if the text begins like a URL.</summary>
    /// <param name="text">A path, or <c>postgresql://[user@]host[:port][,host…]/database[?option=value&amp;…]</c>.</param>
    /// <param name="toFullPath">Makes a path absolute.</param>
    /// <param name="credential">The user and password for a database.</param>
    /// <exception cref="RunwareException"><c>JournalUrlInvalid</c>, <c>JournalPasswordInUrl</c> or <c>JournalNotLocal</c>.</exception>
    public static JournalAddress Parse(string text, Func<string, string> toFullPath, JournalCredential? credential = null)
    {
        var address = text.Contains("://", StringComparison.Ordinal) ? JournalUrl.Parse(text) : ToFile(toFullPath(text));
        return credential is null ? address : address.With(credential);
    }

    /// <exception cref="RunwareException"><c>JournalUrlInvalid</c>: a file has no credential.</exception>
    public JournalAddress With(JournalCredential credential) => this is ServerAddress server
        ? server with { Credential = credential }
        : throw RunwareException.Invalid(ErrorCodes.JournalUrlInvalid, "JournalCredential", Strings.JournalCredentialOfFile);

    private static JournalAddress ToFile(string path)
    {
        JournalLocation.RequireLocal(path);
        return new FileAddress(path);
    }
}

/// <summary>A file of this machine.</summary>
/// <param name="Path">Its full path.</param>
internal sealed record FileAddress(string Path) : JournalAddress
{
    public override string ToString() => Path;
}

/// <summary>A database that several machines share.</summary>
/// <param name="Hosts">One server, or several of which one can be written, each with its port.</param>
/// <param name="Database">The name of the database.</param>
internal sealed record ServerAddress(string Hosts, string Database) : JournalAddress
{
    public const string DefaultSchema = "runware";

    /// <summary>The role to log on as; null for that of the credential or the environment.</summary>
    public string? User { get; init; }

    public string Schema { get; init; } = DefaultSchema;

    /// <summary>In PostgreSQL's words; null for <c>verify-full</c>, or <c>prefer</c> on this machine.</summary>
    public string? SslMode { get; init; }

    /// <summary>A file with the certificate of the server's authority.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>True if a pooler gives each transaction another connection.</summary>
    public bool IsPooled { get; init; }

    public JournalCredential? Credential { get; init; }

    /// <summary>Whether the server is on this machine.</summary>
    public bool IsLoopback => Hosts.Split(',').All(IsLocal);

    public override string ToString() => $"postgresql://{Hosts}/{Database}";

    private static bool IsLocal(string host) =>
        host.StartsWith('/') || (Uri.TryCreate("tcp://" + host, UriKind.Absolute, out var url) && url.IsLoopback);
}

/// <summary>How to log on to a database. Never shown.</summary>
internal sealed record JournalCredential(string User, string Password)
{
    public override string ToString() => "";
}
