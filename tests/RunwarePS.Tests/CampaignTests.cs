using System.Text.Json;

namespace RunwarePS.Tests;

/// <summary>A batch killed at random moments and resumed: nothing lost, nothing bought twice. The long form is <c>build.ps1 -Task Campaign</c>.</summary>
public sealed class CampaignTests
{
    [SkippableTheory]
    [InlineData("Same")]
    [InlineData("Cap")]
    public void Workers_with_one_journal_in_a_database_are_killed_and_cut_off_and_every_image_is_bought_and_booked_once(string mode)
    {
        Skip.IfNot(Directory.Exists("/usr/lib/postgresql"), "PostgreSQL isn't installed in /usr/lib/postgresql");
        var script = Path.Combine(Repository.Root, "tests", "Campaign", "fleet.ps1");
        var command = $"& '{script}' -Module '{Repository.Module}' -Mode {mode} -Worker 3 -Count 60 -Kill 2 -Restart 1 -Reset 1 -BlackHole 1 -Suspend 0 | ConvertTo-Json -Compress";

        var output = PowerShellEngine.Current.Run(["-Command", command], out var exitCode);

        exitCode.ShouldBe(0, output);
        var found = JsonDocument.Parse(output).RootElement;
        found.GetProperty("Kill").GetInt32().ShouldBe(2, output);
        found.GetProperty("Task").GetInt32().ShouldBeGreaterThan(50, output);
        string[] zeros = ["Lost", "Doubled", "Unbooked", "Unsettled", "LedgerDrift", "OverCap", "StillHeld", "FileMissing", "HalfFile", "Hang"];
        foreach (var count in zeros)
        {
            found.GetProperty(count).GetDecimal().ShouldBe(0, $"{count} in {output}");
        }
    }

    [Fact]
    public void Five_batches_of_fifty_tasks_are_killed_and_every_image_is_made_once_and_saved()
    {
        var script = Path.Combine(Repository.Root, "tests", "Campaign", "kill.ps1");
        var command = $"& '{script}' -Module '{Repository.Module}' -Kill 5 -Count 50 | ConvertTo-Json -Compress";

        var output = PowerShellEngine.Current.Run(["-Command", command], out var exitCode);

        exitCode.ShouldBe(0, output);
        var found = JsonDocument.Parse(output).RootElement;
        found.GetProperty("Task").GetInt32().ShouldBeGreaterThan(20, output); // how far a session comes before it is killed is the machine's
        found.GetProperty("Killed").GetInt32().ShouldBeGreaterThan(0, output);
        foreach (var count in new[] { "Lost", "Doubled", "BoughtTwice", "Unbooked", "PictureMissing", "HalfFile" })
        {
            found.GetProperty(count).GetInt32().ShouldBe(0, $"{count} in {output}");
        }
    }
}
