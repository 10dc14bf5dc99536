namespace RunwarePS.Tests;

/// <summary>What Get-RunwareTask lists of the journal, and what Remove-RunwareTask removes of it.</summary>
public sealed class JournalListTests : EngineTest
{
    [Theory]
    [InlineData("Get-RunwareSpend")]
    [InlineData("Get-RunwareSpend -Tag x")]
    [InlineData("Get-RunwareTask")]
    [InlineData("Get-RunwareTask -Pending")]
    [InlineData("Resume-RunwareTask")]
    [InlineData("Remove-RunwareTask -Tag x -Force")]
    public void What_only_the_journal_has_is_an_error_without_it(string command)
    {
        var file = Path.Combine(NewFolder(), "file");
        File.WriteAllText(file, "no folder");
        Session.Run("Connect-Runware -Endpoint http://127.0.0.1:1/v1 -JournalPath $args[0]", Path.Combine(file, "j.db"));

        var run = Session.Try($"$ConfirmPreference = 'None'; {command} -WarningVariable warnings; @($warnings).Count");

        run.Errors.ShouldHaveSingleItem().Id().ShouldBe("JournalUnavailable");
        run.Texts.ShouldBe(["0"]);
    }

    private const string Made = """
        'one', 'two', 'three' | ForEach-Object { New-RunwareImage $_ -Tag day | Save-RunwareImage -Path $dir | Out-Null }
        New-RunwareImage four -Tag night | Out-Null
        $open = New-RunwareImage five -Tag night -Async
        """;

    [Theory]
    [InlineData("Get-RunwareTask", "one two three four five")]
    [InlineData("Get-RunwareTask -Newest 2", "four five")]
    [InlineData("Get-RunwareTask -Newest 1 -Tag day", "three")]
    [InlineData("Get-RunwareTask -Status submitted", "five")]
    [InlineData("Get-RunwareTask -Status Submitted, Succeeded -Tag n*", "four five")]
    [InlineData("Get-RunwareTask -Status Failed", "")]
    [InlineData("Get-RunwareTask -Since ([datetime]::Now.AddMinutes(-5))", "one two three four five")]
    [InlineData("Get-RunwareTask -Since ([datetime]::Now.AddMinutes(5))", "")]
    [InlineData("Get-RunwareTask -Until ([datetime]::UtcNow.AddMinutes(5)) -Newest 1", "five")]
    [InlineData("Get-RunwareTask -Until ([datetime]::Now.AddMinutes(-5))", "")]
    [InlineData("Get-RunwareTask -Pending", "five")]
    public void The_list_is_selected_in_the_journal_newest_last(string command, string prompts)
    {
        Session.StartSandbox();
        Session.Run($"$dir = $args[0]; {Made}; (({command}).Prompt) -join ' '", NewFolder()).Text.ShouldBe(prompts);
    }

    [Theory]
    [InlineData("Remove-RunwareTask -Before ([datetime]::Now.AddMinutes(5))", "four five")]
    [InlineData("Remove-RunwareTask -Before ([datetime]::Now.AddMinutes(-5))", "one two three four five")]
    [InlineData("Remove-RunwareTask -Tag d*", "four five")]
    [InlineData("Remove-RunwareTask -Tag night", "one two three four five")]
    [InlineData("Remove-RunwareTask -Tag night -Force", "one two three")]
    [InlineData("Remove-RunwareTask -Status Succeeded -Force", "five")]
    [InlineData("Remove-RunwareTask -Status Succeeded -Force -WhatIf", "one two three four five")]
    [InlineData("$open | Remove-RunwareTask", "one two three four")]
    public void What_is_not_ended_or_not_saved_is_removed_by_force_only(string command, string left)
    {
        Session.StartSandbox();
        var run = Session.Run($"$dir = $args[0]; {Made}; {command}; (Get-RunwareTask).Prompt -join ' '; @(Get-RunwareSpend).Count", NewFolder());

        run.Texts[0].ShouldBe(left);
        run.Texts[1].ShouldBe("4"); // the ledger stays
    }

    [Theory]
    [InlineData("Remove-RunwareTask -Force")]
    [InlineData("Remove-RunwareTask -Tag $null")]
    [InlineData("Get-RunwareTask -Status ''")]
    [InlineData("Get-RunwareTask -Newest 0")]
    [InlineData("Get-RunwareTask -Newest $null")]
    public void What_selects_nothing_is_an_error(string command)
    {
        Session.StartSandbox();

        Session.Try($"New-RunwareImage one | Out-Null; {command}").Errors.ShouldNotBeEmpty();

        Session.Run("@(Get-RunwareTask).Count").Text.ShouldBe("1");
    }

    [Fact]
    public void A_connection_tells_the_size_of_its_journal_and_creates_none()
    {
        Session.StartSandbox();
        var path = Path.Combine(NewFolder(), "journal.db");

        var run = Session.Run("""
            Connect-Runware -Endpoint $sandbox.Endpoint -JournalPath $args[0]
            Get-RunwareConnection
            Test-Path $args[0]
            'one', 'two' | New-RunwareImage | Out-Null
            Get-RunwareConnection
            """, path);

        run.Output[0].Get("JournalTaskCount").ShouldBeNull();
        run.Output[1].BaseObject.ShouldBe(false);
        run.Output[2].Get("JournalTaskCount").ShouldBe(2L);
        run.Output[2].Get("JournalSchemaVersion").ShouldBe(7);
        ((long)run.Output[2].Get("JournalSize")!).ShouldBeGreaterThan(10_000);
    }
}
