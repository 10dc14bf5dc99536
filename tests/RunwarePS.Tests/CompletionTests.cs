using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>What the Tab key offers.</summary>
public sealed class CompletionTests : EngineTest
{
    [SkippableTheory]
    [InlineData("New-RunwareImage x -Quality ", "auto", "high", "medium", "low")]
    [InlineData("New-RunwareImage x -Quality h", "high")]
    [InlineData("New-RunwareImage x -Quality 'H", "high")]
    [InlineData("New-RunwareImage x -Background ", "auto", "opaque", "transparent")]
    [InlineData("New-RunwareImage x -OutputFormat ", "JPG", "PNG", "WEBP")]
    [InlineData("New-RunwareImage x -OutputType ", "URL", "base64Data", "dataURI")]
    [InlineData("New-RunwareImage x -Size ", "Square", "Landscape", "Portrait")]
    [InlineData("New-RunwareImage x -Model openai:1@1 -Size l", "Landscape")]
    [InlineData("New-RunwareImage x -Model nobody:9@9 -Size l", "Landscape")]
    public void Values_of_the_catalogue_are_offered(string line, params string[] expected) =>
        Complete(line).Select(c => c.ListItemText).ShouldBe(expected);

    [SkippableFact]
    public void Models_are_offered_in_quotes_because_of_their_at_sign()
    {
        var models = Complete("New-RunwareImage x -Model ").ToArray();

        models.ShouldContain(m => m.CompletionText == "'openai:1@1'");
        models.ShouldAllBe(m => m.CompletionText.StartsWith('\'') && m.ToolTip.Length > 0);
    }

    [SkippableFact]
    public void A_completed_model_can_be_run()
    {
        Session.StartSandbox();
        var model = Complete("New-RunwareImage x -Model openai:1").First().CompletionText;

        Session.Run($"New-RunwareImage 'a map' -Model {model}").Output.Length.ShouldBe(1);
    }

    [SkippableTheory]
    [InlineData("$image | Save-RunwareImage -FileName '{Pro", "'{Prompt}'")]
    [InlineData("$image | Save-RunwareImage -FileName 'draft-{Inp", "'draft-{InputIndex}'")]
    [InlineData("$image | Save-RunwareImage -FileName '{Tag}/{Da", "'{Tag}/{Date:yyyyMMdd}'")]
    public void Tokens_of_file_names_are_offered(string line, string expected) =>
        Complete(line).Select(c => c.CompletionText).ShouldBe([expected]);

    [SkippableTheory]
    [InlineData("New-RunwareImage x -Quality [")]
    [InlineData("New-RunwareImage x -Quality \"")]
    [InlineData("New-RunwareImage x -Model $")]
    [InlineData("New-RunwareImage x -Model @{")]
    [InlineData("New-RunwareImage x -Size (")]
    [InlineData("New-RunwareImage x -Model -Size ")]
    [InlineData("New-RunwareImage x -Model ([int]) -Size ")]
    [InlineData("Save-RunwareImage -FileName {{{")]
    [InlineData("Save-RunwareImage -FileName '}{")]
    public void Odd_beginnings_do_not_throw(string line)
    {
        Session.Run("$Error.Clear()");

        Should.NotThrow(() => Complete(line).ToArray());

        Session.Run("$Error.Count").Value<int>().ShouldBe(0);
    }

    [SkippableFact]
    public void Completing_asks_no_server()
    {
        Session.StartSandbox();

        Complete("New-RunwareImage x -Model ").ShouldNotBeEmpty();

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [SkippableFact]
    public void A_hidden_parameter_is_not_offered() =>
        Complete("New-RunwareImage x -").Select(c => c.ListItemText).ShouldNotContain(name => name == "IncludeCost");

    private IEnumerable<CompletionResult> Complete(string line) =>
        Session.Run("(TabExpansion2 -inputScript $args[0] -cursorColumn $args[0].Length).CompletionMatches", line).Output.Select(o => (CompletionResult)o.BaseObject);
}
