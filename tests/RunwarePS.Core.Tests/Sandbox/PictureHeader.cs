using System.Buffers.Binary;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>What the first bytes of an image say.</summary>
internal sealed record PictureHeader(string Format, int Width, int Height)
{
    public static PictureHeader Read(ReadOnlySpan<byte> file)
    {
        if (file[1..].StartsWith("PNG"u8))
        {
            return new PictureHeader("png", BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));
        }

        if (file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBPVP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            return new PictureHeader("webp", (int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }

        if (file.StartsWith("II*\0"u8))
        {
            // The directory follows the header, and its first two entries are the width and the height.
            return new PictureHeader("tiff", BinaryPrimitives.ReadInt32LittleEndian(file[18..]), BinaryPrimitives.ReadInt32LittleEndian(file[30..]));
        }

        for (var at = 2; file[0] == 0xFF && file[1] == 0xD8;)
        {
            var marker = file[at + 1];
            if (marker == 0xC0)
            {
                return new PictureHeader("jpg", BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]));
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        throw new InvalidDataException("No picture.");
    }
}
