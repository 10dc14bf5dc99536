using System.Globalization;

namespace RunwarePS.Tests;

/// <summary>The machine's language changes neither what is sent nor what a script compares.</summary>
public sealed class CultureTests : EngineTest
{
    public CultureTests()
    {
        Skip.If(CultureInfo.GetCultureInfo("de-DE").NumberFormat.NumberDecimalSeparator != ",", "this machine has no cultures but the invariant one");
        Session.StartSandbox();
    }

    [SkippableTheory]
    [InlineData("Width")]
    [InlineData("Count")]
    [InlineData("OutputQuality")]
    public void A_comma_in_a_number_is_refused_and_not_read_as_75(string parameter)
    {
        German($"[pscustomobject]@{{ Prompt = 'a bell'; {parameter} = '7,5' }} | New-RunwareImage").Error.Exception.Message.ShouldContain("7,5");

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [SkippableFact]
    public void A_comma_in_an_argument_is_refused_as_well()
    {
        German("New-RunwareImage 'a bell' -OutputQuality '9,5'").Error.Exception.Message.ShouldContain("9,5");

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [SkippableFact]
    public void Numbers_go_out_and_come_back_with_a_point()
    {
        var run = German("""
            $image = New-RunwareImage 'a bell' -Quality high -Size Landscape -OutputQuality 80
            $image.Cost
            $image | Out-String
            $image | Format-List | Out-String
            Get-RunwareTask $image.TaskUuid | Out-String
            """);

        run.Errors.ShouldBeEmpty();
        run.Output[0].BaseObject.ShouldBe(0.25m);
        run.Texts[1..].ShouldAllBe(view => view.Contains("0.25") && !view.Contains("0,25"));
        Session.Sent.ShouldHaveSingleItem()["outputQuality"]!.GetValue<int>().ShouldBe(80);
    }

    [SkippableFact]
    public void File_names_do_not_follow_the_culture()
    {
        var run = German("New-RunwareImage 'a bell' | Save-RunwareImage -Path $args[0] -FileName '{Width}-{Date:yyyyMMdd}' | ForEach-Object Name", NewFolder());

        run.Text.ShouldBe(FormattableString.Invariant($"1024-{DateTime.UtcNow:yyyyMMdd}.jpg"));
    }

    [SkippableFact]
    public void Half_a_second_is_half_a_second()
    {
        German("(Start-RunwareSandbox -Latency '0.5').IsRunning").Value<bool>().ShouldBeTrue();
        German("Start-RunwareSandbox -Latency '0,5'").Error.Exception.Message.ShouldContain("0,5");
    }

    private EngineRun German(string script, params object?[] arguments) => Session.Try("[cultureinfo]::CurrentCulture = 'de-DE'\n" + script, arguments);
}
