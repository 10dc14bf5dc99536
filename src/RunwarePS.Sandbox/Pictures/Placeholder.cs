using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Sandbox.Pictures;

/// <summary>What it takes to make a picture. Kept instead of the picture itself.</summary>
internal sealed record Placeholder(int Width, int Height, PictureFormat Format, bool Transparent, string Prompt, Guid TaskUuid, int Index)
{
    /// <summary>The encoded picture: the same bytes every time.</summary>
    public byte[] Render()
    {
        var mosaic = Mosaic.Draw(
            Width,
            Height,
            hues: Hash(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Prompt}\n{Index}")),
            grain: Hash(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{TaskUuid}\n{Index}")),
            Transparent && Format != PictureFormat.Jpg);

        return Format switch
        {
            PictureFormat.Png => PngWriter.Write(mosaic),
            PictureFormat.Webp => WebpWriter.Write(mosaic),
            _ => JpegWriter.Write(mosaic),
        };
    }

    // Not String.GetHashCode: that differs from process to process.
    private static ulong Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
