using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Journal;

/// <summary>
/// Encrypts what a journal keeps of a request until the API accepts it, such as signed URLs and media. The key is derived from the API
/// key, which a process that may resume the task has; a file or a backup of the journal alone is of no use.
/// </summary>
/// <remarks>A sealed content is a mark with a version, the nonce, the ciphertext and the tag of AES-256-GCM.</remarks>
internal sealed class JournalSeal
{
    private static readonly byte[] s_mark = [.. "RPS"u8, 1];

    private readonly byte[] _key;
    private readonly byte[] _scope;

    /// <param name="key">The API key; null for a sandbox without one.</param>
    /// <param name="salt">The salt of the journal.</param>
    /// <param name="scope">Whose contents: one of another scope can't be opened.</param>
    public JournalSeal(ApiKey? key, byte[] salt, JournalScope scope)
    {
        _key = key?.Derive(salt, "RunwarePS journal request") ?? HKDF.DeriveKey(HashAlgorithmName.SHA256, salt, ApiKey.DerivedLength);
        _scope = Encoding.UTF8.GetBytes(scope.Id);
    }

    /// <summary>Another name for a content's hash, so that a journal doesn't show which contents it has.</summary>
    public string NameOf(string contentHash) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(contentHash)));

    /// <param name="content">What is encrypted.</param>
    /// <param name="name">What the content belongs to: it can't be opened as that of another.</param>
    public byte[] Close(ReadOnlySpan<byte> content, string name)
    {
        var result = new byte[HeadLength + content.Length + TagLength];
        s_mark.CopyTo(result, 0);
        var nonce = result.AsSpan(s_mark.Length, NonceLength);
        var rest = result.AsSpan(HeadLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(nonce, content, rest[..content.Length], rest[content.Length..], Context(name));
        return result;
    }

    /// <summary>The content again; null if it was sealed with another key. One of a journal that didn't seal is returned as it is.</summary>
    public byte[]? Open(byte[] sealedContent, string name)
    {
        if (!sealedContent.AsSpan().StartsWith(s_mark))
        {
            return sealedContent;
        }

        var length = sealedContent.Length - HeadLength - TagLength;
        if (length < 0)
        {
            return null;
        }

        var nonce = sealedContent.AsSpan(s_mark.Length, NonceLength);
        var rest = sealedContent.AsSpan(HeadLength);
        var content = new byte[length];
        try
        {
            using var aes = new AesGcm(_key, TagLength);
            aes.Decrypt(nonce, rest[..length], rest[length..], content, Context(name));
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static int NonceLength => AesGcm.NonceByteSizes.MaxSize;

    private static int TagLength => AesGcm.TagByteSizes.MaxSize;

    private static int HeadLength => s_mark.Length + NonceLength;

    private byte[] Context(string name) => [.. _scope, .. Encoding.UTF8.GetBytes(name)];
}
