using System.Buffers.Binary;
using System.Numerics;

namespace RunwarePS.Sandbox.Pictures;

/// <summary>Lossless WebP: a colour table, a literal for each tile, copies for the rest of it.</summary>
internal sealed class WebpWriter
{
    private const int MaxCopy = 4096;
    private const int HeaderLength = 20;

    // Distance codes 1 and 2 of the format are "the pixel above" and "the pixel to the left".
    private const int Above = 0;
    private const int Left = 1;

    // 232 codes of 8 bits and 48 of 9 make a complete code for the 280 symbols of the green alphabet.
    private const int GreenSymbols = 280;
    private const int ShortGreenCodes = 232;

    private static readonly int[] s_codeLengthOrder = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9];

    private byte[] _output = new byte[4096];
    private int _length;
    private ulong _bits;
    private int _bitCount;

    public static byte[] Write(Mosaic mosaic)
    {
        var writer = new WebpWriter { _length = HeaderLength };
        writer.WriteStream(mosaic);
        return writer.Container();
    }

    private void WriteStream(Mosaic mosaic)
    {
        WriteBits(0x2F, 8);
        WriteBits((uint)mosaic.Width - 1, 14);
        WriteBits((uint)mosaic.Height - 1, 14);
        WriteBits(mosaic.HasTransparency ? 1u : 0u, 1);
        WriteBits(0, 3); // version

        WriteBits(1, 1); // a transform follows:
        WriteBits(3, 2); // colour indexing
        WriteColourTable(mosaic.Palette);
        WriteBits(0, 1); // no further transform

        WriteBits(0, 1); // no colour cache
        WriteBits(0, 1); // one set of codes for the whole picture
        WriteGreenCode();
        WriteSingleSymbolCode(); // red, blue and alpha of an index say nothing
        WriteSingleSymbolCode();
        WriteSingleSymbolCode();
        WriteDistanceCode();

        for (var row = 0; row < mosaic.Rows; row++)
        {
            var shades = mosaic.Row(row);
            for (var column = 0; column < shades.Length; column++)
            {
                WriteGreen(shades[column]);
                WriteCopy(Math.Min(mosaic.TileSize, mosaic.Width - (column * mosaic.TileSize)) - 1, Left);
            }

            var lines = Math.Min(mosaic.TileSize, mosaic.Height - (row * mosaic.TileSize));
            WriteCopy((lines - 1) * mosaic.Width, Above);
        }

        if (_bitCount > 0)
        {
            WriteBits(0, 8 - _bitCount);
        }
    }

    private void WriteColourTable(uint[] palette)
    {
        WriteBits((uint)palette.Length - 1, 8);
        WriteBits(0, 1); // no colour cache
        WriteGreenCode();
        WriteByteCode(); // red
        WriteByteCode(); // blue
        WriteByteCode(); // alpha
        WriteSingleSymbolCode(); // distance

        var last = 0u;
        foreach (var colour in palette)
        {
            WriteGreen((byte)((colour >> 8) - (last >> 8)));
            WriteCode((byte)((colour >> 16) - (last >> 16)), 8);
            WriteCode((byte)(colour - last), 8);
            WriteCode((byte)((colour >> 24) - (last >> 24)), 8);
            last = colour;
        }
    }

    private void WriteCopy(int length, uint distance)
    {
        while (length > 0)
        {
            var part = Math.Min(length, MaxCopy);
            var value = (uint)part - 1;
            if (value < 4)
            {
                WriteGreen(256 + (int)value);
            }
            else
            {
                var high = BitOperations.Log2(value);
                WriteGreen(256 + (2 * high) + (int)((value >> (high - 1)) & 1));
                WriteBits(value & ((1u << (high - 1)) - 1), high - 1);
            }

            WriteBits(distance, 1);
            length -= part;
        }
    }

    private void WriteGreen(int symbol)
    {
        if (symbol < ShortGreenCodes)
        {
            WriteCode((uint)symbol, 8);
        }
        else
        {
            WriteCode((uint)((ShortGreenCodes * 2) + symbol - ShortGreenCodes), 9);
        }
    }

    private void WriteGreenCode()
    {
        WriteTwoLengths(8, 9);
        for (var i = 0; i < GreenSymbols; i++)
        {
            WriteBits(i < ShortGreenCodes ? 0u : 1u, 1);
        }
    }

    private void WriteByteCode()
    {
        // Length 0 never occurs; it is there to make the code for the lengths a complete one.
        WriteTwoLengths(0, 8);
        for (var i = 0; i < 256; i++)
        {
            WriteBits(1, 1);
        }
    }

    private void WriteTwoLengths(int first, int second)
    {
        WriteBits(0, 1); // not a simple code
        WriteBits((uint)s_codeLengthOrder.Length - 4, 4);
        foreach (var length in s_codeLengthOrder)
        {
            WriteBits(length == first || length == second ? 1u : 0u, 3);
        }

        WriteBits(0, 1); // a length for each symbol
    }

    private void WriteSingleSymbolCode() => WriteBits(0b0001, 4);

    // Simple code, two symbols, the first in one bit (Above), the second in eight (Left).
    private void WriteDistanceCode() => WriteBits(0b0011 | (Left << 4), 12);

    // Codes go out with their first bit first, numbers with their last.
    private void WriteCode(uint code, int length)
    {
        var reversed = 0u;
        for (var i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }

        WriteBits(reversed, length);
    }

    private void WriteBits(uint value, int count)
    {
        _bits |= (ulong)value << _bitCount;
        _bitCount += count;
        while (_bitCount >= 8)
        {
            if (_length == _output.Length)
            {
                Array.Resize(ref _output, _length * 2);
            }

            _output[_length++] = (byte)_bits;
            _bits >>= 8;
            _bitCount -= 8;
        }
    }

    private byte[] Container()
    {
        var stream = _length - HeaderLength;
        var file = new byte[_length + (stream & 1)];
        _output.AsSpan(0, _length).CopyTo(file);
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WEBPVP8L"u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), stream);
        return file;
    }
}
