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
    public void A_picture_from_clixml_is_saved(string outputType)
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
    public void A_picture_keeps_its_types()
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
    public void A_task_from_clixml_gives_its_pictures()
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
    public void A_picture_from_clixml_pipes_into_the_other_cmdlets()
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
    [InlineData("RunwarePS.RunwareImage")]
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
                || plain == typeof(Hashtable) || (plain.IsArray && plain.GetElementType()!.Namespace == "RunwarePS")).ShouldBeTrue($"{property.Name} is {plain}");
        }
    }
}
