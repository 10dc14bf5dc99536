using System.Numerics;

namespace RunwarePS.Sandbox.Pictures;

/// <summary>Baseline JPEG, 4:4:4, whose blocks have a DC coefficient and nothing else.</summary>
internal sealed class JpegWriter
{
    private const int Block = 8;

    // With a divisor of 8 the quantised DC coefficient is the block's mean itself.
    private const byte Divisor = 8;

    private static readonly byte[] s_dcLengths = [2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9];
    private static readonly ushort[] s_dcCodes = [0b00, 0b010, 0b011, 0b100, 0b101, 0b110, 0b1110, 0b11110, 0b111110, 0b1111110, 0b11111110, 0b111111110];

    private readonly byte[] _output;
    private int _length;
    private uint _bits;
    private int _bitCount;

    private JpegWriter(int capacity) => _output = new byte[capacity];

    public static byte[] Write(Mosaic mosaic)
    {
        var blocks = ((mosaic.Width + Block - 1) / Block) * ((mosaic.Height + Block - 1) / Block);

        // A block takes at most 3 x (6 + 8 + 1) bits, twice that if every byte has to be stuffed.
        var writer = new JpegWriter(1024 + (blocks * 12));
        writer.WriteHeaders(mosaic.Width, mosaic.Height);
        writer.WriteBlocks(mosaic);
        writer.WriteMarker(0xD9);
        return writer._output.AsSpan(0, writer._length).ToArray();
    }

    private void WriteHeaders(int width, int height)
    {
        WriteMarker(0xD8);
        WriteSegment(0xE0, [(byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);

        Span<byte> quantisation = stackalloc byte[65];
        quantisation.Fill(Divisor);
        quantisation[0] = 0;
        WriteSegment(0xDB, quantisation);

        WriteSegment(0xC0,
        [
            8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3,
            1, 0x11, 0,
            2, 0x11, 0,
            3, 0x11, 0,
        ]);

        // DC: the standard's table for luminance. AC: the one symbol in use, end of block, as the code 0.
        WriteSegment(0xC4, [0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        WriteSegment(0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00]);

        WriteSegment(0xDA, [3, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63, 0]);
    }

    private void WriteBlocks(Mosaic mosaic)
    {
        var colours = Array.ConvertAll(mosaic.Palette, Levels);
        var columns = (mosaic.Width + Block - 1) / Block;
        var rows = (mosaic.Height + Block - 1) / Block;
        var blocksPerTile = mosaic.TileSize / Block;
        var last = default((int Y, int Cb, int Cr));

        for (var row = 0; row < rows; row++)
        {
            var shades = mosaic.Row(row / blocksPerTile);
            for (var column = 0; column < columns; column++)
            {
                var colour = colours[shades[column / blocksPerTile]];
                WriteCoefficient(colour.Y - last.Y);
                WriteCoefficient(colour.Cb - last.Cb);
                WriteCoefficient(colour.Cr - last.Cr);
                last = colour;
            }
        }

        if (_bitCount > 0)
        {
            // What is left of the last byte is filled with ones.
            WriteBits((1u << (8 - _bitCount)) - 1, 8 - _bitCount);
        }
    }

    private void WriteCoefficient(int difference)
    {
        var category = 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(difference));
        WriteBits(s_dcCodes[category], s_dcLengths[category]);

        var value = difference < 0 ? difference - 1 : difference;
        WriteBits((uint)value & ((1u << category) - 1), category);
        WriteBits(0, 1);
    }

    private void WriteBits(uint value, int count)
    {
        _bits = (_bits << count) | value;
        _bitCount += count;
        while (_bitCount >= 8)
        {
            _bitCount -= 8;
            var next = (byte)(_bits >> _bitCount);
            _output[_length++] = next;
            if (next == 0xFF)
            {
                _output[_length++] = 0;
            }
        }
    }

    private void WriteMarker(byte marker)
    {
        _output[_length++] = 0xFF;
        _output[_length++] = marker;
    }

    private void WriteSegment(byte marker, ReadOnlySpan<byte> content)
    {
        WriteMarker(marker);
        _output[_length++] = (byte)((content.Length + 2) >> 8);
        _output[_length++] = (byte)(content.Length + 2);
        content.CopyTo(_output.AsSpan(_length));
        _length += content.Length;
    }

    private static (int Y, int Cb, int Cr) Levels(uint colour)
    {
        var (red, green, blue) = ((byte)(colour >> 16), (byte)(colour >> 8), (byte)colour);
        return (
            Level((0.299 * red) + (0.587 * green) + (0.114 * blue) - 128),
            Level((-0.168736 * red) - (0.331264 * green) + (0.5 * blue)),
            Level((0.5 * red) - (0.418688 * green) - (0.081312 * blue)));

        static int Level(double value) => Math.Clamp((int)Math.Round(value), -128, 127);
    }
}
