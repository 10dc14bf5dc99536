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

    public static TheoryData<string> Cultures => new() { "en-US", "de-DE", "en-GB", "tr-TR", "th-TH", "ar-SA", "fa-IR" };

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void Tags_match_without_case(string culture)
    {
        var run = In(culture, """
            $null = New-RunwareImage 'an isle' -Tag 'INDIGO I'
            @(Get-RunwareTask -Tag 'indigo i').Count, @(Get-RunwareTask -Tag 'i*').Count, @(Get-RunwareTask -Tag '[h-j]*').Count
            @(Get-RunwareSpend -Tag 'indigo i').Count, @(Get-RunwareSpend -Tag 'i*').Count
            @(Get-RunwareModel 'OPENAI-GPT-IMAGE-1').Count
            """);

        run.Errors.ShouldBeEmpty();
        run.Texts.ShouldBe(["1", "1", "1", "1", "1", "1"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void Values_of_the_api_match_without_case(string culture)
    {
        var run = In(culture, "New-RunwareImage 'an isle' -Quality HIGH -Background OPAQUE -OutputFormat webp -OutputType dataUri -Size PORTRAIT -SafetyMode NONE | Out-Null");

        run.Errors.ShouldBeEmpty();
        var sent = Session.Sent.ShouldHaveSingleItem();
        sent["outputFormat"]!.GetValue<string>().ShouldBe("WEBP");
        sent["outputType"]!.GetValue<string>().ShouldBe("dataURI");
        sent["providerSettings"]!["openai"]!["quality"]!.GetValue<string>().ShouldBe("high");
    }

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void Dates_of_arguments_are_one_day_everywhere(string culture)
    {
        var run = In(culture, """
            $null = New-RunwareImage 'an isle'
            $today = [datetime]::Now.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
            $later = [datetime]::UtcNow.AddHours(1).ToString('yyyy-MM-dd HH:mm:ssZ', [cultureinfo]::InvariantCulture)
            @(Get-RunwareSpend -Since '2024-01-31').Count, @(Get-RunwareSpend -Until '2024-01-31').Count
            @(Get-RunwareSpend -Since $today).Count, @(Get-RunwareSpend -Since $later).Count, @(Get-RunwareSpend -Until $later).Count
            @(Get-RunwareSpend -Since (Get-Date).Date).Count, @(Get-RunwareSpend -Since ([DateTimeOffset]::UtcNow.AddHours(-1))).Count
            """);

        run.Errors.ShouldBeEmpty();
        run.Texts.ShouldBe(["1", "0", "1", "0", "1", "1", "1"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void A_date_that_could_be_another_day_is_refused(string culture)
    {
        foreach (var text in new[] { "03/04/2026", "3.4.2026", "2569-11-26", "1448-06-16", "1405/09/05", "26 November 2026", "soon" })
        {
            In(culture, $"Get-RunwareSpend -Since '{text}'").Error.Exception.Message.ShouldContain(text);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void A_row_of_csv_has_the_same_values_or_unknown_ones(string culture)
    {
        var run = In(culture, """
            $image = New-RunwareImage 'an isle' -Tag 'INDIGO' -Quality high
            $saved = $image | ConvertTo-Csv | ConvertFrom-Csv | Save-RunwareImage -Path $args[0] -FileName '{Tag}-{Width}-{Index}' -PassThru
            Split-Path $saved.Path -Leaf
            $saved.Cost
            $null -eq $saved.CreatedAt -or [math]::Abs(($saved.CreatedAt - $image.CreatedAt).TotalSeconds) -lt 2
            $info = Get-RunwareImageInfo -LiteralPath $saved.Path
            $null -eq $info.CreatedAt -or [math]::Abs(($info.CreatedAt - $image.CreatedAt).TotalSeconds) -lt 2
            $info.Cost
            $task = $image | Get-RunwareTask | ConvertTo-Csv | ConvertFrom-Csv | Wait-RunwareTask
            "$($task.Status) $($task.TaskUuid -eq $image.TaskUuid)"
            ($image | ConvertTo-Json | ConvertFrom-Json | Save-RunwareImage -Path $args[0] -PassThru).CreatedAt -eq $image.CreatedAt
            """, NewFolder());

        run.Errors.ShouldBeEmpty();
        run.Texts.ShouldBe(["INDIGO-1024-0.jpg", 0.167m.ToString(CultureInfo.CurrentCulture), "True", "True", 0.167m.ToString(CultureInfo.CurrentCulture), "Succeeded True", "True"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Cultures))]
    public void What_people_read_is_the_same(string culture)
    {
        const string Script = """
            New-RunwareImage 'an isle' -Quality high -Size Landscape -WhatIf
            New-RunwareImage 'an isle' -Quality high -MaxCost 0.1
            $model = Get-RunwareModel openai:1@1
            $model | Out-String
            $model | Format-List | Out-String
            $model.Price | Out-String
            $model.Price | Format-List | Out-String
            $model.Parameter | Out-String
            $null = Connect-Runware -Endpoint $sandbox.Endpoint -MaxCost 2.5
            (Get-RunwareConnection | Format-List | Out-String) -split '\r?\n' -match 'MaxCost'
            ((Test-RunwareConnection | Out-String).Trim() -split '\s+')[-1]
            """;
        var invariant = In("", Script);

        var run = In(culture, Script);

        run.Texts.ShouldBe(invariant.Texts);
        run.Texts.ShouldContain(text => text.Contains("2.5", StringComparison.Ordinal));
        run.Error.Exception.Message.ShouldBe(invariant.Error.Exception.Message);
    }

    [SkippableTheory]
    [InlineData("Connect-Runware -Endpoint $sandbox.Endpoint -TimeoutSec '1,5'")]
    [InlineData("Connect-Runware -Endpoint $sandbox.Endpoint -MaxRetryCount '1,5'")]
    [InlineData("Start-RunwareSandbox -Port '1,5'")]
    [InlineData("New-RunwareImage 'a bell' -TimeoutSec '1,5'")]
    [InlineData("New-RunwareImage 'a bell' -ThrottleLimit '1,5'")]
    [InlineData("Receive-RunwareTask ([guid]::NewGuid()) -TimeoutSec '1,5'")]
    public void A_comma_in_any_number_is_refused_and_not_read_as_15(string script) => German(script).Error.Exception.Message.ShouldContain("1,5");

    private EngineRun German(string script, params object?[] arguments) => In("de-DE", script, arguments);

    private EngineRun In(string culture, string script, params object?[] arguments) =>
        Session.Try($"[cultureinfo]::CurrentCulture = '{culture}'\n{script}", arguments);
}
