namespace RunwarePS.Tests;

/// <summary>Save-RunwareMedia and the journal, for results of every kind.</summary>
public sealed class SaveMediaTests : EngineTest
{
    private const string Video = """{"taskType":"videoInference","model":"klingai:5@3","positivePrompt":"a [film]","duration":5}""";
    private const string Speech =
        """{"taskType":"audioInference","model":"alibaba:qwen@3-tts-1.7b-base","speech":{"text":"Hi.","voice":"clone"},"inputs":{"audio":"https://files.example/a.mp3"},"settings":{"transcript":"Hi."}}""";
    private const string Text = """{"taskType":"textInference","model":"deepseek:v4@flash","messages":[{"role":"user","content":"Hi."}]}""";
    private const string Upscale = """{"taskType":"upscale","model":"runware:500@1","inputs":{"image":"https://files.example/a.png"},"upscaleFactor":2}""";
    private const string Masking = """{"taskType":"imageMasking","model":"runware:35@1","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Guide = """{"taskType":"controlNetPreprocess","model":"runware:controlnet-preprocess@canny","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Vector = """{"taskType":"vectorize","model":"recraft:1@1","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Model3D = """{"taskType":"3dInference","model":"tripo:v3.1@0","positivePrompt":"A lighthouse"}""";

    [Theory]
    [InlineData(Video, ".mp4")]
    [InlineData(Speech, ".mp3")]
    [InlineData(Model3D, ".glb")]
    [InlineData(Masking, ".jpg")]
    [InlineData(Guide, ".jpg")]
    [InlineData(Upscale, ".jpg")]
    [InlineData(Vector, ".svg")]
    [InlineData(Text, ".txt")]
    public void Every_kind_of_result_is_saved_live_from_clixml_and_from_its_task(string row, string extension)
    {
        Session.StartSandbox();
        var folder = NewFolder(" [x]");

        var run = Session.Run($$"""
            $result = $args[1] | Invoke-RunwareTask -Tag t
            $result | Save-RunwareMedia -Path $args[0] -FileName '[{Tag}]' -Sidecar | Get-Item | ForEach-Object Name
            $text = [Management.Automation.PSSerializer]::Serialize($result, 3)
            [Management.Automation.PSSerializer]::Deserialize($text) | Save-RunwareMedia -Path $args[0] -FileName back | ForEach-Object Name
            $result | ConvertTo-Json -Depth 5 | ConvertFrom-Json | Save-RunwareMedia -Path $args[0] -FileName json | ForEach-Object Name
            $result | ConvertTo-Csv | ConvertFrom-Csv | Save-RunwareMedia -Path $args[0] -FileName csv | ForEach-Object Name
            (Receive-RunwareTask $result.TaskUuid).GetType().Name -eq $result.GetType().Name
            Get-RunwareTask $result.TaskUuid | Save-RunwareMedia -Path $args[0] -FileName task | ForEach-Object Name
            $sidecar = Get-Content -Raw -LiteralPath "$($args[0])/[t]{{extension}}.json" | ConvertFrom-Json
            $sidecar.model -eq $result.Model -and $sidecar.taskUuid -eq $result.TaskUuid
            """, folder, row);

        run.Texts.ShouldBe(["[t]" + extension, "back" + extension, "json" + extension, "csv" + extension, "True", "task" + extension, "True"]);
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
            $url = (New-RunwareVideo 'x' -Model klingai:5@3 -Duration 5).Url
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

        var run = Session.Try($$"""
            $video = New-RunwareVideo 'x' -Model klingai:5@3 -Duration 5
            {{item}}, $video | Save-RunwareMedia -Path $args[0] | ForEach-Object Extension
            """, folder);

        run.Errors.ShouldHaveSingleItem();
        run.Text.ShouldBe(".mp4");
    }

    [Theory]
    [InlineData("$video")]
    [InlineData("([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($video)))")]
    public void A_result_that_is_no_image_is_sent_to_the_cmdlet_that_saves_it(string item)
    {
        Session.StartSandbox();

        Session.Try($"$video = New-RunwareVideo 'x' -Model klingai:5@3 -Duration 5; {item} | Save-RunwareImage -Path $args[0]", NewFolder())
            .Error.ToString().ShouldContain("use Save-RunwareMedia");
    }

    [Fact]
    public void Nothing_is_written_with_WhatIf_and_PassThru_gives_the_object_with_its_path()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("$video = New-RunwareVideo 'x' -Model klingai:5@3 -Duration 5; $video | Save-RunwareMedia -Path $args[0] -WhatIf", folder)
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
            $video = New-RunwareVideo 'x' -Model klingai:5@3 -Duration 5
            $text = $args[0] | Invoke-RunwareTask
            $before = $sandbox.Request.Count
            $again = @($video | Receive-RunwareTask; $text | Receive-RunwareTask)
            $sandbox.Request.Count - $before
            $again[0].Url -eq $video.Url
            $again[1].Text -eq $text.Text -and $again[1].FinishReason -eq 'stop'
            """, Text).Texts.ShouldBe(["0", "True", "True"]);
    }

    [Fact]
    public void A_gallery_shows_every_kind()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("""
            $args[1..5] | Invoke-RunwareTask | Save-RunwareMedia -Path $args[0] -FileName '{InputIndex} #' -PassThru | Export-RunwareGallery "$($args[0])/page.html"
            """, folder, Video, Speech, Model3D, Text, Upscale);

        var page = File.ReadAllText(Path.Combine(folder, "page.html"));
        page.ShouldContain("src=\"0%20%23.mp4\"></video>");
        page.ShouldContain("src=\"1%20%23.mp3\"></audio>");
        page.ShouldContain("href=\"2%20%23.glb\"><strong>2 #.glb</strong>");
        page.ShouldContain("<div class=\"mat words\"");
        page.ShouldContain("src=\"4%20%23.jpg\"></a>");
    }
}
