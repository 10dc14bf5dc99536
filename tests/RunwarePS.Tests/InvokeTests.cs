namespace RunwarePS.Tests;

/// <summary>Invoke-RunwareTask: any task type, in the API's own terms.</summary>
public sealed class InvokeTests : EngineTest
{
    private const string Sent = "$sandbox.Request.Where({ $_.TaskType -contains 'videoInference' })[-1].Body | ConvertFrom-Json -Depth 9 | ForEach-Object { $_[0] }";

    [Theory]
    [InlineData("videoInference", "positivePrompt = 'a film'", "RunwarePS.RunwareVideo")]
    [InlineData("audioInference", "positivePrompt = 'a tune'", "RunwarePS.RunwareAudio")]
    [InlineData("textInference", "messages = @(@{ role = 'user'; content = 'hi' })", "RunwarePS.RunwareText")]
    [InlineData("caption", "'inputs.image' = 'https://a.example/1.png'", "RunwarePS.RunwareText")]
    [InlineData("3dInference", "positivePrompt = 'a chair'", "RunwarePS.RunwareFile")]
    [InlineData("upscale", "'inputs.image' = 'https://a.example/1.png'", "RunwarePS.RunwareImage")]
    [InlineData("imageMasking", "'inputs.image' = 'https://a.example/1.png'", "RunwarePS.RunwareImage")]
    public void The_fields_of_a_result_decide_its_kind(string taskType, string parameter, string kind)
    {
        Start();

        var output = Session.Run($"Invoke-RunwareTask {taskType} a:1@1 -Parameter @{{ {parameter} }} -Tag t").Output.ShouldHaveSingleItem();

        output.TypeNames[0].ShouldBe(kind);
        output.Get("Tag").ShouldBe("t");
        output.Get("Cost").ShouldBe(0.01m);
        output.Get("Model").ShouldBe("a:1@1");
    }

    [Fact]
    public void The_results_that_a_row_of_text_asks_for_are_counted_and_reserved()
    {
        Start();

        var run = Session.Try("""
            "positivePrompt,width,height,numberResults`na tram,1024,1024,2" | ConvertFrom-Csv | Invoke-RunwareTask imageInference openai:1@1 -MaxCost 0.3
            """);

        run.Output.ShouldBeEmpty();
        run.Error.Id().ShouldBe("BudgetExceeded"); // each of the two may cost 0.167
        Session.Run("(@{ positivePrompt = 'x'; width = 1024.0; height = 1536.0 } | Invoke-RunwareTask imageInference openai:1@1).Height").Texts.ShouldBe(["1536"]);
    }

    [Fact]
    public void A_row_names_its_model_in_any_case()
    {
        Start();

        Session.Run("(@{ Model = 'openai:1@1'; positivePrompt = 'a tram'; width = 1024; height = 1024 } | Invoke-RunwareTask).Model").Texts.ShouldBe(["openai:1@1"]);
    }

    [Theory]
    [InlineData("New-RunwareImage x -AdditionalParameter $table")]
    [InlineData("Invoke-RunwareTask imageInference a:1@1 -Parameter $table")]
    [InlineData("$table | Invoke-RunwareTask imageInference a:1@1")]
    [InlineData("New-RunwareImage x -AdditionalParameter @{ custom = $object }")]
    [InlineData("ConvertFrom-RunwareWebhook $table")]
    public void A_table_that_contains_itself_is_an_error(string command)
    {
        Start();

        var error = Session.Try($"$table = @{{ positivePrompt = 'x' }}; $table.self = $table, $table; $object = [pscustomobject]@{{ a = 1; b = $null }}; $object.b = $object; {command}").Error;

        error.ToString().ShouldContain("nested too deeply");
        Session.Run("$sandbox.Generation.Count").Texts.ShouldBe(["0"]);
    }

    [Fact]
    public void Video_goes_async_and_dotted_and_nested_keys_meet()
    {
        Start();

        var sent = Session.Run($$"""
            $null = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'a film'; 'inputs.video' = 'https://a.example/1.mp4'; inputs = @{ audio = 'https://a.example/1.mp3' }; duration = 5 }
            $body = {{Sent}}
            $body.deliveryMethod; $body.inputs.video; $body.inputs.audio; $body.duration.GetType().Name; $body.includeCost
            """);

        sent.Texts.ShouldBe(["async", "https://a.example/1.mp4", "https://a.example/1.mp3", "Int64", "True"]);
    }

    [Fact]
    public void Local_images_go_inline_and_results_by_id()
    {
        Start();

        Session.Run($$"""
            $image = New-RunwareImage 'a frame'
            $file = $image | Save-RunwareImage -Path $args[0]
            $bytes = [IO.File]::ReadAllBytes($file.FullName)
            $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($image))
            $film = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x' }
            $null = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'x'; inputs = @{ frameImages = $file, $bytes, $image, $back, $file.FullName, 'https://a.example/1.png'; video = $film } }
            $body = {{Sent}}
            $data = [Convert]::ToBase64String($bytes)
            ($body.inputs.frameImages | ForEach-Object { $_ -eq $data ? 'data' : $_ -eq $image.ImageUuid ? 'id' : $_ }) -join ' '
            $body.inputs.video -eq $film.Uuid
            """, NewFolder()).Texts.ShouldBe(["data data id id data https://a.example/1.png", "True"]);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ taskType = 'videoInference'; model = 'a:1@1'; positivePrompt = 'row'; duration = '5'; Name = 'mine' }")]
    [InlineData("@{ taskType = 'videoInference'; model = 'a:1@1'; positivePrompt = 'row'; duration = 5 }")]
    [InlineData("""'{"taskType":"videoInference","model":"a:1@1","positivePrompt":"row","duration":5}'""")]
    [InlineData("""'[{"taskType":"videoInference","model":"a:1@1","positivePrompt":"row","duration":5}]' | ConvertFrom-Json""")]
    public void Rows_are_tasks(string row)
    {
        Start();

        var run = Session.Run($$"""
            $out = {{row}} | Invoke-RunwareTask
            $out.GetType().Name; $out.Prompt
            $body = {{Sent}}
            ($body.psobject.Properties.Name | Where-Object { $_ -ne 'taskUUID' } | Sort-Object) -join ' '
            $body.duration
            """);

        run.Texts.ShouldBe(["RunwareVideo", "row", "deliveryMethod duration includeCost model positivePrompt taskType", "5"]);
    }

    [Fact]
    public void Utility_tasks_get_a_response_and_are_not_booked()
    {
        Start();

        var run = Session.Run("""
            $account = Invoke-RunwareTask accountManagement -Parameter @{ operation = 'getDetails' }
            $account.AdditionalData.organizationName
            $image = New-RunwareImage 'a frame'
            (Invoke-RunwareTask getTaskDetails -TaskUuid $image.TaskUuid).AdditionalData.response.data[0].imageURL -eq $image.ImageUrl
            (Invoke-RunwareTask getResponse -Parameter @{ taskUUID = $image.TaskUuid }).ImageUuid -eq $image.ImageUuid
            (Invoke-RunwareTask ping -Parameter @{ ping = $true }).AdditionalData.pong
            @(Get-RunwareTask).Count
            """);

        run.Texts.ShouldBe(["Sandbox", "True", "True", "True", "1"]);
    }

    [Fact]
    public void Raw_writes_the_objects_of_the_api()
    {
        Start();

        var raw = Session.Run("Invoke-RunwareTask textInference a:1@1 -Parameter @{ messages = @(@{ role = 'user'; content = 'hi' }) } -Raw").Output.ShouldHaveSingleItem();

        raw.TypeNames[0].ShouldBe("System.Management.Automation.PSCustomObject");
        raw.Get("finishReason").ShouldBe("stop");
    }

    [Fact]
    public void An_accepted_task_gives_its_results_later_and_again()
    {
        Start();

        var run = Session.Run("""
            $task = Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'a film'; numberResults = 2 } -Async
            $task.TaskType; $task.Expected
            $first = @($task | Receive-RunwareTask -Wait)
            $again = @(Receive-RunwareTask $task.TaskUuid)
            $first.Count; -join $first.Uuid -eq -join $again.Uuid
            (Get-RunwareTask $task.TaskUuid).Output.Count
            (Get-RunwareSpend).Cost
            """);

        run.Texts.ShouldBe(["videoInference", "2", "2", "True", "2", "0.02"]);
    }

    [Fact]
    public void The_type_of_a_model_in_the_catalog_is_known()
    {
        Start();

        Session.Run("(Invoke-RunwareTask -Model openai-gpt-image-1 -Parameter @{ positivePrompt = 'a cat'; width = 1024; height = 1024 }).Model").Texts.ShouldBe(["openai:1@1"]);
    }

    [Theory]
    [InlineData("Invoke-RunwareTask -Model no:1@1", "ParameterOutOfRange", "TaskType")]
    [InlineData("Invoke-RunwareTask videoInference -Parameter @{ taskType = 'x' }", "ParameterConflict", "TaskType")]
    [InlineData("Invoke-RunwareTask videoInference a:1@1 -Parameter @{ model = 'x' }", "ParameterConflict", "Model")]
    [InlineData("Invoke-RunwareTask videoInference -TaskUuid 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 -Parameter @{ taskUUID = 'x' }", "ParameterConflict", "TaskUuid")]
    [InlineData("Invoke-RunwareTask textInference a:1@1 -Async -Parameter @{ deliveryMethod = 'sync' }", "ParameterConflict", "Async")]
    [InlineData("Invoke-RunwareTask textInference a:1@1 -Parameter @{ deliveryMethod = 'stream' }", "ParameterOutOfRange", "DeliveryMethod")]
    [InlineData("Invoke-RunwareTask -Model openai:1@1 -Parameter @{ positivePrompt = 'a cat'; width = 1024; height = 1024; outputQuality = 5 }", "ParameterOutOfRange", "Parameter")]
    [InlineData("Invoke-RunwareTask videoInference a:1@1 -Parameter @{ inputs = @{ image = [IO.FileInfo] '/no/such.png' } }", "ReferenceImageNotFound", "Parameter")]
    [InlineData("Get-Item . | Invoke-RunwareTask videoInference a:1@1", "ParameterUnreadable", "InputObject")]
    [InlineData("'no JSON' | Invoke-RunwareTask videoInference a:1@1", "ParameterUnreadable", "InputObject")]
    [InlineData("Invoke-RunwareTask videoInference a:1@1 -MaxCost 1", "PriceUnknown", "MaxCost")]
    [InlineData("Invoke-RunwareTask videoInference openai:1@1 -Parameter @{ positivePrompt = 'a cat' }", "ParameterOutOfRange", "Model")]
    [InlineData("@{ taskType = 'textInference'; model = 'inworld:tts@2' } | Invoke-RunwareTask", "ParameterOutOfRange", "Model")]
    public void What_is_wrong_is_one_error_and_nothing_is_sent(string command, string code, string parameter)
    {
        Start();

        var error = Session.Try(command).Error;

        var exception = error.Exception;
        (exception.GetType().GetProperty("Code")!.GetValue(exception), exception.GetType().GetProperty("Parameter")!.GetValue(exception)).ShouldBe((code, parameter));
        Session.Run("$sandbox.Request.Count").Texts.ShouldBe(["0"]);
    }

    [Fact]
    public void WhatIf_sends_nothing() =>
        Session.Run("$sandbox = Start-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint; Invoke-RunwareTask videoInference a:1@1 -WhatIf; $sandbox.Request.Count").Texts.ShouldBe(["0"]);

    [Fact]
    public void A_key_gives_the_same_task_again()
    {
        Start();

        Session.Run("""
            $two = 1..2 | ForEach-Object { Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = 'a film' } -IdempotencyKey night }
            $two[0].Uuid -eq $two[1].Uuid
            $sandbox.Generation.Count
            """).Texts.ShouldBe(["True", "1"]);
    }

    private void Start() => Session.Run("$sandbox = Start-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint");
}
