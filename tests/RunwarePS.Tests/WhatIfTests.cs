namespace RunwarePS.Tests;

/// <summary>What changes a state asks ShouldProcess first. With -WhatIf nothing is sent, written or changed.</summary>
public sealed class WhatIfTests : EngineTest
{
    // Verbs that change no state: they read, wait, or show.
    private static readonly string[] s_readers = ["Find", "Get", "Receive", "Show", "Test", "Wait", "ConvertFrom"];

    [SkippableFact]
    public void Every_cmdlet_that_changes_a_state_has_WhatIf()
    {
        var run = Session.Run("Get-Command -Module RunwarePS | ForEach-Object { \"$($_.Verb) $($_.Parameters.ContainsKey('WhatIf'))\" }");

        run.Texts.ShouldNotBeEmpty();
        run.Texts.Where(text => text.EndsWith("True", StringComparison.Ordinal) == s_readers.Contains(text.Split(' ')[0], StringComparer.Ordinal)).ShouldBeEmpty();
    }

    [SkippableFact]
    public void A_sandbox_runs_on()
    {
        Session.StartSandbox();

        var run = Session.Run("""
            $sandbox | Stop-RunwareSandbox -WhatIf
            Stop-RunwareSandbox -WhatIf
            $sandbox.IsRunning
            (New-RunwareImage 'a cat').Prompt
            """);

        run.Texts.ShouldBe(["True", "a cat"]);
    }

    [SkippableFact]
    public void No_sandbox_starts()
    {
        var run = Session.Run("Start-RunwareSandbox -WhatIf; Connect-Runware -Sandbox -PassThru -WhatIf");

        run.Output.ShouldBeEmpty();
        Session.Try("Get-RunwareConnection").Error.Id().ShouldBe("ApiKeyMissing");
    }

    [Fact]
    public void No_journal_is_made()
    {
        Session.Run("$folder = Join-Path $args[0] new; Connect-Runware -Endpoint http://127.0.0.1:1/v1 -JournalPath (Join-Path $folder j.db); Remove-RunwareTask -Tag 'x*' -WhatIf; Test-Path $folder", NewFolder())
            .Texts.ShouldBe(["False"]);
    }

    [SkippableFact]
    public void The_connection_stays()
    {
        Session.StartSandbox();

        var run = Session.Run("""
            $before = (Get-RunwareConnection).Endpoint
            Connect-Runware -Endpoint http://127.0.0.1:1/v1 -WhatIf
            Disconnect-Runware -WhatIf
            (Get-RunwareConnection).Endpoint -eq $before
            """);

        run.Texts.ShouldBe(["True"]);
    }

    [Theory]
    [InlineData("New-RunwareImage 'a red tram' -Size Landscape -Quality high", "Generate 1 image (1536x1024, openai:1@1, estimated USD 0.25)", "a red tram")]
    [InlineData("New-RunwareImage 'a red tram' -Count 2", "Generate 2 images (1024x1024, openai:1@1, price unknown, at most 0.334 USD)", "a red tram")]
    [InlineData("New-RunwareImage 'a red tram' -Model a:1@1 -ReferenceImage https://a.example/1.png", "Generate 1 image (1024x1024, a:1@1, 1 reference, price unknown)", "a red tram")]
    [InlineData("Invoke-RunwareTask imageInference a:1@1 -Parameter @{ positivePrompt = 'a red tram' }", "Generate 1 image (default size, a:1@1, price unknown)", "a red tram")]
    [InlineData("Connect-Runware -Endpoint http://127.0.0.1:1/v1", "Connect", "http://127.0.0.1:1/v1")]
    [InlineData("Connect-Runware -Sandbox", "Connect", "new sandbox")]
    [InlineData("Disconnect-Runware", "Disconnect", "connection of this runspace and of the process")]
    [InlineData("Start-RunwareSandbox", "Start a sandbox", "any free port")]
    [InlineData("Start-RunwareWebhook -Port 8080", "Start a webhook receiver", "port 8080")]
    [InlineData("Remove-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", "Remove from the journal", "task 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21")]
    [InlineData("Remove-RunwareTask -Tag trams", "Remove from the journal", "tasks in the journal (tag trams)")]
    [InlineData("Remove-RunwareMedia 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", "Delete from Runware's media storage", "3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21")]
    [InlineData("Send-RunwareMedia -Url https://a.example/tram.png", "Store with Runware", "https://a.example/tram.png")]
    [InlineData("Update-RunwareModel -All", "Update the model data", "all models")]
    public void The_text_names_action_and_target(string command, string action, string target)
    {
        Session.StartSandbox();

        Said($"{command} -WhatIf").ShouldBe($"What if: Performing the operation \"{action}\" on target \"{target}\".");
    }

    [Fact]
    public void The_text_for_a_file_names_the_folder_and_the_image()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Said("$image = New-RunwareImage 'a red tram'; $image | Save-RunwareImage $args[0] -WhatIf", folder)
            .ShouldBe($"What if: Performing the operation \"Save to '{folder}'\" on target \"{Session.Run("\"$image\"").Text}\".");
        Said("$image | Export-RunwareGallery (Join-Path $args[0] trams.html) -WhatIf", folder)
            .ShouldBe($"What if: Performing the operation \"Write the gallery\" on target \"{Path.Combine(folder, "trams.html")}\".");
    }

    [SkippableTheory]
    [InlineData("Connect-Runware -Endpoint http://192.168.0.7/v1 -WhatIf", "EndpointInsecure")]
    [InlineData("Start-RunwareSandbox -Fault @{ Kind = 'Nonsense' } -WhatIf", "ParameterOutOfRange")]
    public void What_would_be_refused_is_refused(string script, string id) => Session.Try(script).Error.Id().ShouldBe(id);

    private string Said(string script, string? folder = null) => Session.Run($$"""
        $transcript = Join-Path $args[1] said.txt
        $null = Start-Transcript -LiteralPath $transcript
        try { {{script}} } finally { $null = Stop-Transcript }
        @(Get-Content -LiteralPath $transcript) -like 'What if: *'
        """, folder ?? "", NewFolder()).Text;
}
