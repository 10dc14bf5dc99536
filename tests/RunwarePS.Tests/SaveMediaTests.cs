namespace RunwarePS.Tests;

/// <summary>Save-RunwareMedia and the journal, for results of every kind.</summary>
public sealed class SaveMediaTests : EngineTest
{
    [Theory]
    [InlineData("videoInference", ".mp4")]
    [InlineData("audioInference", ".wav")]
    [InlineData("3dInference", ".glb")]
    [InlineData("imageMasking", ".png")]
    [InlineData("controlNetPreprocess", ".png")]
    [InlineData("upscale", ".png")]
    [InlineData("textInference", ".txt")]
    public void Every_kind_of_result_is_saved_live_from_clixml_and_from_its_task(string taskType, string extension)
    {
        Session.StartSandbox();
        var folder = NewFolder(" [x]");

        var run = Session.Run($$"""
            $result = Invoke-RunwareTask {{taskType}} a:1@1 -Parameter @{ positivePrompt = 'a [film]' } -Tag t
            $result | Save-RunwareMedia -Path $args[0] -FileName '{Prompt}' -Sidecar | Get-Item | ForEach-Object Name
            $text = [Management.Automation.PSSerializer]::Serialize($result, 3)
            [Management.Automation.PSSerializer]::Deserialize($text) | Save-RunwareMedia -Path $args[0] -FileName back | ForEach-Object Name
            $task = Receive-RunwareTask $result.TaskUuid
            $task.GetType().Name -eq $result.GetType().Name
            Get-RunwareTask $result.TaskUuid | Save-RunwareMedia -Path $args[0] -FileName task | ForEach-Object Name
            (Get-FileHash -LiteralPath (Get-ChildItem -LiteralPath $args[0] -Exclude *.?*.json).FullName).Count
            (Get-Content -Raw -LiteralPath "$($args[0])/a [film]{{extension}}.json" | ConvertFrom-Json).prompt
            """, folder);

        run.Errors.ShouldBeEmpty();
        run.Texts.ShouldBe([$"a [film]{extension}", "back" + extension, "True", "task" + extension, "3", "a [film]"]);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ VideoUrl = $url }")]
    [InlineData("@{ videoURL = $url; taskUUID = [guid]::NewGuid() }")]
    [InlineData("[pscustomobject]@{ Url = $url }")]
    [InlineData("[pscustomobject]@{ VideoUrl = $url } | ConvertTo-Json | ConvertFrom-Json")]
    [InlineData("[pscustomobject]@{ VideoUrl = $url } | ConvertTo-Csv | ConvertFrom-Csv")]
    [InlineData("[pscustomobject]@{ VideoBase64Data = $data }")]
    [InlineData("[pscustomobject]@{ DataUri = \"data:video/mp4;base64,$data\" }")]
    public void Property_bags_with_media_are_saved(string bag)
    {
        Session.StartSandbox();

        var run = Session.Run($$"""
            $url = (Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x' }).Url
            $data = [Convert]::ToBase64String((Invoke-WebRequest $url).Content)
            {{bag}} | Save-RunwareMedia -Path $args[0] -FileName a | ForEach-Object Name
            """, NewFolder());

        run.Errors.ShouldBeEmpty();
        run.Text.ShouldBe("a.mp4");
    }

    [Theory]
    [InlineData("'a.mp4'")]
    [InlineData("42")]
    [InlineData("[pscustomobject]@{ Text = 'a note' }")]
    [InlineData("[pscustomobject]@{ VideoUrl = 'nowhere' }")]
    public void Anything_else_is_an_error_of_its_record(string item)
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run($$"""
            $video = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x' }
            {{item}}, $video | Save-RunwareMedia -Path $args[0] | ForEach-Object Extension
            """, folder);

        run.Errors.ShouldHaveSingleItem();
        run.Text.ShouldBe(".mp4");
    }

    [Fact]
    public void Nothing_is_written_with_WhatIf_and_PassThru_gives_the_object_with_its_path()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("$video = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x' }; $video | Save-RunwareMedia -Path $args[0] -WhatIf", folder)
            .Output.ShouldBeEmpty();
        Directory.GetFiles(folder).ShouldBeEmpty();
        var saved = Session.Run("$video | Save-RunwareMedia -Path $args[0] -PassThru", folder).Output.ShouldHaveSingleItem();
        saved.TypeNames[0].ShouldBe("RunwarePS.RunwareVideo");
        saved.Get("Path").ShouldBe(Directory.GetFiles(folder).ShouldHaveSingleItem());
        Session.Run("(Receive-RunwareTask $video.TaskUuid).Path").Text.ShouldBe((string)saved.Get("Path")!);
    }

    [Fact]
    public void A_task_that_ended_is_received_without_a_request()
    {
        Session.StartSandbox();

        Session.Run("""
            $video = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x' }
            $text = Invoke-RunwareTask textInference a:1@1 -Parameter @{ positivePrompt = 'x' }
            $before = $sandbox.Request.Count
            $again = $video, $text | Receive-RunwareTask
            $sandbox.Request.Count - $before
            $again[0].Url -eq $video.Url
            $again[1].Text -eq $text.Text -and $again[1].FinishReason -eq 'stop'
            """).Texts.ShouldBe(["0", "True", "True"]);
    }

    [Fact]
    public void A_gallery_shows_every_kind()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("""
            'videoInference', 'audioInference', '3dInference', 'textInference', 'upscale' | ForEach-Object {
                Invoke-RunwareTask $_ a:1@1 -Parameter @{ positivePrompt = "a $_" }
            } | Save-RunwareMedia -Path $args[0] -FileName '{Prompt}' -PassThru | Export-RunwareGallery "$($args[0])/page.html"
            """, folder).Errors.ShouldBeEmpty();

        var page = File.ReadAllText(Path.Combine(folder, "page.html"));
        page.ShouldContain("src=\"a%20videoInference.mp4\"></video>");
        page.ShouldContain("src=\"a%20audioInference.wav\"></audio>");
        page.ShouldContain("href=\"a%203dInference.glb\"><strong>a 3dInference.glb</strong>");
        page.ShouldContain("<div class=\"mat words\"");
        page.ShouldContain("src=\"a%20upscale.png\"></a>");
    }
}
