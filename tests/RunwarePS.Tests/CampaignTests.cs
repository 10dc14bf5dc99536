using System.Text.Json;

namespace RunwarePS.Tests;

/// <summary>A batch killed at random moments and resumed: nothing lost, nothing bought twice. The long form is <c>build.ps1 -Task Campaign</c>.</summary>
public sealed class CampaignTests
{
    [Fact]
    public void Five_batches_of_fifty_tasks_are_killed_and_every_picture_is_made_once_and_saved()
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
