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

    [SkippableTheory]
    [InlineData("Connect-Runware -Endpoint http://192.168.0.7/v1 -WhatIf", "EndpointInsecure")]
    [InlineData("Start-RunwareSandbox -Fault @{ Kind = 'Nonsense' } -WhatIf", "ParameterOutOfRange")]
    public void What_would_be_refused_is_refused(string script, string id) => Session.Try(script).Error.Id().ShouldBe(id);
}
