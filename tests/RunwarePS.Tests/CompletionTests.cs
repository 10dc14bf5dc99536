using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>What the Tab key offers.</summary>
public sealed class CompletionTests : EngineTest
{
    [Theory]
    [InlineData("New-RunwareImage x -Quality ", "auto", "high", "medium", "low")]
    [InlineData("New-RunwareImage x -Quality h", "high")]
    [InlineData("New-RunwareImage x -Quality 'H", "high")]
    [InlineData("New-RunwareImage x -Background ", "auto", "opaque", "transparent")]
    [InlineData("New-RunwareImage x -OutputFormat ", "JPG", "PNG", "WEBP")]
    [InlineData("New-RunwareImage x -OutputType ", "URL", "base64Data", "dataURI")]
    [InlineData("New-RunwareImage x -Size ", "Square", "Landscape", "Portrait")]
    [InlineData("New-RunwareImage x -Model openai:1@1 -Size l", "Landscape")]
    [InlineData("New-RunwareImage x -Model nobody:9@9 -Size l", "Landscape")]
    [InlineData("New-RunwareImage x -Model 'openai:gpt-image@2.5-flare' -Quality ", "auto", "max", "xhigh", "high", "medium", "low")]
    [InlineData("New-RunwareImage x -Model openai-gpt-image-2-5-sunburst -Background t", "transparent")]
    [InlineData("New-RunwareImage x -Model openai-gpt-image-2 -Background ")]
    [InlineData("Get-RunwareModel -TaskType c", "caption", "controlNetPreprocess")]
    [InlineData("Get-RunwareModel -TaskType m")]
    public void Values_of_the_catalog_are_offered(string line, params string[] expected) =>
        Complete(line).Select(c => c.ListItemText).ShouldBe(expected);

    [Fact]
    public void Models_are_offered_in_quotes_because_of_their_at_sign()
    {
        var models = Complete("New-RunwareImage x -Model ").ToArray();

        models.ShouldContain(m => m.CompletionText == "'openai:1@1'");
        models.ShouldAllBe(m => m.CompletionText.StartsWith('\'') && m.ToolTip.Length > 0);
    }

    [Fact]
    public void A_completed_model_can_be_run()
    {
        Session.StartSandbox();
        var model = Complete("New-RunwareImage x -Model openai:1").First().CompletionText;

        Session.Run($"New-RunwareImage 'a map' -Model {model}").Output.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("New-RunwareImage x -Model openai-gpt-image-1", "openai:1@1", "openai:1@2")]
    [InlineData("New-RunwareImage x -Model gpt", "openai:1@1", "openai:gpt-image@2")]
    [InlineData("New-RunwareImage x -Model 'GPT Image 1", "openai:1@1", "openai:1@2")]
    [InlineData("New-RunwareImage x -Model bfl-", "bfl:1@2", "bfl:flux@erase")]
    [InlineData("New-RunwareImage x -Model flux", "bfl:1@2", "bfl:flux@erase")]
    [InlineData("New-RunwareImage x -Model kontext", "bfl:3@1", "bfl:4@1")]
    [InlineData("New-RunwareText x -Model gpt", "openai:gpt@5-mini", "openai:gpt@5-nano")]
    [InlineData("New-RunwareVideo x -Model 'Kling VIDEO 2.6", "klingai:kling-video@2.6-pro")]
    [InlineData("Get-RunwareModel openai:1@1, eedream", "bytedance:seedream@4.5")]
    public void A_model_is_found_by_its_slug_or_name_and_its_air_is_inserted(string line, params string[] expected)
    {
        var offered = Complete(line).Select(c => c.ListItemText).ToArray();

        expected.ShouldBeSubsetOf(offered, StringComparer.Ordinal);
        Complete(line).ShouldAllBe(c => c.CompletionText == $"'{c.ListItemText}'");
    }

    [Fact]
    public void A_model_whose_air_begins_with_what_was_typed_comes_first()
    {
        Complete("New-RunwareImage x -Model openai:1").Select(c => c.ListItemText).ShouldBe(["openai:1@1", "openai:1@2"]);
        var models = Complete("New-RunwareImage x -Model b").Select(c => c.ListItemText).ToList();
        models.SkipWhile(m => m.StartsWith('b')).ShouldBe(models.Where(m => !m.StartsWith('b')));
        models.Contains("runware:101@1", StringComparer.Ordinal).ShouldBeTrue(); // bfl-flux-1-dev
    }

    [Theory]
    [InlineData("New-RunwareImage x -Model ")]
    [InlineData("New-RunwareImage x -Model google")]
    [InlineData("Get-RunwareModel ")]
    public void A_model_that_Runware_removed_is_not_offered(string line)
    {
        var removed = Session.Run("(Get-RunwareModel -Status removed).Model").Texts;

        removed.ShouldNotBeEmpty();
        Complete(line).Select(c => c.ListItemText).Intersect(removed, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("$image | Save-RunwareImage -FileName '{Pro", "'{Prompt}'")]
    [InlineData("$image | Save-RunwareImage -FileName 'draft-{Inp", "'draft-{InputIndex}'")]
    [InlineData("$image | Save-RunwareImage -FileName '{Tag}/{Da", "'{Tag}/{Date:yyyyMMdd}'")]
    public void Tokens_of_file_names_are_offered(string line, string expected) =>
        Complete(line).Select(c => c.CompletionText).ShouldBe([expected]);

    [Theory]
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

    [Fact]
    public void Completing_asks_no_server()
    {
        Session.StartSandbox();

        Complete("New-RunwareImage x -Model ").ShouldNotBeEmpty();

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void A_hidden_parameter_is_not_offered() =>
        Complete("New-RunwareImage x -").Select(c => c.ListItemText).ShouldNotContain(name => name == "IncludeCost");

    [Theory]
    [InlineData("Get-RunwareTask ")]
    [InlineData("Wait-RunwareTask ")]
    [InlineData("Wait-RunwareTask -TaskUuid ")]
    [InlineData("Receive-RunwareTask -Task ")]
    [InlineData("Resume-RunwareTask ")]
    [InlineData("Remove-RunwareTask ")]
    public void Tasks_are_offered_newest_first_with_their_prompts(string line)
    {
        Session.StartSandbox();
        var ids = Session.Run("$images = 'an old wheel', \"a`nnew `e[31mspoke\" | ForEach-Object { New-RunwareImage $_; Start-Sleep -Milliseconds 20 }; $images.TaskUuid").Texts;

        var offered = Offered(line);

        offered.Select(c => c.CompletionText).ShouldBe(ids.Reverse());
        offered.Select(c => c.ToolTip).ShouldBe(["just now, Succeeded: a new [31mspoke", "just now, Succeeded: an old wheel"]);
        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(2);
    }

    [Fact]
    public void A_task_is_completed_from_its_first_letters_in_either_case_and_in_quotes()
    {
        Session.StartSandbox();
        Session.Run("New-RunwareImage a -TaskUuid 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 | Out-Null; New-RunwareImage b -TaskUuid 4f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 | Out-Null");

        foreach (var line in new[] { "Get-RunwareTask 3f0", "Get-RunwareTask 3F0C1D5E-8", "Get-RunwareTask '3f0", "Get-RunwareTask \"3f", "Get-RunwareTask 4f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21, 3" })
        {
            Offered(line).ShouldHaveSingleItem().CompletionText.ShouldBe("3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", line);
        }

        Complete("Get-RunwareTask 5").Where(c => c.ResultType == CompletionResultType.ParameterValue).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a set", "'a set'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("it\u2019s", "'it\u2019\u2019s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("-dash", "'-dash'")]
    [InlineData("a\"b`c;(d),@e", "'a\"b`c;(d),@e'")]
    [InlineData("set[1]*", "'set[1]*'")]
    [InlineData("\u96FB\u8ECA", "'\u96FB\u8ECA'")]
    public void A_tag_is_completed_so_that_it_can_be_run(string tag, string expected)
    {
        Session.StartSandbox();
        Session.Run("New-RunwareImage x -Tag $args[0] | Out-Null; New-RunwareImage y -Tag zzz | Out-Null", tag);

        var offered = Offered("New-RunwareImage x -Tag ");

        offered.Select(c => c.CompletionText).ShouldBe(["zzz", expected], ignoreOrder: true);
        foreach (var cmdlet in new[] { "Get-RunwareTask", "Get-RunwareSpend" })
        {
            var completed = Offered($"{cmdlet} -Tag ").Single(c => c.ListItemText == tag).CompletionText;
            Session.Run($"({cmdlet} -Tag {completed}).Tag").Text.ShouldBe(tag, completed);
            Offered($"{cmdlet} -Tag {completed}").ShouldHaveSingleItem().CompletionText.ShouldBe(completed);
            Offered($"{cmdlet} -Tag {completed.TrimEnd('\'')}").ShouldHaveSingleItem().CompletionText.ShouldBe(completed);
        }
    }

    [Theory]
    [InlineData("A")]
    [InlineData("'a s")]
    [InlineData("'A Set'")]
    [InlineData("\"a s")]
    [InlineData("\u2018a s")]
    [InlineData("a` s")]
    public void A_tag_is_found_however_it_was_begun(string begun)
    {
        Session.StartSandbox();
        Session.Run("New-RunwareImage x -Tag 'a set' | Out-Null; New-RunwareImage y -Tag other | Out-Null");

        Offered("Get-RunwareSpend -Tag " + begun).ShouldHaveSingleItem().CompletionText.ShouldBe("'a set'");
    }

    [Fact]
    public void A_tag_that_would_speak_to_the_terminal_is_not_offered()
    {
        Session.StartSandbox();
        Session.Run("New-RunwareImage x -Tag \"a`e[2J\" | Out-Null");

        Complete("Get-RunwareTask -Tag ").Where(c => c.ResultType == CompletionResultType.ParameterValue).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Get-RunwareTask ")]
    [InlineData("New-RunwareImage x -Tag ")]
    public void Where_no_journal_is_none_is_made(string line)
    {
        var journal = Path.Combine(NewFolder(), "inner", "journal.db");
        Session.Run("Connect-Runware -Endpoint http://127.0.0.1:9/v1 -JournalPath $args[0]", journal);

        Complete(line).Where(c => c.ResultType == CompletionResultType.ParameterValue).ShouldBeEmpty();

        Directory.Exists(Path.GetDirectoryName(journal)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("no database at all")]
    [InlineData("")]
    public void A_journal_that_is_not_one_is_left_as_it_is(string content)
    {
        var journal = Path.Combine(NewFolder(), "journal.db");
        File.WriteAllText(journal, content);
        Session.Run("Connect-Runware -Endpoint http://127.0.0.1:9/v1 -JournalPath $args[0]; $Error.Clear()", journal);

        Should.NotThrow(() => Complete("Get-RunwareTask ").ToArray());

        Session.Run("$Error.Count").Value<int>().ShouldBe(0);
        File.ReadAllText(journal).ShouldBe(content);
    }

    [Fact]
    public void Only_what_this_connection_did_is_offered()
    {
        var journal = Path.Combine(NewFolder(), "journal.db");
        Session.StartSandbox(connect: $"-JournalPath '{journal}'");
        Session.Run("New-RunwareImage x -Tag mine | Out-Null");
        Offered("Get-RunwareTask -Tag ").ShouldHaveSingleItem();

        Session.Run("Connect-Runware -Endpoint http://127.0.0.1:9/v1 -JournalPath $args[0]", journal);

        Complete("Get-RunwareTask -Tag ").Where(c => c.ResultType == CompletionResultType.ParameterValue).ShouldBeEmpty();
        Complete("Get-RunwareTask ").Where(c => c.ResultType == CompletionResultType.ParameterValue).ShouldBeEmpty();
    }

    [Fact]
    public void A_broken_environment_is_no_error_while_completing()
    {
        Environment.SetEnvironmentVariable(EndpointVariable, "no address");

        Should.NotThrow(() => Complete("Get-RunwareTask ").ToArray());

        Session.Run("$Error.Count").Value<int>().ShouldBe(0);
    }

    /// <summary>What is offered of a journal. A completion gives up after a second, which can be too short on a busy machine; the next one is complete.</summary>
    private CompletionResult[] Offered(string line)
    {
        CompletionResult[] offered = [];
        SpinWait.SpinUntil(() => (offered = [.. Complete(line)]).Any(c => c.ResultType == CompletionResultType.ParameterValue), TimeSpan.FromMinutes(1));
        return offered;
    }

    private IEnumerable<CompletionResult> Complete(string line) =>
        Session.Run("(TabExpansion2 -inputScript $args[0] -cursorColumn $args[0].Length).CompletionMatches", line).Output.Select(o => (CompletionResult)o.BaseObject);
}
