using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Tasks;

/// <summary>
/// The id of a task that its user named: the same key, the same request and the same place among its equals give the same id, on any
/// machine, so that a restarted runbook finds what it bought before.
/// </summary>
internal sealed class DeterministicTaskId(string key)
{
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);

    /// <summary>The id for a request, by its hash; asked again for an equal one, the next id.</summary>
    public Guid Next(string requestHash)
    {
        var occurrence = _seen.GetValueOrDefault(requestHash);
        _seen[requestHash] = occurrence + 1;
        return Of(key, requestHash, occurrence);
    }

    private static Guid Of(string key, string requestHash, int occurrence)
    {
        var name = Encoding.UTF8.GetBytes(key);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, name.Length);
        Span<byte> count = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(count, occurrence);
        var digest = SHA256.HashData([.. length, .. name, .. Encoding.ASCII.GetBytes(requestHash), .. count]);
        var id = digest.AsSpan(0, 16);
        id[6] = (byte)((id[6] & 0x0F) | 0x40); // version 4
        id[8] = (byte)((id[8] & 0x3F) | 0x80); // the RFC's variant
        return new Guid(id, bigEndian: true);
    }
}
