using System.Text.Json;
using RunwarePS.Samples;

namespace RunwarePS.Tests;

/// <summary>A batch killed at random moments and resumed: nothing lost, nothing bought twice. The long form is <c>build.ps1 -Task Campaign</c>.</summary>
public sealed class CampaignTests
{
    [SkippableFact]
    public void Five_batches_of_fifty_tasks_are_killed_and_every_picture_is_made_once_and_saved()
    {
        Skip.If(InstalledPowerShell.Found is null, "no PowerShell 7.4+ found: " + InstalledPowerShell.HowToGetOne);
        var script = Path.Combine(EngineHost.RepositoryRoot, "tests", "Campaign", "kill.ps1");
        var command = $"& '{script}' -Module '{EngineHost.Module}' -Kill 5 -Count 50 | ConvertTo-Json -Compress";

        var output = InstalledPowerShell.Run(InstalledPowerShell.Found!.Executable, ["-NoProfile", "-NonInteractive", "-Command", command], out var exitCode);

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
