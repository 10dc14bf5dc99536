namespace RunwarePS.Tests;

/// <summary>Get-RunwareModel's filters and pages, and Update-RunwareModel against the sandbox's documents.</summary>
public sealed class ModelTests : EngineTest
{
    [Fact]
    public void Filters_select_by_task_type_capability_and_status()
    {
        var run = Session.Run("""
            $videos = @(Get-RunwareModel -TaskType videoInference)
            $videos.Count -gt 50
            @($videos.TaskType | Select-Object -Unique) -join ' '
            @(Get-RunwareModel -Capability edit -Status live | Where-Object { 'edit' -notin $_.Capability -or $_.Status -ne 'live' }).Count
            @(Get-RunwareModel -TaskType none).Count
            """);

        run.Texts.ShouldBe(["True", "videoInference", "0", "0"]);
    }

    [Fact]
    public void Several_models_are_got_by_one_call_and_those_that_are_not_found_are_errors_of_their_own()
    {
        var run = Session.Try("Get-RunwareModel openai:1@1, no:such@1, bfl-flux-1-dev, no:other@1, *image-1-mini");

        run.Output.Select(o => o.Get("Slug")).ShouldBe(["openai-gpt-image-1", "bfl-flux-1-dev", "openai-gpt-image-1-mini"]);
        run.Errors.Select(e => $"{e.Id()} {e.TargetObject}").ShouldBe(["ModelNotFound no:such@1", "ModelNotFound no:other@1"]);
        Session.Run("Get-RunwareModel openai:1@1, bfl-flux-1-dev | Out-String").Text.ShouldContain("Price (USD)");
        Session.Run("(Get-RunwareModel openai:1@1, openai:1@2 | Get-RunwareModel).Slug -join ' '").Text.ShouldBe("openai-gpt-image-1 openai-gpt-image-1-mini");
        Session.Run("('openai:1@1', 'openai:1@2' | Get-RunwareModel).Count").Value<int>().ShouldBe(2);
    }

    [Theory]
    [InlineData("-TaskType foo", "TaskType is 'foo', and no model has this value. Known values: 3dInference, ")]
    [InlineData("-Status alive", "Status is 'alive', and no model has this value. Known values: live, coming-soon, deprecated, removed, unknown.")]
    [InlineData("-Capability edits", "Capability is 'edits', and no model has this value. Known values: audio, checkpoint, edit, ")]
    public void A_filter_that_no_model_can_match_is_a_warning_with_the_known_values(string filter, string warning)
    {
        var run = Session.Run($"Get-RunwareModel {filter}; 'openai:1@1', 'openai:1@2' | Get-RunwareModel {filter}");

        run.Output.ShouldBeEmpty();
        run.Warnings.Length.ShouldBe(2); // one for each command
        run.Warnings.ShouldAllBe(w => w.StartsWith(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-TaskType IMAGEINFERENCE")]
    [InlineData("-TaskType ping")]
    [InlineData("-TaskType foo*")]
    [InlineData("-Status deprecated")]
    [InlineData("-Status [xy]*")]
    [InlineData("-Capability Edit")]
    [InlineData("openai:1@1 -Status removed")]
    public void A_filter_that_is_only_not_matched_is_silent(string filter)
    {
        var run = Session.Run($"Get-RunwareModel {filter}");

        run.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void One_model_shows_its_parameters()
    {
        var page = Session.Run("Get-RunwareModel klingai:kling-video@2.6-pro | Out-String -Width 80").Text;

        page.ShouldContain("klingai:kling-video@2.6-pro (Kling VIDEO 2.6 Pro), videoInference, live");
        page.ShouldContain("characterOrientat");
        page.Split('\n').ShouldAllBe(line => line.TrimEnd().Length <= 80);
    }

    [Theory]
    [InlineData("klingai:kling-video@2.6-pro", """
        klingai:kling-video@2.6-pro (Kling VIDEO 2.6 Pro), videoInference, live

        Sizes         1920x1080 1080p (16:9), 1440x1440 1080p (1:1),
                      1080x1920 1080p (9:16)
        Price (USD)   without audio: 0.07 per second, with audio: 0.14 per second
        Capabilities  text-to-video, image-to-video, checkpoint, audio

        Name               Type    Default Allowed            In
        """)]
    [InlineData("openai:1@1", """
        openai:1@1 (GPT Image 1), imageInference, live
        Live on Runware's page. OpenAI shut down gpt-image-1 on 2026-10-23 and names
        gpt-image-2.5-sunburst and gpt-image-2.5-flare as replacements; whether Runware
        still serves it isn't known.

        Sizes         1024x1024 Square, 1536x1024 Landscape, 1024x1536 Portrait
        Price (USD)   1024x1024 high 0.167, 1536x1024 high 0.25,
                      1024x1536 high at most 0.25
        Capabilities  text-to-image, image-to-image, edit

        Name               Type    Default Allowed            In
        """)]
    [InlineData("openai:gpt-image@2.5-flare", """
        Sizes         edges of 16 to 3840 in steps of 16, 655360 to 8294400 pixels in
                      all, a ratio of at most 3:1
        Price (USD)   about 0.0228, about 0.0241, about 0.0431, about 0.0471,
                      Text input: 5 per million input tokens,
                      Image input: 8 per million input tokens,
                      Image output: 30 per million output tokens
        """)]
    [InlineData("bfl:flux@3-image", """
                      and 50 more in AllowedSize
        Price (USD)   0.75K: 0.041 per result, 1K: 0.048 per result,
                      2K: 0.1 per result, 4K: 0.607 per result
        """)]
    [InlineData("deepseek:v4@flash", """

        Price (USD)   unknown

        Name  
        """)]
    public void The_page_of_a_model_has_its_sizes_its_price_and_its_capabilities(string model, string lines)
    {
        var page = Session.Run($"Get-RunwareModel {model} | Out-String -Width 80").Text.ReplaceLineEndings("\n");

        string.Join('\n', page.Split('\n').Select(line => line.TrimEnd())).ShouldContain(lines.ReplaceLineEndings("\n").TrimEnd());
        page.Split('\n').ShouldAllBe(line => line.TrimEnd().Length < 80);
    }

    [Fact]
    public void No_page_of_a_model_is_wider_than_the_screen()
    {
        var broken = Session.Run("""
            foreach ($model in Get-RunwareModel | Where-Object Knowledge -eq Full) {
                $narrow, $wide = 80, 400 | ForEach-Object { (Get-RunwareModel $model.Model | Out-String -Width $_).TrimEnd() }
                if ($narrow -ne $wide) { $model.Model }
            }
            """);

        broken.Texts.ShouldBeEmpty();
    }

    [Fact]
    public void The_list_of_a_model_states_each_rate_in_its_unit()
    {
        Session.Run("$FormatEnumerationLimit = 20");
        string List(string model) => Session.Run($"Get-RunwareModel {model} | Format-List Model, Price, Rate | Out-String -Width 300; Get-RunwareModel {model} | Format-List | Out-String -Width 300").Text;

        var video = List("klingai:kling-video@2.6-pro");
        video.ShouldContain("{without audio: 0.07 per second, with audio: 0.14 per second}");
        video.ShouldNotContain("an image");
        video.ShouldNotContain("{unknown}"); // its rates are its price
        List("google:4@3").ShouldContain("1K: 0.06895 per result");
        List("google:4@3").ShouldContain("0.00028 per input image");
        List("openai:gpt-image@2").ShouldContain("Text input: 1.25 per million cached input tokens");
        List("alibaba:qwen@3-tts-1.7b-base").ShouldContain("{15 per million characters}");
        List("openai:1@1").ShouldContain("Price (USD per result) :");
        List("deepseek:v4@flash").ShouldContain("{unknown}");
    }

    [Theory]
    [InlineData("openai:1@1", "0.167 / 0.25")]
    [InlineData("klingai:kling-video@2.6-pro", "0.07-0.14 a second")]
    [InlineData("bria:51@1", "0.05 a second")]
    [InlineData("tripo:v3.1@0", "0.3-0.4")]
    [InlineData("alibaba:qwen@3-tts-1.7b-base", "15 per M characters")]
    [InlineData("openai:gpt-image@2.5-flare", "30 per M tokens")]
    [InlineData("deepseek:v4@flash", "unknown")]
    public void The_table_of_models_shows_a_price_in_its_unit(string model, string price) =>
        Session.Run($"Get-RunwareModel {model} | Format-Table | Out-String -Width 80").Text.Split('\n').ShouldContain(line => line.TrimEnd().EndsWith(" " + price, StringComparison.Ordinal));

    [Fact]
    public void Documents_of_the_sandbox_are_current_and_an_unknown_model_is_an_error_of_its_own()
    {
        Session.StartSandbox();

        var run = Session.Try("Update-RunwareModel klingai:kling-video@2.6-pro, no:such@1, openai-gpt-image-1");

        run.Output.Select(o => $"{o.Get("Model")} {o.Get("Change")}").ShouldBe(["klingai:kling-video@2.6-pro Unchanged", "openai:1@1 Unchanged"]);
        run.Error.Id().ShouldBe("ModelNotFound");
    }

    [Fact]
    public void A_model_is_updated_over_the_connection_of_this_runspace()
    {
        Session.Run("$sandbox = Start-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint -Scope Runspace");

        Session.Run("(Update-RunwareModel klingai:kling-video@2.6-pro).Change").Texts.ShouldBe(["Unchanged"]);
    }

    [Fact]
    public void A_name_with_brackets_is_found_as_it_is() =>
        Session.Run("(Get-RunwareModel 'FLUX.1 [dev]').Slug; (Get-RunwareModel 'flux.1 [DEV]').Slug; @(Get-RunwareModel '*flux*').Count -gt 1")
            .Texts.ShouldBe(["bfl-flux-1-dev", "bfl-flux-1-dev", "True"]);

    [Fact]
    public void Data_that_cannot_be_stored_is_an_error_of_its_own_for_each_model()
    {
        Session.StartSandbox();
        var file = Path.Combine(NewFolder(), "file");
        File.WriteAllText(file, "no folder");
        Environment.SetEnvironmentVariable("RUNWARE_MODEL_PATH", Path.Combine(file, "models"));
        try
        {
            var run = Session.Try("Update-RunwareModel klingai:kling-video@2.6-pro, openai:1@1");

            run.Errors.Select(e => e.Id()).ShouldBe(["SaveFailed", "SaveFailed"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RUNWARE_MODEL_PATH", value: null);
        }
    }

    [Fact]
    public void An_update_of_all_models_gets_the_documents_of_models_that_only_the_table_knew()
    {
        Session.StartSandbox();

        Session.Run("""
            $known = @(Get-RunwareModel | Where-Object Status -ne removed)
            $changes = @(Update-RunwareModel -All)
            $changes.Count -eq $known.Count
            @($changes.Where({ $_.Change -in 'Removed', 'Replaced', 'Added' })).Count
            $changes.Where({ $_.Model -eq 'deepseek:v4@flash' }).Change
            @(Update-RunwareModel -All | Where-Object Change -ne Unchanged).Count
            (Update-RunwareModel deepseek:v4@flash).Change
            """).Texts.ShouldBe(["True", "0", "Changed", "0", "Unchanged"]);
    }

    [Fact]
    public void WhatIf_fetches_nothing_and_a_model_pipes_in()
    {
        Session.StartSandbox();

        var run = Session.Run("""
            Get-RunwareModel openai:1@1 | Update-RunwareModel -WhatIf
            $before = $sandbox.Request.Count
            (Get-RunwareModel openai:1@1 | Update-RunwareModel).Slug
            $before
            """);

        run.Texts.ShouldBe(["openai-gpt-image-1", "0"]);
    }
}
