namespace RunwarePS.Primitives;

/// <summary>An API key that does not show: its only way out is the Authorization header.</summary>
internal sealed class ApiKey(string value)
{
    /// <summary>The length in bytes of a key that is derived from this one.</summary>
    public const int DerivedLength = 32;

    private readonly string _value = value;
    private Derived? _last;

    /// <summary>The key, or null for text that is empty or blank.</summary>
    public static ApiKey? From(string? text) => string.IsNullOrWhiteSpace(text) ? null : new ApiKey(text.Trim());

    /// <summary>False for a key with line breaks or other control characters, which no header can carry.</summary>
    public bool IsSendable => _value.All(c => c is > ' ' and <= '~');

    public System.Net.Http.Headers.AuthenticationHeaderValue ToHeader() => new("Bearer", _value);

    /// <summary>The text with every occurrence of the key taken out: servers echo what they were sent.</summary>
    public string Hide(string text) => text.Replace(_value, "***", StringComparison.Ordinal);

    /// <inheritdoc cref="Secrets.VisibleLength(string, string, int)"/>
    public int VisibleLength(string text, int length) => Secrets.VisibleLength(text, _value, length);

    /// <summary>A fingerprint that means something only beside its salt.</summary>
    public byte[] Hash(byte[] salt) =>
        System.Security.Cryptography.SHA256.HashData([.. salt, .. System.Text.Encoding.UTF8.GetBytes(_value)]);

    /// <summary>A key for one purpose, which tells nothing of this one.</summary>
    public byte[] Derive(byte[] salt, string purpose)
    {
        if (Volatile.Read(ref _last) is not { } last || last.Purpose != purpose || !last.Salt.AsSpan().SequenceEqual(salt))
        {
            last = new Derived([.. salt], purpose, System.Security.Cryptography.HKDF.DeriveKey(
                System.Security.Cryptography.HashAlgorithmName.SHA256, System.Text.Encoding.UTF8.GetBytes(_value), DerivedLength, salt,
                System.Text.Encoding.UTF8.GetBytes(purpose)));
            Volatile.Write(ref _last, last); // each cmdlet asks for it, and it takes as long as a request on the same machine
        }

        return last.Key;
    }

    public override string ToString() => "***";

    private sealed record Derived(byte[] Salt, string Purpose, byte[] Key);
}
