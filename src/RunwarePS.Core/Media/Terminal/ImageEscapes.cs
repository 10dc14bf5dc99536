namespace RunwarePS.Media.Terminal;

/// <summary>
/// The escape sequences that carry an image to a terminal, piece by piece. The content between the module's own characters is base64 and
/// nothing else, so no byte of an image can control the terminal.
/// </summary>
internal static class ImageEscapes
{
    /// <summary>Ends what <see cref="Kitty"/> began, where it is left in the middle.</summary>
    public const string KittyEnd = "\e_Gq=2,m=0;\e\\";

    /// <summary>Ends what <see cref="ITerm2"/> began, where it is left in the middle.</summary>
    public const string ITerm2End = "\a";

    /// <summary>The most base64 that kitty takes in one sequence is 4096 characters.</summary>
    private const int ChunkBytes = 4096 / 4 * 3;

    /// <summary>
    /// A PNG for kitty's graphics protocol. The terminal sends no response (q=2): it would appear as input at the prompt.
    /// </summary>
    /// <param name="image">The file's bytes, as they are.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="width">In cells.</param>
    public static IEnumerable<string> Kitty(Stream image, long length, int width)
    {
        var keys = FormattableString.Invariant($"a=T,f=100,c={width},q=2,");
        foreach (var (base64, isLast) in Base64(image, length))
        {
            yield return $"\e_G{keys}m={(isLast ? 0 : 1)};{base64}\e\\";
            keys = "q=2,";
        }
    }

    /// <summary>An image of any format for iTerm2. It is one sequence, however many pieces it comes in.</summary>
    /// <param name="image">The file's bytes, as they are.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="width">In cells.</param>
    public static IEnumerable<string> ITerm2(Stream image, long length, int width)
    {
        yield return FormattableString.Invariant($"\e]1337;File=inline=1;size={length};width={width}:");
        foreach (var (base64, _) in Base64(image, length))
        {
            yield return base64;
        }

        yield return ITerm2End;
    }

    /// <summary>As many bytes as were announced and no more, though the file may grow meanwhile.</summary>
    private static IEnumerable<(string Text, bool IsLast)> Base64(Stream image, long length)
    {
        var buffer = new byte[ChunkBytes];
        while (length > 0)
        {
            var count = (int)Math.Min(ChunkBytes, length);
            var read = image.ReadAtLeast(buffer.AsSpan(0, count), count, throwOnEndOfStream: false);
            length = read == 0 ? 0 : length - read;
            yield return (Convert.ToBase64String(buffer, 0, read), length == 0);
        }
    }
}
