using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Sandbox.Files;

/// <summary>What distinguishes one result from every other one. The same seed makes the same bytes.</summary>
internal readonly record struct FileSeed(string Prompt, Guid TaskUuid, int Index)
{
    /// <summary>32 bytes. String.GetHashCode differs from process to process.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Prompt}\n{TaskUuid}\n{Index}")));
}
