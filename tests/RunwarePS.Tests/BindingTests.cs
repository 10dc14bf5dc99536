using System.Text.Json.Nodes;

namespace RunwarePS.Tests;

/// <summary>What rows and objects may hold. Nothing is dropped in silence, and nothing is bought with a default that nobody asked for.</summary>
public sealed class BindingTests : EngineTest
{
    [Theory]
    [InlineData("Prompt,Width,Height,Count,Quality,OutputType,OutputFormat,OutputQuality,Model,IncludeCost")]
    [InlineData("positivePrompt,width,height,numberResults,quality,outputType,outputFormat,outputQuality,model,includeCost")]
    public void A_row_of_csv_binds_in_either_spelling(string header)
    {
        Session.StartSandbox();
        var file = Path.Combine(NewFolder(), "rows.csv");
        File.WriteAllLines(file, [header, "a paper boat,1536,1024,2,low,URL,PNG,80,openai:1@1,false"]);

        Session.Run("Import-Csv -LiteralPath $args[0] | New-RunwareImage", file).Output.Length.ShouldBe(2);

        var sent = Session.Sent.ShouldHaveSingleItem();
        sent.Remove("taskUUID");
        JsonNode.DeepEquals(sent, JsonNode.Parse("""
            {
              "taskType": "imageInference", "model": "openai:1@1", "positivePrompt": "a paper boat", "width": 1536, "height": 1024,
              "numberResults": 2, "outputType": "URL", "outputFormat": "PNG", "outputQuality": 80, "providerSettings": { "openai": { "quality": "low" } }
            }
            """)).ShouldBeTrue(sent.ToJsonString());
    }

    [Fact]
    public void Rows_of_different_models_send_their_options_where_each_model_takes_them()
    {
        Session.StartSandbox();

        var run = Session.Try("""
            '[{ "prompt": "a kite", "model": "openai:1@1", "quality": "high" },
              { "prompt": "a kite", "model": "openai:gpt-image@2.5-flare", "quality": "MAX", "background": "transparent", "outputFormat": "webp" },
              { "prompt": "a kite", "model": "openai:gpt-image@2", "background": "opaque" },
              { "prompt": "a kite", "model": "openai:gpt-image@2.5-sunburst", "width": 1000, "height": 1024 },
              { "prompt": "a kite", "model": "openai:gpt-image@2", "quality": "low" }]' | ConvertFrom-Json | New-RunwareImage -ThrottleLimit 1
            """);

        run.Output.Length.ShouldBe(3);
        run.Errors.Select(e => e.Get("Parameter")).ShouldBe(["Background", "Width"]);
        var sent = Session.Sent;
        sent.Select(s => (s["providerSettings"] ?? s["settings"])!.ToJsonString())
            .ShouldBe(["""{"openai":{"quality":"high"}}""", """{"quality":"max","background":"transparent"}""", """{"openai":{"quality":"low"}}"""]);
        sent.Select(s => s.ContainsKey("width")).ShouldBe([true, false, true]);
    }

    [Fact]
    public void A_row_of_json_in_the_api_spelling_binds()
    {
        Session.StartSandbox();

        Session.Run("""
            '[{ "positivePrompt": "a paper boat", "width": 1024, "height": 1536, "numberResults": 1, "outputFormat": "WEBP", "includeCost": true }]' |
                ConvertFrom-Json | New-RunwareImage
            """).Output.Length.ShouldBe(1);

        var sent = Session.Sent.ShouldHaveSingleItem();
        sent["height"]!.GetValue<int>().ShouldBe(1536);
        sent["outputFormat"]!.GetValue<string>().ShouldBe("WEBP");
        sent["includeCost"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public void What_was_not_given_stays_off_the_wire()
    {
        Session.StartSandbox();

        Session.Run("New-RunwareImage 'a paper boat'; New-RunwareImage 'a paper boat' -NoCost");

        string[] always = ["taskType", "taskUUID", "model", "positivePrompt", "width", "height"];
        Session.Sent[0].Select(p => p.Key).ShouldBe([.. always, "includeCost"], ignoreOrder: true);
        Session.Sent[1].Select(p => p.Key).ShouldBe(always, ignoreOrder: true);
    }

    [Fact]
    public void An_empty_cell_means_not_given()
    {
        Session.StartSandbox();

        Session.Run("""
            "Prompt,Width,Height,Size,Count,Quality,Background,OutputType,OutputFormat,OutputQuality,Model,Tag,includeCost`na paper boat,,,,,,,,,,,,", "Prompt`na paper boat" |
                ForEach-Object { ConvertFrom-Csv ($_ -split "`n") } | New-RunwareImage
            """);

        var sent = Session.Sent;
        Array.ForEach(sent, task => task.Remove("taskUUID"));
        JsonNode.DeepEquals(sent[0], sent[1]).ShouldBeTrue(sent[0].ToJsonString());
        sent[0]["width"]!.GetValue<int>().ShouldBe(1024);
    }

    [Theory]
    [InlineData("Width", "abc")]
    [InlineData("width", "10.5")]
    [InlineData("Height", "1e")]
    [InlineData("Count", "two")]
    [InlineData("numberResults", "two")]
    [InlineData("OutputQuality", "95%")]
    [InlineData("outputQuality", "best")]
    [InlineData("IncludeCost", "maybe")]
    [InlineData("includeCost", "maybe")]
    [InlineData("CheckContent", "maybe")]
    [InlineData("TimeToLive", "soon")]
    [InlineData("ttl", "-5")]
    [InlineData("webhookURL", "hook")]
    public void A_wrong_cell_is_an_error_for_its_row_and_buys_nothing(string column, string cell)
    {
        Session.StartSandbox();

        var run = Session.Try($$"""
            @'
            Prompt,{{column}}
            before,
            wrong,{{cell}}
            after,
            '@ | ConvertFrom-Csv | New-RunwareImage
            """);

        run.Ended.ShouldBeNull();
        Session.SentPrompts.ShouldBe(["before", "after"], ignoreOrder: true);
        run.Output.Length.ShouldBe(2);
        run.Error.Exception.Message.ShouldContain(cell);
    }

    [Fact]
    public void A_row_without_a_cell_does_not_inherit_the_one_before()
    {
        Session.StartSandbox();

        Session.Run("""
            [pscustomobject]@{ Prompt = 'one'; Width = '1536'; Height = '1024'; Count = '2'; Quality = 'low'; OutputFormat = 'PNG'; Tag = 'first'; includeCost = 'false'; CheckContent = 'true'; ttl = '600' },
            [pscustomobject]@{ Prompt = 'two' },
            [pscustomobject]@{ Prompt = 'three'; Width = ''; Height = ''; Count = ''; Quality = ''; OutputFormat = ''; Tag = ''; includeCost = ''; CheckContent = ''; ttl = '' },
            'four' | New-RunwareImage -ThrottleLimit 1 | Select-Object -Last 3 -OutVariable last | Out-Null
            """);

        foreach (var task in Session.Sent[1..])
        {
            task.Select(p => p.Key).ShouldBe(["taskType", "taskUUID", "model", "positivePrompt", "width", "height", "includeCost"], ignoreOrder: true);
            task["width"]!.GetValue<int>().ShouldBe(1024);
        }

        Session.Run("$last.Tag").Texts.ShouldAllBe(tag => tag.Length == 0);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Text = 'a paper boat' }")]
    [InlineData("[pscustomobject]@{ Width = 1024; Height = 1024 }")]
    [InlineData("@{ Text = 'a paper boat' }")]
    [InlineData("Get-Item -LiteralPath $PSHOME")]
    [InlineData("Get-ChildItem -LiteralPath $PSHOME -File | Select-Object -First 1")]
    [InlineData("42")]
    [InlineData("[datetime]'2026-01-02'")]
    [InlineData("[guid]::NewGuid()")]
    [InlineData("$true")]
    [InlineData("$null")]
    [InlineData("''")]
    [InlineData("[pscustomobject]@{ Prompt = '' }")]
    [InlineData("[pscustomobject]@{ positivePrompt = $null }")]
    public void A_record_without_a_prompt_buys_nothing(string record)
    {
        Session.StartSandbox();

        var run = Session.Try($"{record} | New-RunwareImage");

        run.Error.Id().ShouldBe("PromptMissing");
        run.Error.CategoryInfo.Category.ShouldBe(System.Management.Automation.ErrorCategory.InvalidArgument);
        run.Error.Get("Parameter").ShouldBe("Prompt");
        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void A_prompt_that_names_a_file_stays_a_prompt()
    {
        Session.StartSandbox();
        var file = Path.Combine(NewFolder(), "idea.txt");
        File.WriteAllText(file, "what stands in the file");

        Session.Run("New-RunwareImage $args[0]", file);

        Session.SentPrompts.ShouldBe([file]);
    }

    [Fact]
    public void Values_of_the_catalog_are_matched_without_case_and_sent_as_the_api_spells_them()
    {
        Session.StartSandbox();

        Session.Run("New-RunwareImage 'a paper boat' -Size landscape -Quality HIGH -Background Opaque -OutputType datauri -OutputFormat webp -Model OPENAI:1@1");

        var sent = Session.Sent.ShouldHaveSingleItem();
        sent["model"]!.GetValue<string>().ShouldBe("openai:1@1");
        sent["outputType"]!.GetValue<string>().ShouldBe("dataURI");
        sent["outputFormat"]!.GetValue<string>().ShouldBe("WEBP");
        sent["width"]!.GetValue<int>().ShouldBe(1536);
        sent["providerSettings"]!["openai"]!["quality"]!.GetValue<string>().ShouldBe("high");
        sent["providerSettings"]!["openai"]!["background"]!.GetValue<string>().ShouldBe("opaque");
    }

    [Fact]
    public void A_model_that_the_catalog_does_not_know_is_sent_as_it_stands()
    {
        Session.StartSandbox();

        Session.Try("New-RunwareImage 'a paper boat' -Model nobody:9@9 -Width 640 -Height 480 -OutputFormat tiff");

        var sent = Session.Sent.ShouldHaveSingleItem();
        sent["model"]!.GetValue<string>().ShouldBe("nobody:9@9");
        sent["width"]!.GetValue<int>().ShouldBe(640);
        sent["outputFormat"]!.GetValue<string>().ShouldBe("tiff");
    }

    [Theory]
    [InlineData("-Width 512 -Height 512", "ParameterOutOfRange", "Width", "1536x1024")]
    [InlineData("-Width 1024", "ParameterOutOfRange", "Height", "1024")]
    [InlineData("-Height 1024", "ParameterOutOfRange", "Width", "1024")]
    [InlineData("-Size Panorama", "ParameterOutOfRange", "Size", "Landscape")]
    [InlineData("-Size 1536x1024 -Width 1536", "ParameterConflict", "Size", "1536x1024")]
    [InlineData("-Count 0", "ParameterOutOfRange", "Count", "20")]
    [InlineData("-Count 21", "ParameterOutOfRange", "Count", "20")]
    [InlineData("-OutputQuality 19", "ParameterOutOfRange", "OutputQuality", "99")]
    [InlineData("-OutputQuality 100", "ParameterOutOfRange", "OutputQuality", "99")]
    [InlineData("-Quality best", "ParameterOutOfRange", "Quality", "medium")]
    [InlineData("-Background green", "ParameterOutOfRange", "Background", "opaque")]
    [InlineData("-OutputType file", "ParameterOutOfRange", "OutputType", "base64Data")]
    [InlineData("-OutputFormat GIF", "ParameterOutOfRange", "OutputFormat", "WEBP")]
    [InlineData("-Background transparent", "TransparencyNeedsAlpha", "OutputFormat", "PNG")]
    [InlineData("-Background transparent -OutputFormat JPG", "TransparencyNeedsAlpha", "OutputFormat", "WEBP")]
    public void A_value_that_is_not_allowed_is_an_error_of_its_record_that_states_what_is(string arguments, string id, string parameter, string allowed)
    {
        Session.StartSandbox();

        var run = Session.Try($"'a paper boat', 'a paper hat' | New-RunwareImage {arguments}");

        run.Ended.ShouldBeNull();
        run.Errors.Length.ShouldBe(2);
        run.Errors.ShouldAllBe(e => e.Id() == id && (string)e.Get("Parameter")! == parameter);
        run.Errors[0].Exception.Message.ShouldContain(allowed);
        run.Errors.Select(e => e.Target("InputIndex")).ShouldBe([0, 1]);
        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void A_prompt_of_32000_characters_goes_and_one_more_does_not()
    {
        Session.StartSandbox();

        var run = Session.Try("('x' * 32000), ('x' * 32001) | New-RunwareImage");

        run.Output.Length.ShouldBe(1);
        run.Error.Id().ShouldBe("ParameterOutOfRange");
        run.Error.Get("Parameter").ShouldBe("Prompt");
        run.Error.Exception.Message.Length.ShouldBeLessThan(500);
    }

    [Fact]
    public void One_task_id_serves_one_record()
    {
        Session.StartSandbox();

        var run = Session.Try("'one', 'two' | New-RunwareImage -TaskUuid 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21");

        run.Output.ShouldHaveSingleItem().Get("TaskUuid").ShouldBe(Guid.Parse("3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21"));
        run.Error.Id().ShouldBe("TaskUuidReused");
        Session.SentPrompts.ShouldBe(["one"]);
    }

    [Fact]
    public void The_task_id_of_a_piped_object_is_not_taken()
    {
        Session.StartSandbox();

        Session.Run("[pscustomobject]@{ Prompt = 'a paper boat'; taskUUID = '3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21' } | New-RunwareImage");

        Session.Sent.ShouldHaveSingleItem()["taskUUID"]!.GetValue<string>().ShouldNotStartWith("3f0c1d5e");
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("'1'", 1)]
    [InlineData("0.3", 0.3)]
    [InlineData("'00:00:01'", 1)]
    [InlineData("([timespan]::FromSeconds(0.4))", 0.4)]
    public void A_duration_is_a_time_span_or_seconds(string given, double seconds)
    {
        Session.StartSandbox($"-Latency {given}");
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Session.Run("New-RunwareImage 'a paper boat'");

        watch.Elapsed.TotalSeconds.ShouldBeInRange(seconds * 0.95, seconds + 60); // neither ticks nor days
    }
}
