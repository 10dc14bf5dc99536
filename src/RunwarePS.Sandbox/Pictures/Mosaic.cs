namespace RunwarePS.Sandbox.Pictures;

/// <summary>A picture of square tiles, each one of 256 shades between two hues. All three encoders draw from it.</summary>
internal sealed class Mosaic
{
    /// <summary>The shade that stands for "no background", when there is none.</summary>
    public const byte TransparentShade = 0;

    private const int TilesAlongLongSide = 64;
    private const int JpegBlock = 8;

    private readonly byte[] _shades;

    private Mosaic(int width, int height, bool transparent, uint[] palette)
    {
        Width = width;
        Height = height;
        HasTransparency = transparent;
        Palette = palette;

        // A multiple of the JPEG block, so that a block never spans two tiles.
        var blocksPerTile = Math.Max(1, (Math.Max(width, height) + (TilesAlongLongSide * JpegBlock) - 1) / (TilesAlongLongSide * JpegBlock));
        TileSize = blocksPerTile * JpegBlock;
        Columns = (width + TileSize - 1) / TileSize;
        Rows = (height + TileSize - 1) / TileSize;
        _shades = new byte[Columns * Rows];
    }

    public int Width { get; }

    public int Height { get; }

    public int TileSize { get; }

    public int Columns { get; }

    public int Rows { get; }

    public bool HasTransparency { get; }

    /// <summary>256 colours as 0xAARRGGBB.</summary>
    public uint[] Palette { get; }

    /// <summary>The shades of one row of tiles.</summary>
    public ReadOnlySpan<byte> Row(int row) => _shades.AsSpan(row * Columns, Columns);

    public static Mosaic Draw(int width, int height, ulong hues, ulong grain, bool transparent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);

        var mosaic = new Mosaic(width, height, transparent, Shades(hues, transparent));
        mosaic.Paint(hues, grain);
        return mosaic;
    }

    private void Paint(ulong hues, ulong grain)
    {
        var random = grain | 1;
        var (sin, cos) = Math.SinCos(Part(hues, 16) * Math.Tau);
        var wave = 2 + (Part(hues, 24) * 5);
        var (discX, discY, discRadius) = ((Part(hues, 32) - 0.5) * 0.7, (Part(hues, 40) - 0.5) * 0.7, 0.14 + (Part(hues, 48) * 0.16));
        var scale = 1.0 / Math.Min(Columns, Rows);

        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var x = (column + 0.5 - (Columns / 2.0)) * scale;
                var y = (row + 0.5 - (Rows / 2.0)) * scale;
                var along = (x * cos) + (y * sin);
                var across = (y * cos) - (x * sin);

                // xorshift: the grain that tells two tasks with one prompt apart.
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;

                var shade = 0.5 + (along * 0.75) + (0.08 * Math.Sin(across * wave * 2)) + ((Part(random, 32) - 0.5) * 0.14);
                if (Square(x - discX) + Square(y - discY) < Square(discRadius))
                {
                    shade = 1 - shade + 0.2;
                }

                var outside = Square(((column + 0.5) / Columns) - 0.5) + Square(((row + 0.5) / Rows) - 0.5) > 0.22;
                _shades[(row * Columns) + column] = HasTransparency && outside
                    ? TransparentShade
                    : (byte)Math.Clamp((int)(shade * 255), 1, 255);
            }
        }
    }

    private static uint[] Shades(ulong hues, bool transparent)
    {
        var first = Part(hues, 0);
        var second = first + 0.12 + (Part(hues, 8) * 0.3);
        var dark = Colour(first, 0.62, 0.30);
        var light = Colour(second, 0.78, 0.72);

        var palette = new uint[256];
        for (var i = 0; i < palette.Length; i++)
        {
            var t = i / 255.0;
            palette[i] = 0xFF000000u
                | (Mix(dark.Red, light.Red, t) << 16)
                | (Mix(dark.Green, light.Green, t) << 8)
                | Mix(dark.Blue, light.Blue, t);
        }

        if (transparent)
        {
            palette[TransparentShade] = 0;
        }

        return palette;
    }

    private static uint Mix(double from, double to, double t) => (uint)Math.Round((from + ((to - from) * t)) * 255);

    private static (double Red, double Green, double Blue) Colour(double hue, double saturation, double lightness)
    {
        var reach = saturation * Math.Min(lightness, 1 - lightness);
        return (Channel(0), Channel(8), Channel(4));

        double Channel(int offset)
        {
            var k = (offset + (hue * 12)) % 12;
            return lightness - (reach * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1)));
        }
    }

    private static double Part(ulong bits, int shift) => ((bits >> shift) & 0xFF) / 255.0;

    private static double Square(double value) => value * value;
}
