namespace RunwarePS.Journal;

/// <summary>Whose rows: those of one endpoint and one key, which is known only by its fingerprint.</summary>
internal sealed record JournalScope(string Endpoint, string Account)
{
    /// <summary>Short and unique: the same task id may stand in a journal once for each scope.</summary>
    public string Id =>
        Convert.ToHexString(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Endpoint}\n{Account}")))[..12];

    /// <summary>The scope of a connection in the journal that has this salt.</summary>
    public static JournalScope Of(ConnectionSettings settings, byte[] salt) =>
        new(Redaction.Address(settings.Endpoint).TrimEnd('/'), settings.Key is { } key
            ? Convert.ToHexString(key.Hash(salt))[..16]
            : "none");
}
