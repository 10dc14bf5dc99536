using System.Buffers.Binary;
using System.IO.Compression;

namespace RunwarePS.Sandbox.Pictures;

/// <summary>PNG with a palette of 256 colours.</summary>
internal static class PngWriter
{
    private const byte FilterNone = 0;
    private const byte FilterUp = 2;

    private static readonly uint[] s_crc = CrcTable();

    public static byte[] Write(Mosaic mosaic)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, mosaic.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], mosaic.Height);
        header[8] = 8; // bits
        header[9] = 3; // palette
        WriteChunk(file, "IHDR"u8, header);

        Span<byte> palette = stackalloc byte[mosaic.Palette.Length * 3];
        for (var i = 0; i < mosaic.Palette.Length; i++)
        {
            var colour = mosaic.Palette[i];
            palette[i * 3] = (byte)(colour >> 16);
            palette[(i * 3) + 1] = (byte)(colour >> 8);
            palette[(i * 3) + 2] = (byte)colour;
        }

        WriteChunk(file, "PLTE"u8, palette);
        if (mosaic.HasTransparency)
        {
            WriteChunk(file, "tRNS"u8, [0]);
        }

        WriteChunk(file, "IDAT"u8, Pixels(mosaic));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Pixels(Mosaic mosaic)
    {
        var line = new byte[mosaic.Width + 1];
        var repeated = new byte[mosaic.Width + 1];
        repeated[0] = FilterUp;

        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var row = 0; row < mosaic.Rows; row++)
            {
                line[0] = FilterNone;
                var shades = mosaic.Row(row);
                for (var column = 0; column < shades.Length; column++)
                {
                    var x = column * mosaic.TileSize;
                    line.AsSpan(x + 1, Math.Min(mosaic.TileSize, mosaic.Width - x)).Fill(shades[column]);
                }

                zlib.Write(line);
                var lines = Math.Min(mosaic.TileSize, mosaic.Height - (row * mosaic.TileSize));
                for (var i = 1; i < lines; i++)
                {
                    zlib.Write(repeated);
                }
            }
        }

        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), content));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> content)
    {
        foreach (var value in content)
        {
            crc = s_crc[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] CrcTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320u ^ (crc >> 1);
            }

            table[i] = crc;
        }

        return table;
    }
}
