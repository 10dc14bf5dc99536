using System.Text.RegularExpressions;

namespace RunwarePS.Core.Tests;

/// <summary>What goes to a terminal, read back as a terminal reads it.</summary>
public sealed class PictureEscapesTests
{
    public static TheoryData<int> Lengths => new(12, 3071, 3072, 3073, 6144, 100_000);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Kitty_gets_the_very_bytes_in_chunks_that_it_takes(int length)
    {
        var picture = Bytes(length);

        var sequences = ImageEscapes.Kitty(new MemoryStream(picture), length, 40).ToArray();

        var parts = sequences.Select(s => Regex.Match(s, "^\e_G(?<keys>[^;\e]*);(?<data>[A-Za-z0-9+/=]*)\e\\\\$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))).ToArray();
        parts.ShouldAllBe(p => p.Success);
        parts.ShouldAllBe(p => p.Groups["data"].Length <= 4096);
        parts[..^1].ShouldAllBe(p => p.Groups["data"].Length % 4 == 0 && p.Groups["keys"].Value.EndsWith("m=1"));
        parts[0].Groups["keys"].Value.ShouldStartWith("a=T,f=100,c=40,q=2,");
        parts[1..].Select(p => p.Groups["keys"].Value[..^1]).ShouldAllBe(keys => keys == "q=2,m=");
        parts[^1].Groups["keys"].Value.ShouldEndWith("m=0");
        Convert.FromBase64String(string.Concat(parts.Select(p => p.Groups["data"].Value))).ShouldBe(picture);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void ITerm2_gets_the_very_bytes_in_one_sequence(int length)
    {
        var picture = Bytes(length);

        var whole = string.Concat(ImageEscapes.ITerm2(new MemoryStream(picture), length, 40));

        var parts = Regex.Match(whole, "^\e]1337;File=inline=1;size=(?<size>[0-9]+);width=40:(?<data>[A-Za-z0-9+/=]*)\a$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        parts.Success.ShouldBeTrue();
        parts.Groups["size"].Value.ShouldBe(FormattableString.Invariant($"{length}"));
        Convert.FromBase64String(parts.Groups["data"].Value).ShouldBe(picture);
    }

    [Fact]
    public void No_byte_of_an_image_controls_the_terminal()
    {
        var hostile = "\e\\\a\e]0;title\a\e[2J"u8.ToArray();

        foreach (var text in new[]
        {
            string.Concat(ImageEscapes.Kitty(new MemoryStream(hostile), hostile.Length, 40)),
            string.Concat(ImageEscapes.ITerm2(new MemoryStream(hostile), hostile.Length, 40)),
        })
        {
            text[2..].TrimEnd('\a', '\\', '\e').ShouldAllBe(c => !char.IsControl(c));
        }
    }

    [Fact]
    public void A_file_that_shrinks_or_grows_meanwhile_still_ends_its_sequence()
    {
        ImageEscapes.Kitty(new MemoryStream(Bytes(4000)), 9000, 40).Last().ShouldContain("m=0;");
        ImageEscapes.ITerm2(new MemoryStream(Bytes(4000)), 9000, 40).Last().ShouldBe("\a");
        string.Concat(ImageEscapes.ITerm2(new MemoryStream(Bytes(9000)), 30, 40)).ShouldEndWith(":" + Convert.ToBase64String(Bytes(9000).AsSpan(0, 30)) + "\a");
    }

    [Fact]
    public void An_image_is_never_held_as_one_text()
    {
        var picture = new MemoryStream(Bytes(3_000_000));

        ImageEscapes.ITerm2(picture, picture.Length, 40).Max(piece => piece.Length).ShouldBeLessThanOrEqualTo(4096);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
