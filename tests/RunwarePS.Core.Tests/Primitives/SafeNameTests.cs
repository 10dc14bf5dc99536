using System.Text;

namespace RunwarePS.Core.Tests;

public sealed class SafeNameTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("a fox in the snow", "a fox in the snow")]
    [InlineData("  a \t fox \r\n in  ", "a fox in")]
    [InlineData("a/b\\c:d*e?f\"g<h>i|j", "a b c d e f g h i j")]
    [InlineData("../../etc/passwd", ".. .. etc passwd")]
    [InlineData("C:\\Windows\\x", "C Windows x")]
    [InlineData("null\0char\u0007bell", "null char bell")]
    [InlineData("right\u202Eto\u200Bleft", "right to left")]
    [InlineData("東京 🦊 Krähe", "東京 🦊 Krähe")]
    [InlineData("[fox] {1} $env:X `n 'q' %", "[fox] {1} $env X `n 'q' %")]
    public void A_value_becomes_one_plain_piece_of_a_name(string? text, string expected) => SafeName.Value(text).ShouldBe(expected);

    [Fact]
    public void Half_a_character_is_left_out() => SafeName.Value("a" + '\ud83e' + "b").ShouldBe("a b");

    [Fact]
    public void Two_ways_to_write_the_same_letter_are_one_name() => SafeName.Value("Kra\u0308he").ShouldBe(SafeName.Value("Kr\u00E4he"));

    [Theory]
    [InlineData("x")]
    [InlineData("ß")]
    [InlineData("東")]
    [InlineData("🦊")]
    [InlineData("👩‍👩‍👧‍👦")]
    [InlineData("e\u0301\u0323")]
    public void A_long_value_is_cut_to_a_sane_length_and_no_letter_is_torn(string letter)
    {
        var cut = SafeName.Value(string.Concat(Enumerable.Repeat(letter, 400)));

        Encoding.UTF8.GetByteCount(cut).ShouldBeInRange(60, 100);
        cut.ShouldNotContain('\uFFFD');
        cut.EnumerateRunes().ShouldAllBe(r => r != Rune.ReplacementChar);
    }

    [Theory]
    [InlineData("", "_")]
    [InlineData(".", "_")]
    [InlineData("..", "_")]
    [InlineData(" . . ", "_")]
    [InlineData("a.", "a")]
    [InlineData("a ", "a")]
    [InlineData("a. . ", "a")]
    [InlineData(" a", "a")]
    [InlineData(".hidden", ".hidden")]
    [InlineData("CON", "_CON")]
    [InlineData("con", "_con")]
    [InlineData("NUL.txt", "_NUL.txt")]
    [InlineData("aux .x", "_aux .x")]
    [InlineData("COM1", "_COM1")]
    [InlineData("LPT9.tar.gz", "_LPT9.tar.gz")]
    [InlineData("COM¹", "_COM¹")]
    [InlineData("CONIN$", "_CONIN$")]
    [InlineData("CONSOLE", "CONSOLE")]
    [InlineData("COM10", "COM10")]
    public void A_name_is_never_empty_reserved_or_one_that_windows_would_change(string name, string expected) => SafeName.Segment(name).ShouldBe(expected);

    [Theory]
    [InlineData("CON.")]
    [InlineData("LPT1 .")]
    [InlineData("")]
    public void A_name_keeps_within_its_length_even_where_something_is_put_before_it(string beginning) =>
        Encoding.UTF8.GetByteCount(SafeName.Segment(beginning + new string('x', 500))).ShouldBeLessThanOrEqualTo(SafeName.MaxNameBytes);
}
