using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>
/// A variable that isn't set, given on the command line. It must never turn into a default that buys, shows or forgets more than was meant.
/// </summary>
public sealed class ExplicitNothingTests : EngineTest
{
    /// <summary>What describes a result and nothing more: without a value, the API or the module chooses, as when it isn't specified.</summary>
    private static readonly string[] s_descriptive =
    [
        .. from cmdlet in new[] { "New-RunwareImage", "New-RunwareVideo", "New-RunwareAudio", "New-RunwareText", "Convert-RunwareMedia" }
           from parameter in (string[])
           [
               "AdditionalParameter", "Background", "Bitrate", "CfgScale", "Channel", "Count", "Duration", "Factor", "Fps", "Height", "Language",
               "NegativePrompt", "OutputFormat", "OutputQuality", "OutputType", "Quality", "Resolution", "SampleRate", "Scheduler", "Seed", "Size",
               "Speed", "Steps", "Strength", "Tag", "TimeToLive", "Voice", "Width",
           ]
           select $"{cmdlet} -{parameter}",
        "Convert-RunwareMedia -Prompt", "Export-RunwareGallery -Title", "Start-RunwareSandbox -Fault",
    ];

    /// <summary>What selects objects, and selects none, without an error: an empty list is an everyday thing there.</summary>
    private static readonly string[] s_selectsNone = ["Resume-RunwareTask -Task", "Stop-RunwareSandbox -Sandbox", "Stop-RunwareWebhook -Webhook"];

    private static readonly Dictionary<string, string> s_others = new(StringComparer.Ordinal)
    {
        ["New-RunwareImage"] = "Prompt = 'x'",
        ["New-RunwareVideo"] = "Prompt = 'x'; Model = 'a:1@1'",
        ["New-RunwareAudio"] = "Text = 'x'; Model = 'a:1@1'",
        ["Convert-RunwareMedia"] = "InputObject = $image; Operation = 'Upscale'; Model = 'a:1@1'",
        ["Save-RunwareImage"] = "InputObject = $image; Path = $folder",
        ["Export-RunwareGallery"] = "InputObject = $image; Path = \"$folder/page.html\"",
        ["Show-RunwareImage"] = "InputObject = $image",
        ["Wait-RunwareTask"] = "Task = $image.TaskUuid",
        ["Receive-RunwareTask"] = "Task = $image.TaskUuid",
    };

    [Fact]
    public void Nothing_on_the_command_line_is_an_error_or_selects_nothing()
    {
        Session.StartSandbox();
        Session.Run("$folder = $args[0]; Set-Location $folder; $image = New-RunwareImage 'a heron' -Tag birds", NewFolder());

        foreach (var (command, parameter) in Parameters())
        {
            foreach (var nothing in new[] { "$null", "''", "@()" })
            {
                Hold($"{command} -{parameter}", command, parameter, nothing);
            }
        }
    }

    [Theory]
    [InlineData("New-RunwareImage x -ReferenceImage $null, 'https://a.example/1.png'")]
    [InlineData("New-RunwareImage x -ReferenceImage 'https://a.example/1.png', ''")]
    public void Nothing_among_references_is_an_error(string command)
    {
        Session.StartSandbox();

        var run = Session.Try($"{command}; $sandbox.Generation.Count");

        run.Error.Id().ShouldBe("ParameterUnreadable");
        run.Texts.ShouldBe(["0"]);
    }

    [Theory]
    [InlineData("Get-RunwareTask -Tag $null")]
    [InlineData("Get-RunwareTask -Tag ''")]
    [InlineData("Get-RunwareSpend -Tag $null")]
    [InlineData("Get-RunwareSpend -Since $null")]
    [InlineData("Get-RunwareModel -Model $null")]
    [InlineData("$null | Get-RunwareModel")]
    [InlineData("'' | Get-RunwareModel")]
    [InlineData("[pscustomobject]@{ Model = '' } | Get-RunwareModel")]
    public void A_filter_that_is_nothing_selects_nothing_and_goes_on(string command)
    {
        Session.StartSandbox();
        Session.Run("New-RunwareImage 'a heron'");

        var run = Session.Try(command);

        run.Ended.ShouldBeNull();
        run.Output.ShouldBeEmpty();
        run.Error.Id().ShouldBe("ParameterUnreadable");
    }

    [Theory]
    [InlineData("-IdempotencyKey $null")]
    [InlineData("-IdempotencyKey ' '")]
    [InlineData("-ReferenceImage @()")]
    [InlineData("-ReferenceImage $null, ''")]
    [InlineData("-SeedImage ''")]
    [InlineData("-MaxCost ''")]
    public void Nothing_is_bought_with_a_default_in_its_place(string arguments)
    {
        Session.StartSandbox();

        Session.Try($"'a', 'b' | New-RunwareImage {arguments}").Error.ShouldNotBeNull();

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    private void Hold(string name, string command, string parameter, string nothing)
    {
        var run = Session.Try($$"""
            $given = @{ {{s_others.GetValueOrDefault(command)}} }
            $given['{{parameter}}'] = {{nothing}}
            $result = @({{command}} @given)
            @($result | Where-Object { $_ -is [RunwarePS.Sandbox.RunwareSandbox] }) | Stop-RunwareSandbox
            $result.Count
            """);
        Session.Run("Remove-Item $folder/* -Force; Get-RunwareConnection | Where-Object IsSandbox | Out-Null; Connect-Runware -Endpoint $sandbox.Endpoint");

        if (s_selectsNone.Contains(name, StringComparer.Ordinal))
        {
            (run.Errors.Length > 0 || run.Text == "0").ShouldBeTrue($"{name} {nothing}");
            Session.Run("Test-RunwareConnection -Quiet").Value<bool>().ShouldBeTrue(name);
        }
        else if (!s_descriptive.Contains(name, StringComparer.Ordinal))
        {
            run.Errors.ShouldNotBeEmpty($"{name} {nothing}");
        }
    }

    private IEnumerable<(string Command, string Parameter)> Parameters() =>
        from command in Session.Run("Get-Command -Module RunwarePS").Output.Select(o => (CmdletInfo)o.BaseObject)
        from parameter in command.Parameters.Values
        where parameter.ParameterType != typeof(SwitchParameter) && !Cmdlet.CommonParameters.Contains(parameter.Name) && !Cmdlet.OptionalCommonParameters.Contains(parameter.Name)
            && parameter.Attributes.OfType<ParameterAttribute>().All(a => !a.DontShow)
        select (command.Name, parameter.Name);
}
