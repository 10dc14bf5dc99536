namespace RunwarePS.Tests;

/// <summary>Set-StrictMode -Version Latest, under which a property that is not there is an error.</summary>
public sealed class StrictModeTests : EngineTest
{
    [Fact]
    public void Every_cmdlet_and_every_view_bears_strict_mode()
    {
        var run = Session.Run("""
            Set-StrictMode -Version Latest
            $Error.Clear()
            $sandbox = Start-RunwareSandbox -Fault @{ Kind = 'PartialFailure'; Match = 'half' }
            Connect-Runware -Endpoint $sandbox.Endpoint
            $objects = @(
                $sandbox
                $sandbox.Request
                Get-RunwareConnection
                Test-RunwareConnection
                $images = @(New-RunwareImage 'a chest' -Count 2; New-RunwareImage 'a drawer' -OutputType base64Data; New-RunwareImage 'half a drawer' -Count 2 -ErrorAction Ignore)
                $images
                $images | Get-RunwareTask
                Get-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21
                $images | Save-RunwareImage -Path $args[0] -PassThru
                $task = New-RunwareImage 'a shelf' -Async
                $task
                $task | Wait-RunwareTask
                $task | Receive-RunwareTask
                Get-RunwareTask -Pending
                Get-RunwareTask
                Resume-RunwareTask -Confirm:$false
                $task | Remove-RunwareTask -Confirm:$false
                'videoInference', 'audioInference', '3dInference' | ForEach-Object { Invoke-RunwareTask $_ a:1@1 -Parameter @{ positivePrompt = 'a film' } }
                Invoke-RunwareTask textInference a:1@1 -Parameter @{ messages = @(@{ role = 'user'; content = 'hi' }) }
                Invoke-RunwareTask accountManagement -Parameter @{ operation = 'getDetails' }
                Get-RunwareSpend
                [RunwarePS.RunwareImage]::new()
                [RunwarePS.RunwareVideo]::new()
                [RunwarePS.RunwareText]::new()
                [RunwarePS.RunwareResult]::new()
                [RunwarePS.RunwareTask]::new()
                [RunwarePS.RunwareFailure]::new()
            )
            $objects += [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($objects))
            # Of thousands of models and parameters, one of each kind: those that have the same values and lack the same.
            $models = Get-RunwareModel
            $kinds = [System.Collections.Generic.HashSet[string]]::new()
            $objects += @($models; $models.Parameter).Where({
                $kinds.Add("$($_.GetType()) $($_.PSObject.Properties.Where({ $null -ne $_.Value }).Name)")
            })
            foreach ($object in $objects) {
                $object | Out-String -Width 80
                $object | Format-Table -ShowError | Out-String -Width 80
                $object | Format-List -ShowError | Out-String -Width 80
                $object | Format-Wide -ShowError | Out-String -Width 80
                "$object"
            }
            Disconnect-Runware
            $sandbox | Stop-RunwareSandbox
            "errors: $($Error.Count) $Error"
            """, NewFolder());

        run.Text.ShouldNotContain("#ERR");
        run.Texts[^1].Trim().ShouldBe("errors: 0");
    }

    [Theory]
    [InlineData("New-RunwareImage 'a chest'", "TaskUuid ImageUuid ImageUrl ImageBase64Data ImageDataUri Seed NsfwContent Cost Prompt Model Width Height OutputFormat Index InputIndex Tag Path CreatedAt AdditionalData")]
    [InlineData("New-RunwareImage 'a chest' -OutputType dataURI -NoCost", "ImageUrl ImageBase64Data ImageDataUri Cost Seed")]
    [InlineData("Get-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", "TaskUuid TaskType Status Progress Expected Image Failure Cost Model Prompt Tag SubmittedAt CompletedAt")]
    [InlineData("Get-RunwareConnection", "Endpoint KeySource IsSandbox Scope TimeoutSec MaxRetryCount")]
    [InlineData("Test-RunwareConnection", "Endpoint LatencyMs Balance")]
    [InlineData("$sandbox", "Endpoint Port Request")]
    public void Every_property_is_always_there(string script, string properties)
    {
        Session.StartSandbox();

        var value = Session.Run($"Set-StrictMode -Version Latest; {script}").Output.ShouldHaveSingleItem();

        properties.Split(' ').ShouldAllBe(name => value.Properties[name] != null);
    }

    [Fact]
    public void What_is_unknown_is_null_and_not_zero()
    {
        Session.StartSandbox();

        var image = Session.Run("New-RunwareImage 'a chest' -NoCost").Output.ShouldHaveSingleItem();

        image.Get("Cost").ShouldBeNull();
        image.Get("Seed").ShouldBeNull();
        image.Get("NsfwContent").ShouldBeNull();
        image.Get("Path").ShouldBeNull();
        Session.Run("New-RunwareImage 'a chest' -NoCost | Out-String").Text.ShouldContain("unknown");
    }

    [Fact]
    public void An_image_as_text_is_short()
    {
        Session.StartSandbox();

        Session.Run("\"$(New-RunwareImage 'a chest' -OutputType base64Data)\"").Text.Length.ShouldBeLessThan(100);
    }
}
