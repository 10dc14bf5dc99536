using System.Collections;
using System.Reflection;

namespace RunwarePS.Tests;

/// <summary>Objects that went through CLIXML, as remoting and jobs send them, are as good as new.</summary>
public sealed class SerializationTests : EngineTest
{
    private const string Roundtrip = "function roundtrip { process { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_)) } }";

    [Theory]
    [InlineData("URL")]
    [InlineData("base64Data")]
    [InlineData("dataURI")]
    public void An_image_from_clixml_is_saved(string outputType)
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run("""
            $image = New-RunwareImage 'a lamp' -OutputType $args[0] -OutputFormat PNG
            $image | Export-Clixml -LiteralPath (Join-Path $args[1] image.xml)
            $back = Import-Clixml -LiteralPath (Join-Path $args[1] image.xml)
            $back | Save-RunwareImage -Path (Join-Path $args[1] back) -NoMetadata | Out-Null
            $image | Save-RunwareImage -Path (Join-Path $args[1] live) -NoMetadata | Out-Null
            @(Get-ChildItem -LiteralPath $args[1] -Recurse -Filter *.png | Get-FileHash).Hash
            """, outputType, folder);

        run.Texts.Length.ShouldBe(2);
        run.Texts[0].ShouldBe(run.Texts[1]);
    }

    [Fact]
    public void An_image_keeps_its_types()
    {
        Session.StartSandbox();

        var run = Session.Run($$"""
            {{Roundtrip}}
            $image = New-RunwareImage 'a lamp' -Tag light -Quality high
            $image
            $image | roundtrip
            """);

        var (live, back) = (run.Output[0], run.Output[1]);
        back.TypeNames[0].ShouldBe("Deserialized.RunwarePS.RunwareImage");
        foreach (var name in new[] { "TaskUuid", "ImageUuid", "ImageUrl", "ImageBase64Data", "Seed", "NsfwContent", "Cost", "Prompt", "Model", "Width", "Height", "OutputFormat", "Index", "InputIndex", "Tag", "Path", "CreatedAt" })
        {
            back.Get(name).ShouldBe(live.Get(name), name);
        }

        back.Get("AdditionalData").ShouldBeOfType<Hashtable>();
        ((DateTime)back.Get("CreatedAt")!).Kind.ShouldBe(DateTimeKind.Utc);
    }

    [Fact]
    public void A_task_from_clixml_gives_its_images()
    {
        Session.StartSandbox();

        var run = Session.Run($$"""
            {{Roundtrip}}
            $task = New-RunwareImage 'a lamp' -Count 2 | Select-Object -First 1 | Get-RunwareTask
            $task | roundtrip | Save-RunwareImage -Path $args[0]
            """, NewFolder());

        run.Output.Length.ShouldBe(2);
    }

    [Fact]
    public void A_task_keeps_its_state_and_its_failures()
    {
        Session.StartSandbox("-Fault @{ Kind = 'PartialFailure' }");

        var run = Session.Run($$"""
            {{Roundtrip}}
            $image = New-RunwareImage 'a lamp' -Count 2 -ErrorAction SilentlyContinue
            $task = $image | Get-RunwareTask | roundtrip
            $task.Status
            $task.Image.Count
            $task.Failure[0].Code
            """);

        run.Texts.ShouldBe(["PartiallySucceeded", "1", "invalidProviderContent"]);
    }

    [Fact]
    public void An_image_from_clixml_pipes_into_the_other_cmdlets()
    {
        Session.StartSandbox();

        var run = Session.Run($$"""
            {{Roundtrip}}
            $back = New-RunwareImage 'a lamp' -Size Portrait | roundtrip
            ($back | Get-RunwareTask).Status
            ($back | New-RunwareImage).Height
            """);

        run.Texts.ShouldBe(["Succeeded", "1536"]);
    }

    [Fact]
    public void A_model_keeps_its_prices()
    {
        var run = Session.Run($$"""
            {{Roundtrip}}
            Set-StrictMode -Version Latest
            $back = Get-RunwareModel openai:1@1 | roundtrip
            $back.Price[0].Usd
            $back | Out-String -Width 80
            """);

        ((decimal)run.Output[0].BaseObject).ShouldBeGreaterThan(0);
        run.Texts[1].ShouldNotContain("unknown");
    }

    [Fact]
    public void A_record_of_json_is_saved_too()
    {
        Session.StartSandbox();

        Session.Run("New-RunwareImage 'a lamp' | ConvertTo-Json | ConvertFrom-Json | Save-RunwareImage -Path $args[0]", NewFolder()).Output.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("ConvertTo-Csv | ConvertFrom-Csv")]
    [InlineData("ConvertTo-Json -Depth 1 -WarningAction Ignore | ConvertFrom-Json")]
    public void A_task_whose_images_became_text_is_no_failure(string roundTrip)
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Try($$"""
            $task = New-RunwareImage 'a fox' -Async | Wait-RunwareTask
            $task | {{roundTrip}} | Export-RunwareGallery (Join-Path $args[0] g.html)
            $task | {{roundTrip}} | Save-RunwareImage -Path $args[0]
            $task.TaskUuid
            """, folder);

        var page = File.ReadAllText(Path.Combine(folder, "g.html"));
        page.ShouldNotContain("class=\"card failure\"");
        page.ShouldContain("Succeeded");
        page.ShouldContain($"Receive-RunwareTask {run.Text}");
        run.Error.ToString().ShouldContain($"run Receive-RunwareTask {run.Text}.");
        run.Error.ToString().TrimEnd().ShouldNotEndWith(":");
    }

    [Fact]
    public void A_task_that_failed_is_a_failure_after_csv_too_and_its_error_states_where_the_reason_is()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Try("""
            $failed = [RunwarePS.RunwareTask]@{ TaskUuid = [guid]::NewGuid(); TaskType = 'imageInference'; Status = 'Failed'; Failure = [RunwarePS.RunwareFailure]@{ Code = 'x'; Message = 'It broke.' } }
            $empty = [RunwarePS.RunwareTask]@{ TaskUuid = [guid]::NewGuid(); TaskType = 'imageInference'; Status = 'Failed'; Failure = [RunwarePS.RunwareFailure]::new() }
            $failed, $failed, $empty | ForEach-Object { $n = 0 } { if ($n++) { $_ } else { $_ | ConvertTo-Csv | ConvertFrom-Csv } } | Save-RunwareImage -Path $args[0]
            $failed | ConvertTo-Csv | ConvertFrom-Csv | Export-RunwareGallery (Join-Path $args[0] g.html)
            """, folder);

        run.Errors.Length.ShouldBe(3);
        run.Errors[0].ToString().ShouldContain("To see it, run Receive-RunwareTask");
        run.Errors[1].ToString().ShouldContain("It broke.");
        run.Errors[2].ToString().ShouldContain("To see it, run Receive-RunwareTask");
        File.ReadAllText(Path.Combine(folder, "g.html")).ShouldContain("class=\"card failure\"");
    }

    [Fact]
    public void An_image_from_csv_is_saved_shown_and_named()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run("""
            $rows = New-RunwareImage 'a fox' -Count 2 -Tag t | ConvertTo-Csv | ConvertFrom-Csv
            $saved = $rows | Save-RunwareImage -Path $args[0] -FileName '{Tag}-{Index}' -PassThru
            $saved | ConvertTo-Csv | ConvertFrom-Csv | Export-RunwareGallery (Join-Path $args[0] g.html)
            ($saved[1].Path | Get-RunwareImageInfo | Select-Object Prompt, Cost, Width | ForEach-Object { "$($_.Prompt)|$($_.Cost)|$($_.Width)" })
            """, folder);

        run.Text.ShouldStartWith("a fox|0.");
        run.Text.ShouldEndWith("|1024");
        File.ReadAllText(Path.Combine(folder, "g.html")).ShouldContain("src=\"t-1.jpg\"");
    }

    [Theory]
    [InlineData("RunwarePS.RunwareImage")]
    [InlineData("RunwarePS.RunwareVideo")]
    [InlineData("RunwarePS.RunwareAudio")]
    [InlineData("RunwarePS.RunwareFile")]
    [InlineData("RunwarePS.RunwareText")]
    [InlineData("RunwarePS.RunwareResult")]
    [InlineData("RunwarePS.RunwareTask")]
    [InlineData("RunwarePS.RunwareFailure")]
    public void Types_that_must_survive_are_plain_and_can_be_made_empty(string name)
    {
        var type = Session.Run($"[{name}]").Value<Type>();

        type.GetConstructor(Type.EmptyTypes).ShouldNotBeNull();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            property.SetMethod.ShouldNotBeNull(property.Name).IsPublic.ShouldBeTrue(property.Name);
            var plain = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            (plain.IsPrimitive || plain == typeof(string) || plain == typeof(Guid) || plain == typeof(decimal) || plain == typeof(DateTime) || plain == typeof(Uri)
                || plain == typeof(Hashtable) || (plain == typeof(object) && property.Name == "Data") // any JSON
                || (plain.IsArray && plain.GetElementType()!.Namespace == "RunwarePS")).ShouldBeTrue($"{property.Name} is {plain}");
        }
    }
}
