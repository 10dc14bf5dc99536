using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>The views in a session that is locked down: properties can be read there, but methods can't be called.</summary>
public sealed class ViewTests : EngineTest
{
    private const string Show = "$objects | ForEach-Object { $_ | Format-Table -ShowError | Out-String -Width 120; $_ | Format-List -ShowError | Out-String -Width 120 }";

    private const string Objects = """
        $sandbox = Start-RunwareSandbox -Fault @{ Kind = 'PartialFailure'; Match = 'half' }
        Connect-Runware -Endpoint $sandbox.Endpoint
        $half = New-RunwareImage 'half a cat' -Count 2 -Quality high -Tag pets -ErrorAction Ignore
        $saved = $half | Save-RunwareImage -Path $args[0] -PassThru
        $objects = @(
            $half; $saved; $task = $half | Get-RunwareTask; $task; $task.Failure; Get-RunwareImageInfo -LiteralPath $saved.Path; Get-RunwareSpend
            'videoInference', 'audioInference', '3dInference' | ForEach-Object { Invoke-RunwareTask $_ a:1@1 -Parameter @{ positivePrompt = 'a film' } }
            $film = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'a film' }; $film | Get-RunwareTask
            New-RunwareText hi -Model deepseek:v4@flash -Stream; Find-RunwareModel style -First 1; Get-RunwareUsage; Send-RunwareMedia -Url https://a.example/x.mp4
            Invoke-RunwareTask accountManagement -Parameter @{ operation = 'getDetails' }
            $model = Get-RunwareModel openai:1@1; $model; $model.Parameter; $model.Price
            Get-RunwareConnection; Test-RunwareConnection; $sandbox; $sandbox.Request[0]; $sandbox.Generation[0]
        )
        """;

    [SkippableTheory]
    [InlineData("")]
    [InlineData("$objects = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($objects))")]
    public void Every_view_is_the_same_in_constrained_language(string then)
    {
        Session.Run($"{Objects}\n{then}", NewFolder());
        Session.Run("Set-Location -LiteralPath $args[0]", NewFolder());
        var full = Session.Run(Show).Texts;

        Session.Run("$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'");
        var constrained = Session.Run(Show).Texts;

        constrained.ShouldBe(full);
        full.ShouldAllBe(view => view.Trim().Length > 0 && !view.Contains("#ERR", StringComparison.Ordinal));
        string.Concat(full).ShouldContain("half a cat");
        string.Concat(full).ShouldContain("0.167 / 0.25");
    }

    [Fact]
    public void The_list_of_a_video_has_its_size_where_it_is_known()
    {
        Session.StartSandbox();

        var lists = Session.Run("""
            $film = New-RunwareVideo 'a film' -Model klingai:kling-video@2.6-pro -Size 1920x1080 -Duration 5
            $other = New-RunwareVideo 'a film' -Model a:1@1
            $tune = New-RunwareAudio -Prompt 'a tune' -Model a:1@1
            $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($film))
            $film, $back, $other, $tune | ForEach-Object { $_ | Format-List -ShowError | Out-String }
            """).Texts;

        lists.Select(list => list.Split('\n').FirstOrDefault(line => line.StartsWith("Size", StringComparison.Ordinal))?.Split(':')[1].Trim())
            .ShouldBe(["1920x1080", "1920x1080", null, null]);
    }

    [SkippableFact]
    public void Cells_show_in_views_only()
    {
        Session.Run(Objects, NewFolder());

        var run = Session.Run("""
            foreach ($object in $objects) {
                $object | Select-Object * | ForEach-Object { $_.psobject.Properties.Name }
                $object | Get-Member -MemberType Properties | ForEach-Object Name
                ($object | ConvertTo-Csv)[0] -split ','
                [Management.Automation.PSSerializer]::Serialize($object) -split "`n" -match 'N="_'
            }
            """);

        run.Texts.ShouldNotBeEmpty();
        run.Texts.ShouldNotContain(name => name.TrimStart('"', ' ').StartsWith('_') || name.Contains("N=\"_", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void What_clixml_keeps_is_every_property_and_no_other()
    {
        Session.Run(Objects, NewFolder());

        Session.Run("""
            foreach ($object in $objects) {
                $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($object))
                $before = ($object.GetType().GetProperties().Name | Sort-Object) -join ' '
                $after = (@($back.psobject.Properties.Name) -ne 'PSComputerName' | Sort-Object) -join ' '
                if ($before -cne $after) { "$($object.GetType()): $before / $after" }
            }
            """).Texts.ShouldBeEmpty();
    }
}
