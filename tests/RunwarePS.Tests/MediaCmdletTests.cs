using System.Text.Json.Nodes;

namespace RunwarePS.Tests;

/// <summary>New-RunwareVideo, New-RunwareAudio and Convert-RunwareMedia: what their parameters send, where it goes, and what is refused.</summary>
public sealed class MediaCmdletTests : EngineTest
{
    private const string Kling = "klingai:kling-video@2.6-pro";

    public MediaCmdletTests() => Session.StartSandbox();

    [Theory]
    [InlineData("New-RunwareVideo 'a lighthouse' -Model KLINGAI:kling-video@2.6-pro -Size 1920x1080 -Duration 5 -Sound -CheckContent -OutputFormat mp4", """
        {"taskType":"videoInference","model":"klingai:kling-video@2.6-pro","positivePrompt":"a lighthouse","width":1920,"height":1080,"duration":5,
         "providerSettings":{"klingai":{"sound":true}},"safety":{"checkContent":true},"outputFormat":"MP4","deliveryMethod":"async","includeCost":true}
        """)]
    [InlineData("New-RunwareVideo 'a street' -Model bytedance:seedance@2.5 -Resolution 720P -Duration AUTO -Sound:$false", """
        {"taskType":"videoInference","model":"bytedance:seedance@2.5","positivePrompt":"a street","resolution":"720p","duration":"auto",
         "settings":{"audio":false},"deliveryMethod":"async","includeCost":true}
        """)]
    [InlineData("New-RunwareVideo 'a valley' -Model klingai:kling-video@2.6-pro -FirstFrame https://a.example/1.png -LastFrame https://a.example/2.png -Duration 00:00:05", """
        {"taskType":"videoInference","model":"klingai:kling-video@2.6-pro","positivePrompt":"a valley","duration":5,"deliveryMethod":"async","includeCost":true,
         "inputs":{"frameImages":[{"image":"https://a.example/1.png","frame":"first"},{"image":"https://a.example/2.png","frame":"last"}]}}
        """)]
    [InlineData("New-RunwareVideo 'a valley' -Model bytedance:seedance@2.5 -Frame https://a.example/1.png, https://a.example/2.png", """
        {"taskType":"videoInference","model":"bytedance:seedance@2.5","positivePrompt":"a valley","deliveryMethod":"async","includeCost":true,
         "inputs":{"frameImages":["https://a.example/1.png","https://a.example/2.png"]}}
        """)]
    [InlineData("New-RunwareVideo 'a dance' -Model bytedance:seedance@2.5 -ReferenceImage https://a.example/1.png -ReferenceVideo https://a.example/1.mp4 -ReferenceAudio https://a.example/1.mp3 -NoCost", """
        {"taskType":"videoInference","model":"bytedance:seedance@2.5","positivePrompt":"a dance","deliveryMethod":"async",
         "inputs":{"referenceImages":["https://a.example/1.png"],"referenceVideos":["https://a.example/1.mp4"],"referenceAudios":["https://a.example/1.mp3"]}}
        """)]
    [InlineData("New-RunwareAudio 'Good morning.' -Model alibaba:qwen@3-tts-1.7b-base -Voice CLONE -Language english -Speed 1.20 -ReferenceAudio https://a.example/me.mp3 -SampleRate 44100 -Channel 1 -Bitrate 192 -AdditionalParameter @{ 'settings.xVectorOnly' = $true }", """
        {"taskType":"audioInference","model":"alibaba:qwen@3-tts-1.7b-base","speech":{"text":"Good morning.","voice":"clone","language":"English","speed":1.2},
         "inputs":{"audio":"https://a.example/me.mp3"},"audioSettings":{"sampleRate":44100,"channels":1,"bitrate":192},"settings":{"xVectorOnly":true},"includeCost":true}
        """)]
    [InlineData("New-RunwareAudio -Prompt 'calm piano' -Duration 60.5 -Model runware:ace-step@v1.5-turbo -Seed 0", """
        {"taskType":"audioInference","model":"runware:ace-step@v1.5-turbo","positivePrompt":"calm piano","duration":60.5,"seed":0,"includeCost":true}
        """)]
    [InlineData("Convert-RunwareMedia 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 -Operation upscale -Model runware:500@1 -Factor 2", """
        {"taskType":"upscale","model":"runware:500@1","upscaleFactor":2,"inputs":{"image":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21"},"includeCost":true}
        """)]
    [InlineData("New-RunwareVideo 'wave' -Model pixverse:modify@0 -FirstFrame https://a.example/1.png -InputVideo https://a.example/1.mp4", """
        {"taskType":"videoInference","model":"pixverse:modify@0","positivePrompt":"wave","deliveryMethod":"async","includeCost":true,
         "inputs":{"referenceImages":["https://a.example/1.png"],"video":"https://a.example/1.mp4"}}
        """)]
    [InlineData("New-RunwareVideo 'hello' -Model klingai:avatar@2.0-pro -FirstFrame https://a.example/1.png -InputAudio https://a.example/1.mp3", """
        {"taskType":"videoInference","model":"klingai:avatar@2.0-pro","positivePrompt":"hello","deliveryMethod":"async","includeCost":true,
         "inputs":{"image":"https://a.example/1.png","audio":"https://a.example/1.mp3"}}
        """)]
    [InlineData("New-RunwareImage 'at night' -Model bria:21@1 -ReferenceImage https://a.example/1.png -MaskImage https://a.example/2.png", """
        {"taskType":"imageInference","model":"bria:21@1","positivePrompt":"at night","includeCost":true,
         "inputs":{"image":"https://a.example/1.png","mask":"https://a.example/2.png"}}
        """)]
    [InlineData("New-RunwareImage -Model bfl:flux@erase -SeedImage https://a.example/1.png -MaskImage https://a.example/2.png", """
        {"taskType":"imageInference","model":"bfl:flux@erase","includeCost":true,"inputs":{"image":"https://a.example/1.png","mask":"https://a.example/2.png"}}
        """)]
    [InlineData("[pscustomobject]@{ Model = 'exactly:photo@journey'; ReferenceImage = 'https://a.example/1.png' } | New-RunwareImage", """
        {"taskType":"imageInference","model":"exactly:photo@journey","width":1024,"height":1024,"includeCost":true,"inputs":{"referenceImages":["https://a.example/1.png"]}}
        """)]
    [InlineData("New-RunwareImage 'at night' -Model luma:uni@1 -ReferenceImage https://a.example/1.png", """
        {"taskType":"imageInference","model":"luma:uni@1","positivePrompt":"at night","includeCost":true,"inputs":{"referenceImages":["https://a.example/1.png"]}}
        """)]
    [InlineData("Convert-RunwareMedia 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 Upscale -Model bria:50@1 -Factor 2", """
        {"taskType":"upscale","model":"bria:50@1","upscaleFactor":2,"inputs":{"video":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21"},"deliveryMethod":"async","includeCost":true}
        """)]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg -Model runware:110@1 -OutputFormat webp", """
        {"taskType":"removeBackground","model":"runware:110@1","inputs":{"image":"https://a.example/1.jpg"},"outputFormat":"WEBP","includeCost":true}
        """)]
    [InlineData("Convert-RunwareMedia 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 -Model bria:51@1", """
        {"taskType":"removeBackground","model":"bria:51@1","inputs":{"video":"3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21"},"deliveryMethod":"async","includeCost":true}
        """)]
    public void Parameters_go_where_the_model_takes_them(string command, string expected)
    {
        Session.Try(command);

        var sent = Sent().ShouldHaveSingleItem();
        sent.Remove("taskUUID");
        JsonNode.DeepEquals(sent, JsonNode.Parse(expected)).ShouldBeTrue(sent.ToJsonString());
    }

    [Theory]
    [InlineData("New-RunwareVideo 'a lighthouse'", "ModelNotFound", "Model", "Get-RunwareModel -TaskType videoInference")]
    [InlineData("New-RunwareAudio 'hello'", "ModelNotFound", "Model", "audioInference")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg Upscale", "ModelNotFound", "Model", "upscale")]
    [InlineData("New-RunwareVideo x -Model openai:1@1", "ParameterOutOfRange", "Model", "New-RunwareImage")]
    [InlineData("New-RunwareImage x -Model klingai:kling-video@2.6-pro", "ParameterOutOfRange", "Model", "New-RunwareVideo")]
    [InlineData("Convert-RunwareMedia https://a.example/1.jpg Caption -Model runware:500@1", "ParameterOutOfRange", "Model", "Specify -Operation Upscale")]
    [InlineData("New-RunwareImage x | Convert-RunwareMedia Upscale -Model a:1@1", "ParameterOutOfRange", "Operation", "specify -Operation Upscale")]
    [InlineData("Convert-RunwareMedia https://a.example/1.png -Operation Enlarge -Model a:1@1", "ParameterOutOfRange", "Operation", "RemoveBackground")]
    [InlineData("New-RunwareImage x | ForEach-Object { New-RunwareVideo y -Model a:1@1 -InputAudio $_ }", "ParameterOutOfRange", "InputAudio", "an audio file")]
    [InlineData("New-RunwareImage", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareImage x -Model runware:101@1 -ReferenceImage https://a.example/1.png", "ParameterOutOfRange", "ReferenceImage", "runware:101@1 doesn't have the parameter ReferenceImage. It takes SeedImage, MaskImage.")]
    [InlineData("New-RunwareImage '' -Model bfl:flux@erase -SeedImage https://a.example/1.png", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareImage -SeedImage https://a.example/1.png -Model runware:101@1", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareImage -ReferenceImage https://a.example/1.png -Model luma:uni@1", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareImage -Model bfl:flux@erase", "ParameterOutOfRange", "ReferenceImage", "bfl:flux@erase requires an input. Specify one or more of ReferenceImage, SeedImage, MaskImage.")]
    [InlineData("New-RunwareVideo 'x' -Model prunaai:p-video@animate", "ParameterOutOfRange", "FirstFrame", "one or more of FirstFrame, Frame, LastFrame, ReferenceImage.")]
    [InlineData("New-RunwareVideo 'x' -Model klingai:5@1", "ParameterOutOfRange", "FirstFrame", "InputVideo, InputAudio.")]
    [InlineData("New-RunwareAudio -Prompt x -Model minimax:music@cover", "ParameterOutOfRange", "ReferenceAudio", "ReferenceAudio, InputVideo.")]
    [InlineData("$null | New-RunwareImage -Model bfl:flux@erase -SeedImage https://a.example/1.png", "PromptMissing", "Prompt", "prompt")]
    [InlineData("$null | New-RunwareVideo -Model a:1@1 -FirstFrame https://a.example/1.png", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareVideo -Model a:1@1", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareVideo '' -Model a:1@1 -FirstFrame https://a.example/1.png", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareAudio -Model a:1@1", "PromptMissing", "Text", "The text is missing")]
    [InlineData("$null | New-RunwareVideo -Model a:1@1", "PromptMissing", "Prompt", "prompt")]
    [InlineData("New-RunwareVideo 'a cliff' -Model klingai:kling-video@2.6-pro -Size 1920x1080 -Duration 7", "ParameterOutOfRange", "Duration", "5")]
    [InlineData("New-RunwareVideo 'a cliff' -Model klingai:kling-video@2.6-pro -Width 1920", "ParameterOutOfRange", "Height", "1920")]
    [InlineData("New-RunwareVideo 'a cliff' -Model a:1@1 -FirstFrame https://a.example/1.png -FirstFrame x -ErrorAction Stop", null, null, "FirstFrame")]
    [InlineData("New-RunwareVideo 'a cliff' -Model a:1@1 -Duration soon", null, null, "soon")]
    [InlineData("[pscustomobject]@{ Prompt = 'x'; Model = 'a:1@1'; Duration = 'soon' } | New-RunwareVideo", "ParameterUnreadable", "Duration", "'Duration'")]
    [InlineData("[pscustomobject]@{ Prompt = 'x'; Model = 'a:1@1'; taskType = 'imageInference' } | New-RunwareVideo", "ParameterOutOfRange", "TaskType", "New-RunwareImage")]
    [InlineData("New-RunwareVideo x -Model a:1@1 -FirstFrame nothing.png", "ReferenceImageNotFound", "FirstFrame", "nothing.png")]
    [InlineData("New-RunwareVideo x -Model a:1@1 -InputVideo nothing.mp4", "ReferenceImageNotFound", "InputVideo", "nothing.mp4")]
    [InlineData("New-RunwareImage x | New-RunwareVideo y -Model a:1@1 -FirstFrame https://a.example/1.png", "ParameterConflict", "FirstFrame", "FirstFrame")]
    [InlineData("New-RunwareImage x | ForEach-Object { New-RunwareVideo y -Model a:1@1 -InputVideo $_ }", "ParameterOutOfRange", "InputVideo", "RunwareImage")]
    [InlineData("New-RunwareVideo x -Model a:1@1 -AdditionalParameter @{ taskUUID = 'x' }", "ParameterConflict", "AdditionalParameter", "taskUUID")]
    [InlineData("New-RunwareVideo x -Model a:1@1 -Duration 5 -AdditionalParameter @{ duration = 6 }", "ParameterConflict", "AdditionalParameter", "duration")]
    [InlineData("New-RunwareVideo x -Model a:1@1 -TimeToLive 90.5", "ParameterOutOfRange", "TimeToLive", "90.5")]
    [InlineData("Convert-RunwareMedia nothing.png Upscale -Model a:1@1", "ReferenceImageNotFound", "InputObject", "nothing.png")]
    [InlineData("[pscustomobject]@{ Note = 'x' } | Convert-RunwareMedia -Operation Upscale -Model a:1@1", "ReferenceImageNotFound", "InputObject", "Path")]
    [InlineData("Convert-RunwareMedia https://a.example/1.png -Model a:1@1", "ParameterOutOfRange", "Operation", "Upscale")]
    public void What_is_wrong_is_one_error_that_states_what_to_do(string command, string? code, string? parameter, string says)
    {
        var run = Session.Try(command);

        run.Errors.ShouldNotBeEmpty();
        if (code is not null)
        {
            run.Ended.ShouldBeNull();
            run.Error.Id().ShouldBe(code);
            run.Error.Get("Parameter").ShouldBe(parameter);
        }

        run.Errors[0].ToString().ShouldContain(says);
        Sent().ShouldAllBe(task => (string?)task["taskType"] == "imageInference");
    }

    [Fact]
    public void An_image_becomes_a_video_and_a_text_becomes_speech()
    {
        var run = Session.Run($$"""
            $image = New-RunwareImage 'a boat' -Tag boats
            $video = $image | New-RunwareVideo 'it starts to rain' -Model {{Kling}} -Duration 5
            $video.GetType().Name; $video.Prompt; $video.Model
            $again = $image | New-RunwareVideo 'the same' -Model {{Kling}} -Duration 5 -Tag { $_.Tag }
            $again.Tag
            $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($video))
            $null = $back | New-RunwareVideo 'a better one' -Model a:1@1
            $null = $video | New-RunwareVideo -Model b:1@1
            """);

        run.Texts.ShouldBe(["RunwareVideo", "it starts to rain", Kling, "boats"]);
        var sent = Sent().Where(t => (string?)t["taskType"] == "videoInference").ToArray();
        sent[0]["inputs"]!.ToJsonString().ShouldContain("\"frame\":\"first\"");
        sent[0].ContainsKey("width").ShouldBeFalse();
        sent[2]["inputs"]?["video"].ShouldNotBeNull(); // with a prompt, a video is an input; without, it is made again
        ((string?)sent[3]["positivePrompt"], sent[3]["inputs"]).ShouldBe(("it starts to rain", null));
    }

    [Theory]
    [InlineData("New-RunwareAudio -Model a:1@1", "-Text or -Prompt")]
    [InlineData("New-RunwareVideo x", "Get-RunwareModel with its name")]
    [InlineData("Get-RunwareModel no:such@1", "To list the known models")]
    public void A_recommendation_fits_what_is_missing(string command, string action) =>
        Session.Try(command).Error.ErrorDetails.RecommendedAction.ShouldContain(action);

    [Fact]
    public void A_result_is_the_input_of_a_model_that_takes_no_prompt_and_a_row_of_any_other()
    {
        Session.Run("""
            $image = New-RunwareImage 'a boat'
            $file = $image | Save-RunwareImage -Path $args[0]
            $null = $image | New-RunwareImage -Model exactly:photo@journey
            $null = $file | New-RunwareImage -Model bfl:flux@erase -MaskImage https://a.example/2.png
            $null = $image | New-RunwareImage -Model bfl:2@1
            """, NewFolder());

        var sent = Sent()[1..];
        sent.Select(task => (string?)task["positivePrompt"]).ShouldBe([null, null, "a boat"]);
        Guid.TryParse((string?)sent[0]["inputs"]?["referenceImages"]?[0], out _).ShouldBeTrue();
        ((string?)sent[1]["inputs"]?["image"])?.Length.ShouldBeGreaterThan(100);
        sent[2]["inputs"].ShouldBeNull();
    }

    [Fact]
    public void Rows_bind_and_columns_that_no_parameter_takes_are_sent()
    {
        var run = Session.Run("""
            @'
            Prompt,Model,Duration,resolution,Sound,numberResults,settings.cameraMovement,CFGScale,Note
            a street,a:1@1,5,1080p,true,2,dolly_in,0.5,mine
            a field,b:1@1,,,,,,,
            '@ | ConvertFrom-Csv | New-RunwareVideo -ThrottleLimit 1
            """);

        run.Output.Length.ShouldBe(3);
        var sent = Sent();
        Array.ForEach(sent, task => task.Remove("taskUUID"));
        JsonNode.DeepEquals(sent[0], JsonNode.Parse("""
            {"taskType":"videoInference","model":"a:1@1","positivePrompt":"a street","duration":5,"resolution":"1080p","settings":{"audio":true,"cameraMovement":"dolly_in"},
             "numberResults":2,"CFGScale":0.5,"deliveryMethod":"async","includeCost":true}
            """)).ShouldBeTrue(sent[0].ToJsonString());
        sent[1].Select(p => p.Key).ShouldBe(["taskType", "model", "positivePrompt", "deliveryMethod", "includeCost"], ignoreOrder: true);
    }

    [Fact]
    public void What_is_sent_pipes_in_again()
    {
        Session.Run($$"""
            $null = New-RunwareVideo 'a valley' -Model {{Kling}} -FirstFrame https://a.example/1.png -Duration 5 -Sound
            $null = $sandbox.Request.Where({ $_.TaskType -contains 'videoInference' })[-1].Body | ConvertFrom-Json -Depth 9 | New-RunwareVideo
            """);

        var sent = Sent();
        Array.ForEach(sent, task => task.Remove("taskUUID"));
        sent.Length.ShouldBe(2);
        JsonNode.DeepEquals(sent[0], sent[1]).ShouldBeTrue(sent[1].ToJsonString());
    }

    [Theory]
    [InlineData($"New-RunwareVideo 'a lighthouse' -Model {Kling} -Size 1920x1080 -Duration 10 -Sound -WhatIf", "Generate 1 video (1920x1080, 10 s, klingai:kling-video@2.6-pro, estimated USD 1.4)", "a lighthouse")]
    [InlineData("New-RunwareAudio 'hello' -Model a:1@1 -WhatIf", "Generate 1 audio file (a:1@1, price unknown)", "hello")]
    [InlineData("Convert-RunwareMedia https://a.example/1.png Upscale -Model a:1@1 -WhatIf", "Run 1 upscale task (a:1@1, price unknown)", "https://a.example/1.png")]
    public void WhatIf_states_what_is_made_at_which_price_and_sends_nothing(string command, string action, string target)
    {
        var said = Session.Run($$"""
            $file = Join-Path $args[0] said.txt
            $null = Start-Transcript -LiteralPath $file
            {{command}}
            $null = Stop-Transcript
            Get-Content -LiteralPath $file -Raw
            """, NewFolder()).Texts[^1];

        said.ShouldContain($"\"{action}\" on target \"{target}\"");
        Sent().ShouldBeEmpty();
    }

    [Fact]
    public void A_row_names_the_operation_and_a_wrong_one_is_refused_for_its_row()
    {
        var run = Session.Try("""
            @'
            Path,Operation,Model
            https://a.example/1.png,Upscale,a:1@1
            https://a.example/2.png,Enlarge,a:1@1
            https://a.example/3.png,removebackground,b:1@1
            '@ | ConvertFrom-Csv | Convert-RunwareMedia | ForEach-Object InputIndex | Sort-Object
            """);

        run.Texts.ShouldBe(["0", "2"]);
        run.Errors.ShouldHaveSingleItem().ToString().ShouldContain("'Enlarge'");
        Sent().Select(t => (string?)t["taskType"]).Order(StringComparer.Ordinal).ShouldBe(["removeBackground", "upscale"]);
    }

    [Theory]
    [InlineData("$_ | ConvertTo-Json -Depth 5 | ConvertFrom-Json")]
    [InlineData("$_ | ConvertTo-Csv | ConvertFrom-Csv")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_))")]
    public void A_result_that_comes_back_from_a_file_is_taken_by_its_id(string roundtrip)
    {
        var run = Session.Run($$"""
            $video = New-RunwareVideo 'a boat' -Model a:1@1
            $audio = New-RunwareAudio 'a wave' -Model a:1@1
            $stored = Send-RunwareMedia -Url https://a.example/x.png
            $back = $video, $audio, $stored | ForEach-Object { {{roundtrip}} }
            $count = $sandbox.Request.Count
            ($back | Send-RunwareMedia).Uuid -join ' '
            $sandbox.Request.Count - $count
            $back[0] | Convert-RunwareMedia -Model bria:51@1 | Out-Null
            New-RunwareVideo 'more' -Model a:1@1 -InputVideo $back[0] -ReferenceAudio $back[1] -FirstFrame $back[2] | Out-Null
            $back[2] | New-RunwareVideo 'more' -Model a:1@1 | Out-Null
            "$($video.Uuid) $($audio.Uuid) $($stored.Uuid)"
            """);

        run.Errors.ShouldBeEmpty();
        run.Texts.ShouldBe([run.Texts[^1], "0", run.Texts[^1]]);
        var ids = run.Texts[^1].Split(' ');
        var inputs = Sent()[^3..].Select(t => t["inputs"]!.ToJsonString()).ToArray();
        inputs[0].ShouldBe($$"""{"video":"{{ids[0]}}"}""");
        inputs[1].ShouldContain($"\"video\":\"{ids[0]}\"");
        inputs[1].ShouldContain(ids[1]);
        inputs[1].ShouldContain(ids[2]);
        inputs[2].ShouldContain(ids[2]);
    }

    [Fact]
    public void A_local_video_is_uploaded_once_and_nothing_under_WhatIf()
    {
        var run = Session.Run("""
            $file = New-Item -ItemType File (Join-Path $args[0] 'a [1].mp4')
            [IO.File]::WriteAllBytes($file.FullName, [byte[]](0,0,0,24,0x66,0x74,0x79,0x70,0x69,0x73,0x6f,0x6d,0,0,2,0,0x69,0x73,0x6f,0x6d,0x6d,0x70,0x34,0x31))
            New-RunwareVideo x -Model a:1@1 -InputVideo $file -WhatIf
            @($sandbox.Request).Count
            1..3 | ForEach-Object { [pscustomobject]@{ Prompt = "p$_"; Seed = $_ } } | New-RunwareVideo -Model a:1@1 -InputVideo $file | Out-Null
            $file | New-RunwareVideo again -Model a:1@1 | Out-Null
            $file | Convert-RunwareMedia -Operation RemoveBackground -Model b:1@1 | Out-Null
            @($sandbox.Request.Where{ $_.TaskType -contains 'mediaStorage' }).Count
            @(Get-RunwareTask).Count
            """, NewFolder());

        run.Texts[^3..].ShouldBe(["0", "1", "5"]);
        var sent = Sent().Where(t => (string?)t["taskType"] != "mediaStorage").Select(t => (string?)t["inputs"]?["video"]).ToArray();
        sent.Length.ShouldBe(5);
        sent.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldNotBeNull();
        Guid.TryParse(sent[0], out _).ShouldBeTrue();
    }

    private JsonObject[] Sent() => [.. Session.Run("$sandbox.Request.Where{ $_.TaskType -notcontains 'getResponse' }.Body").Texts.Where(b => b.Length > 0).SelectMany(b => JsonNode.Parse(b)!.AsArray()).Select(n => n!.AsObject())];
}
