using System.Text.Json.Nodes;

namespace RunwarePS.Tests;

/// <summary>Rows of any origin: what the engine can't bind, what no parameter takes, what is blank, and what is given twice.</summary>
public sealed class RowTests : EngineTest
{
    public RowTests() => Session.StartSandbox();

    [Theory]
    [InlineData("Width", "'abc'")]
    [InlineData("numberResults", "'two'")]
    [InlineData("ttl", "'soon'")]
    [InlineData("webhookURL", "'hook'")]
    [InlineData("CheckContent", "'maybe'")]
    [InlineData("includeCost", "'maybe'")]
    [InlineData("seed", "'1.5'")]
    [InlineData("CFGScale", "'high'")]
    [InlineData("Strength", "'0,5'")]
    [InlineData("Tag", "(Get-Date)")]
    [InlineData("Quality", "@{ a = 1 }")]
    [InlineData("Model", "[pscustomobject]@{ a = 1 }")]
    [InlineData("IdempotencyKey", "@(1, 2)")]
    [InlineData("providerSettings", "'high'")]
    [InlineData("steps", "'many'")]
    public void An_unreadable_cell_is_an_error_that_names_record_and_column_and_shifts_no_other(string column, string cell)
    {
        var run = Session.Try($$"""
            [pscustomobject]@{ Prompt = 'zero' }, [pscustomobject]@{ Prompt = 'one'; {{column}} = {{cell}} }, [pscustomobject]@{ Prompt = 'two' } |
                New-RunwareImage | Sort-Object InputIndex
            """);

        run.Ended.ShouldBeNull();
        run.Error.Id().ShouldBe("ParameterUnreadable");
        run.Error.Target("InputIndex").ShouldBe(1);
        run.Error.Target("Prompt").ShouldBe("one");
        run.Error.Exception.Message.ShouldContain($"'{column}'");
        $"{run.Error}".ShouldStartWith("Record 2 (one): ");
        run.Output.Select(i => $"{i.Get("Prompt")} {i.Get("InputIndex")}").ShouldBe(["zero 0", "two 2"]);
    }

    [Fact]
    public void A_refused_record_has_its_place_whatever_refuses_it()
    {
        var run = Session.Try("""
            [pscustomobject]@{ Prompt = '' }, 42, $null, [pscustomobject]@{ Prompt = 'b'; Size = 'Huge' }, [pscustomobject]@{ positivePrompt = 'c'; width = 'x' }, 'd' |
                New-RunwareImage
            """);

        run.Errors.Select(e => e.Target("InputIndex")).ShouldBe([0, 1, 2, 3, 4]);
        run.Output.ShouldHaveSingleItem().Get("InputIndex").ShouldBe(5);
    }

    [Theory]
    [InlineData("New-RunwareImage x -Width abc", "'abc'")]
    [InlineData("New-RunwareImage x -IncludeCost maybe", "'maybe'")]
    [InlineData("New-RunwareImage x -Seed 1.5", "'1.5'")]
    [InlineData("New-RunwareImage x -Tag (Get-Date)", "Tag")]
    [InlineData("New-RunwareImage x -TaskUuid 12", "'12'")]
    [InlineData("'x', 'y' | New-RunwareImage -Width abc", "'abc'")]
    public void An_unreadable_argument_ends_the_command(string command, string named)
    {
        var run = Session.Try(command);

        run.Error.Exception.Message.ShouldContain(named);
        Session.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void A_wrong_url_of_the_command_line_is_not_repeated() =>
        Session.Try("New-RunwareImage x -WebhookUrl 'hook?token=s3cret'").Error.ToString().ShouldNotContain("s3cret");

    [Theory]
    [InlineData("seed", "seed")]
    [InlineData("Seed", "seed")]
    [InlineData("negativePrompt", "negativePrompt")]
    [InlineData("STEPS", "steps")]
    [InlineData("cfgscale", "CFGScale")]
    [InlineData("scheduler", "scheduler")]
    [InlineData("strength", "strength")]
    [InlineData("seedImage", "inputs.seedImage")]
    [InlineData("MaskImage", "inputs.maskImage")]
    [InlineData("lora", "lora")]
    [InlineData("ControlNet", "controlNet")]
    [InlineData("settings", "settings")]
    [InlineData("settings.steps", "settings.steps")]
    [InlineData("duration", "duration")]
    [InlineData("messages", "messages")]
    [InlineData("resolution", "resolution")]
    public void A_column_of_the_api_goes_to_a_model_that_may_take_it_and_is_refused_for_one_that_does_not(string column, string path)
    {
        const string Values = """
            $values = @{ lora = @(@{ model = 'a:1@1'; weight = 1 }); ControlNet = @(@{ model = 'b' }); settings = @{ steps = 3 }; messages = @(@{ role = 'user' })
                seedImage = '3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21'; MaskImage = '3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21' }
            """;

        Session.Try($$"""
            {{Values}}
            [pscustomobject]@{ positivePrompt = 'a tree'; model = 'civitai:101055@128078'; '{{column}}' = $values['{{column}}'] ?? '1' } | New-RunwareImage
            """);
        var sent = Session.Sent.ShouldHaveSingleItem();
        path.Split('.').Aggregate((JsonNode?)sent, (node, key) => node?[key]).ShouldNotBeNull(sent.ToJsonString());

        var run = Session.Try($$"""
            {{Values}}
            [pscustomobject]@{ positivePrompt = 'a tree'; '{{column}}' = $values['{{column}}'] ?? '1' } | New-RunwareImage
            """);
        run.Error.Id().ShouldBe("ParameterOutOfRange");
        run.Error.Exception.Message.ShouldContain(path.StartsWith("inputs.", StringComparison.Ordinal) ? column : path.Split('.')[0]);
        Session.Sent.Length.ShouldBe(1);
    }

    [Fact]
    public void Numbers_of_a_text_file_are_numbers_on_the_wire()
    {
        Session.Try("""
            'Prompt,Model,steps,seed,CFGScale,strength,clipSkip,layerDiffuse,fps,duration,lora,settings.detail',
            'a tree,civitai:1@2,30,9007199254740993,7.50,1.0,2,true,24,auto,"[{""model"":""c:1@1""}]",0.5' | ConvertFrom-Csv | New-RunwareImage
            """);

        var sent = Session.Sent.ShouldHaveSingleItem();
        new[] { "steps", "seed", "CFGScale", "strength", "clipSkip", "layerDiffuse", "fps", "duration", "lora" }.Select(key => sent[key]!.ToJsonString())
            .ShouldBe(["30", "9007199254740993", "7.5", "1", "2", "true", "24", "\"auto\"", """[{"model":"c:1@1"}]"""]);
        sent["settings"]!.ToJsonString().ShouldBe("""{"detail":0.5}""");
    }

    [Fact]
    public void Any_other_column_belongs_to_the_user()
    {
        var run = Session.Run("[pscustomobject]@{ Prompt = 'a tree'; Name = 'n'; Note = 'x'; Category = 'c'; Comment = 'y'; Qualty = 'high'; id = 7 } | New-RunwareImage");

        run.Warnings.ShouldBeEmpty();
        Session.Sent.ShouldHaveSingleItem().Count.ShouldBe(7);
    }

    [Theory]
    [InlineData("''")]
    [InlineData("' '")]
    [InlineData("\"`t\"")]
    [InlineData("$null")]
    [InlineData("[DBNull]::Value")]
    [InlineData("[NullString]::Value")]
    public void A_blank_cell_is_as_good_as_no_cell(string blank)
    {
        Session.Run($$"""
            $row = [ordered]@{ Prompt = 'a tree' }
            foreach ($name in (Get-Command New-RunwareImage).Parameters.Values.Where{ $_.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true }.Name) {
                if ($name -ne 'Prompt') { $row[$name] = {{blank}} }
            }
            foreach ($name in 'lora', 'settings', 'duration', 'clipSkip') { $row[$name] = {{blank}} }
            [pscustomobject]$row | New-RunwareImage
            """);

        Session.Sent.ShouldHaveSingleItem().Select(p => p.Key).ShouldBe(["taskType", "taskUUID", "positivePrompt", "model", "width", "height", "includeCost"], ignoreOrder: true);
    }

    [Fact]
    public void A_row_of_a_database_binds()
    {
        var image = Session.Run("""
            $table = [Data.DataTable]::new()
            'positivePrompt', 'quality', 'negativePrompt' | ForEach-Object { [void]$table.Columns.Add($_, [string]) }
            'width', 'height', 'seed' | ForEach-Object { [void]$table.Columns.Add($_, [long]) }
            [void]$table.Rows.Add('a boat', 'low', [DBNull]::Value, 1536, 1024, [DBNull]::Value)
            [void]$table.Rows.Add([DBNull]::Value, 'low', [DBNull]::Value, 1536, 1024, [DBNull]::Value)
            $table.Rows | New-RunwareImage -ErrorAction SilentlyContinue -ErrorVariable refused
            """).Output.ShouldHaveSingleItem();

        image.Get("Width").ShouldBe(1536);
        Session.Sent.ShouldHaveSingleItem()["providerSettings"]!["openai"]!["quality"]!.GetValue<string>().ShouldBe("low");
        Session.Run("$refused[0].FullyQualifiedErrorId").Text.ShouldStartWith("PromptMissing");
    }

    [Theory]
    [InlineData("New-RunwareImage -Prompt 'a cat', 'a dog'")]
    [InlineData("New-RunwareImage 'a cat', 'a dog'")]
    [InlineData("'a cat', 'a dog' | New-RunwareImage")]
    [InlineData(", @('a cat', 'a dog') | New-RunwareImage")]
    [InlineData("[pscustomobject]@{ Prompt = 'a cat', 'a dog' } | New-RunwareImage")]
    [InlineData("([xml]'<all><row Prompt=\"a cat\"/><row Prompt=\"a dog\"/></all>').all.row | New-RunwareImage")]
    [InlineData("'{ \"positivePrompt\": [\"a cat\", \"a dog\"] }' | ConvertFrom-Json | New-RunwareImage")]
    public void Several_prompts_are_several_records(string command)
    {
        var images = Session.Run(command).Output;

        images.Select(i => $"{i.Get("Prompt")} {i.Get("InputIndex")}").Order(StringComparer.Ordinal).ShouldBe(["a cat 0", "a dog 1"]);
        images.Select(i => i.Get("TaskUuid")).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Of_several_prompts_the_wrong_one_is_named()
    {
        var run = Session.Try("New-RunwareImage 'a cat', ' ', 'a dog', 42");

        run.Output.Length.ShouldBe(2);
        run.Errors.Select(e => $"{e.Id()} {e.Target("InputIndex")}").ShouldBe(["PromptMissing 1", "PromptMissing 3"]);
        $"{run.Errors[0]}".ShouldStartWith("Record 2: ");
    }

    [Theory]
    [InlineData("New-RunwareVideo -Model klingai:kling-video@2.6-pro -Duration 5 -Size 1920x1080 -Prompt 'a cat', ' '")]
    [InlineData("New-RunwareAudio -Model inworld:tts@1.5-mini -Text 'a cat', ' '")]
    [InlineData("New-RunwareText -Model deepseek:v4@flash -Prompt 'a cat', ' '")]
    public void Of_several_texts_of_any_cmdlet_the_wrong_one_is_named(string command)
    {
        var run = Session.Try($"{command} -WhatIf");

        $"{run.Errors.ShouldHaveSingleItem()}".ShouldStartWith("Record 2: ");
    }

    [Fact]
    public void A_piped_image_is_a_reference_when_the_prompt_is_on_the_command_line()
    {
        Session.Run("""
            $boat = New-RunwareImage 'a paper boat' -Size Landscape -OutputFormat PNG -Quality low -Tag boats
            $boat, ([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($boat))),
                ($boat | ConvertTo-Csv | ConvertFrom-Csv), ($boat | ConvertTo-Json | ConvertFrom-Json) | New-RunwareImage 'the same boat at sea'
            New-RunwareImage 'the same boat at sea' -ReferenceImage $boat
            """);

        var sent = Session.Sent[1..];
        Array.ForEach(sent, task => task.Remove("taskUUID"));
        sent.Length.ShouldBe(5);
        sent.ShouldAllBe(task => JsonNode.DeepEquals(task, sent[4])); // nothing of the image but the reference
        sent[0]["inputs"]!["referenceImages"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public void A_piped_image_keeps_what_a_script_block_of_the_command_line_takes_from_it()
    {
        var image = Session.Run("New-RunwareImage 'a boat' -Tag boats | New-RunwareImage 'at sea' -Tag { $_.Tag + '!' }").Output.ShouldHaveSingleItem();

        image.Get("Tag").ShouldBe("boats!");
    }

    [Fact]
    public void A_result_that_is_made_again_sends_its_seed_only_where_a_model_takes_one()
    {
        Session.Try("""
            $image = New-RunwareImage 'a boat'
            $image.Seed = 42
            $image | New-RunwareImage
            $image.Model = 'civitai:1@2'
            $image | New-RunwareImage
            """);

        Session.Sent.Select(task => task["seed"]?.ToJsonString()).ShouldBe([null, null, "42"]);
    }

    [Theory]
    [InlineData("'a boat', 'a plane' | New-RunwareImage 'a cat'", "String")]
    [InlineData("1 | New-RunwareImage 'a cat'", "Int32")]
    [InlineData("@{ Size = 'Square' } | New-RunwareImage 'a cat'", "Hashtable")]
    [InlineData(", @('a boat', 'a plane') | New-RunwareImage 'a cat'", "Object[]")]
    [InlineData("[pscustomobject]@{ Note = 'x' } | New-RunwareImage 'a cat'", "doesn't contain a property")]
    [InlineData("New-RunwareImage 'a cat' | New-RunwareImage 'a dog' -ReferenceImage 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", "ReferenceImage")]
    public void What_would_be_left_out_is_an_error(string command, string named)
    {
        var run = Session.Try(command);

        run.Ended.ShouldBeNull();
        run.Errors.ShouldAllBe(e => e.Exception.Message.Contains(named));
        run.Errors.ShouldNotBeEmpty();
        Session.SentPrompts.ShouldAllBe(prompt => prompt != "a dog");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public void Rows_of_other_parameters_go_with_a_prompt_of_the_command_line()
    {
        Session.Run("'Size,Quality', 'Square,low', 'Portrait,high' | ConvertFrom-Csv | New-RunwareImage 'a cat'");

        Session.Sent.Select(task => $"{task["width"]}x{task["height"]} {task["providerSettings"]!["openai"]!["quality"]}").Order(StringComparer.Ordinal)
            .ShouldBe(["1024x1024 low", "1024x1536 high"]);
    }

    [Fact]
    public void What_the_module_sends_pipes_in_again()
    {
        Session.Run("""
            New-RunwareImage 'a cat' -OutputFormat PNG | Save-RunwareImage -Path $args[0] -FileName ref | Out-Null
            New-RunwareImage 'the same' -ReferenceImage (Join-Path $args[0] ref.png) -Quality low -CheckContent -SafetyMode fast | Out-Null
            $sandbox.Request[-1].Body | ConvertFrom-Json | New-RunwareImage | Out-Null
            """, NewFolder());

        var sent = Session.Sent[1..];
        Array.ForEach(sent, task => task.Remove("taskUUID"));
        JsonNode.DeepEquals(sent[0], sent[1]).ShouldBeTrue();
    }

    [Fact]
    public void Skipped_validation_leaves_the_check_to_the_api()
    {
        var run = Session.Try("New-RunwareImage 'a cat' -Width 640 -Seed 7 -SkipValidation");

        run.Error.Id().ShouldStartWith("Runware.");
        var sent = Session.Sent.ShouldHaveSingleItem();
        sent["width"]!.ToJsonString().ShouldBe("640");
        sent["seed"]!.ToJsonString().ShouldBe("7");
        sent["height"].ShouldBeNull();
    }

    [Theory]
    [InlineData("gpt-image-1", "openai:1@1")]
    [InlineData("GPT Image 1", "openai:1@1")]
    [InlineData("opnai:1@1", "openai:1@1")]
    public void A_name_that_is_nearly_a_models_states_which_once(string name, string nearest)
    {
        var run = Session.Try($"'a', 'b' | New-RunwareImage -Model '{name}' -WhatIf 6> $null");

        run.Warnings.ShouldHaveSingleItem().ShouldContain(nearest);
        run.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("civitai:101055@128078")]
    [InlineData("runware:101@1")]
    [InlineData("newmaker:3@1")]
    [InlineData("google:4@1")]
    public void A_name_of_its_own_is_no_slip(string name) =>
        Session.Run($"New-RunwareImage 'a tree' -Model '{name}' -WhatIf 6> $null").Warnings.ShouldBeEmpty();
}
