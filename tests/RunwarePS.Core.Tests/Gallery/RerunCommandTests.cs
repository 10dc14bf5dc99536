namespace RunwarePS.Core.Tests;

/// <summary>The command as text. That the engine reads it back as it was meant is tested on the engine.</summary>
public sealed class RemakeCommandTests
{
    [Fact]
    public void It_names_what_the_image_was_asked_for_and_no_more()
    {
        var facts = new GenerationMetadata { Prompt = "a tram", Model = "openai:1@1", Width = 1536, Height = 1024, Quality = "high", Background = "opaque", OutputFormat = "PNG", Tag = "set", Seed = 7, Cost = 1 };

        RerunCommand.Of(facts).ShouldBe("New-RunwareImage -Prompt 'a tram' -Model 'openai:1@1' -Width 1536 -Height 1024 -Quality 'high' -Background 'opaque' -OutputFormat 'PNG' -Tag 'set'");
        RerunCommand.Of(new GenerationMetadata { Prompt = "a tram", Width = 1536 }).ShouldBe("New-RunwareImage -Prompt 'a tram'", "half a size is none");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void There_is_none_without_a_prompt(string? prompt) => RerunCommand.Of(new GenerationMetadata { Prompt = prompt, Model = "openai:1@1" }).ShouldBeNull();

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("‘a’ ‚b‛", "'‘‘a’’ ‚‚b‛‛'")]
    [InlineData("\"$x\" `n $(rm) “y”", "'\"$x\" `n $(rm) “y”'")]
    [InlineData("one\ntwo\tthree 🦊", "'one\ntwo\tthree 🦊'")]
    [InlineData("a\u001B[201~b", "('a' + [char]0x1B + '[201~b')")]
    [InlineData("\u0000\u202E", "('' + [char]0x0 + [char]0x202E + '')")]
    [InlineData("\r\n' + 'x", "('' + [char]0xD + '\n'' + ''x')")]
    [InlineData("\r: it is ' + a plus", "('' + [char]0xD + ': it is '' + a plus')")]
    [InlineData("a\a\a b\a", "('a' + [char]0x7 + [char]0x7 + ' b' + [char]0x7 + '')")]
    [InlineData("'", "''''")]
    public void A_text_stays_one_text(string text, string quoted) => RerunCommand.Quote(text).ShouldBe(quoted);

    [Fact]
    public void Half_a_character_is_spelled_out() => RerunCommand.Quote("torn" + (char)0xD83D).ShouldBe("('torn' + [char]0xD83D + '')");
}
