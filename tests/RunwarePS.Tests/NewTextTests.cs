using System.Text.Json.Nodes;

namespace RunwarePS.Tests;

/// <summary>New-RunwareText: what goes over the wire, and the text as it arrives.</summary>
public sealed class NewTextTests : EngineTest
{
    private const string Sent = "$sandbox.Request.Where({ $_.TaskType -contains 'textInference' })[-1].Body";

    [Fact]
    public void Only_what_was_given_is_sent()
    {
        Start();

        Sends("New-RunwareText 'Hello?' -Model $m -SystemPrompt 'Be brief.' -Temperature 0.5 -TopP 1 -MaxToken 20 -Count 2",
            """{"taskType":"textInference","model":"deepseek:v4@flash","messages":[{"role":"user","content":"Hello?"}],"settings":{"systemPrompt":"Be brief.","temperature":0.5,"topP":1,"maxTokens":20},"numberResults":2,"includeCost":true}""");
    }

    [Theory]
    [InlineData("$all")]
    [InlineData("([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($all)))")]
    public void Pieces_of_a_stream_are_not_saved_and_buy_nothing_and_the_whole_text_pipes_on(string pieces)
    {
        Start();

        Session.Run($$"""
            $all = New-RunwareText 'Tell a story.' -Model $m -Stream
            $file = {{pieces}} | Save-RunwareMedia -Path $args[0] -FileName story
            @($file).Count; (Get-Content -LiteralPath $file.FullName -Raw) -eq $all[-1].Text
            $before = $sandbox.Generation.Count
            ({{pieces}} | New-RunwareText 'Go on.').InputIndex
            @({{pieces}} | New-RunwareAudio -Model inworld:tts@2 -Voice Dennis).Count
            @({{pieces}} | New-RunwareImage).Count
            $sandbox.Generation.Count - $before
            """, NewFolder()).Texts.ShouldBe(["1", "True", "0", "1", "1", "3"]);
    }

    [Theory]
    [InlineData("-Message 'one', @{ role = 'assistant'; content = 'two' } -Prompt three", "user:one assistant:two user:three")]
    [InlineData("-Message @{ role = 'user'; content = 'one' }, $first, ([pscustomobject]@{ Role = 'user'; Content = 'three' })", "user:one assistant:two user:three")]
    [InlineData("-Message one, ([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($first))) -Prompt three", "user:one assistant:two user:three")]
    [InlineData("-Message '[{\"role\":\"user\",\"content\":\"one\"}]'", "user:one")]
    public void A_conversation_is_made_of_texts_tables_and_results(string arguments, string expected)
    {
        Start();

        Session.Run($$"""
            $first = [RunwarePS.RunwareText]@{ Text = 'two'; Prompt = 'one' }
            $null = New-RunwareText -Model $m {{arguments}}
            (({{Sent}} | ConvertFrom-Json)[0].messages | ForEach-Object { "$($_.role):$($_.content)" }) -join ' '
            """).Texts.ShouldBe([expected]);
    }

    [Fact]
    public void A_piped_text_is_gone_on_from_and_a_system_message_is_the_system_prompt()
    {
        Start();

        Session.Run($$"""
            $first = New-RunwareText one -Model $m
            $null = $first | New-RunwareText two -Message @{ role = 'system'; content = 'Be kind.' }
            $task = ({{Sent}} | ConvertFrom-Json)[0]
            $task.messages.role -join ' '; $task.messages[0].content; $task.messages[2].content; $task.settings.systemPrompt; $first.Prompt
            """).Texts.ShouldBe(["user assistant user", "one", "two", "Be kind.", "one"]);
    }

    [Theory]
    [InlineData("@{ type = 'object'; properties = @{ name = @{ type = 'string' } } }")]
    [InlineData("'{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}}}'")]
    public void With_a_schema_the_answer_is_data(string schema)
    {
        Start();

        Session.Run($$"""
            $text = New-RunwareText 'Describe one.' -Model $m -JsonSchema {{schema}}
            $task = ({{Sent}} | ConvertFrom-Json)[0]
            $task.outputFormat; $task.jsonSchema.properties.name.type; $text.Data.name.GetType().Name; ($text.Text | ConvertFrom-Json).name -eq $text.Data.name
            """).Texts.ShouldBe(["JSON", "string", "String", "True"]);
    }

    [Fact]
    public void Images_and_tools_go_where_the_api_takes_them()
    {
        Start();

        Session.Run($$"""
            $image = New-RunwareImage 'a cat'
            $null = $image | New-RunwareText 'What is it?' -Model openai:gpt@5-mini -Tool @{ name = 'f'; description = 'd'; schema = @{ type = 'object' } }
            $task = ({{Sent}} | ConvertFrom-Json)[0]
            $task.inputs.images[0] -eq $image.ImageUuid; $task.tools[0].name
            """).Texts.ShouldBe(["True", "f"]);
    }

    [Fact]
    public void Rows_are_prompts_with_settings()
    {
        Start();

        Sends("[pscustomobject]@{ Prompt = 'row'; Model = $m; Temperature = '0.5'; 'settings.topK' = '5'; Mine = 'x' } | New-RunwareText",
            """{"taskType":"textInference","model":"deepseek:v4@flash","messages":[{"role":"user","content":"row"}],"settings":{"temperature":0.5,"topK":5},"includeCost":true}""");
    }

    [Theory]
    [InlineData("New-RunwareText -Model $m", "PromptMissing", "Prompt")]
    [InlineData("New-RunwareText ' ' -Model $m", "PromptMissing", "Prompt")]
    [InlineData("New-RunwareText 'x'", "ModelNotFound", "Model")]
    [InlineData("New-RunwareText 'x' -Model openai:1@1", "ParameterOutOfRange", "Model")]
    [InlineData("New-RunwareText 'x' -Model $m -Stream -Async", "ParameterConflict", "Stream")]
    [InlineData("New-RunwareText -Model $m -Message @{ role = 'assistant'; content = 'x' }", "ParameterOutOfRange", "Message")]
    [InlineData("New-RunwareText 'x' -Model $m -SystemPrompt a -Message @{ role = 'system'; content = 'b' }", "ParameterConflict", "SystemPrompt")]
    [InlineData("New-RunwareText 'x' -Model $m -AdditionalParameter @{ deliveryMethod = 'stream' }", "ParameterConflict", "AdditionalParameter")]
    public void What_is_wrong_is_one_error_and_nothing_is_sent(string command, string code, string parameter)
    {
        Start();

        var exception = Session.Try(command).Error.Exception;

        (exception.GetType().GetProperty("Code")!.GetValue(exception), exception.GetType().GetProperty("Parameter")!.GetValue(exception)).ShouldBe((code, parameter));
        Session.Run("$sandbox.Request.Count").Texts.ShouldBe(["0"]);
    }

    [Fact]
    public void A_stream_is_pieces_and_one_text_in_one_request_and_is_booked()
    {
        Start();

        Session.Run($$"""
            $out = @(New-RunwareText 'Tell a story.' -Model $m -Stream -Tag t)
            $pieces = $out[0..($out.Count - 2)]
            $pieces.Count -gt 3; @($pieces | Where-Object { $_ -isnot [RunwarePS.RunwareTextDelta] }).Count
            $text = $out[-1]
            $text.GetType().Name; (-join $pieces.Text) -eq $text.Text; $text.FinishReason; $text.Usage.totalTokens -gt 0; $text.Cost -eq (Get-RunwareSpend).Cost; "$($pieces[0])" -eq $pieces[0].Text
            $task = ({{Sent}} | ConvertFrom-Json)[0]
            $task.deliveryMethod; $task.includeUsage; $sandbox.Request.Count; (Get-RunwareTask).Status
            """).Texts.ShouldBe(["True", "0", "RunwareText", "True", "stop", "True", "True", "True", "stream", "True", "1", "Succeeded"]);
    }

    [Fact]
    public void Texts_of_one_stream_come_in_their_order_and_records_one_after_the_other()
    {
        Start();

        Session.Run("""
            $out = @('a', 'b' | New-RunwareText -Model $m -Stream -Count 2)
            $texts = $out.Where({ $_ -is [RunwarePS.RunwareText] })
            ($texts | ForEach-Object { "$($_.InputIndex)$($_.Index)" }) -join ' '
            foreach ($text in $texts) { (-join $out.Where({ $_ -is [RunwarePS.RunwareTextDelta] -and $_.TaskUuid -eq $text.TaskUuid -and $_.ResultIndex -eq $text.Index }).Text) -eq $text.Text }
            [array]::IndexOf($out, $texts[1]) -lt [array]::FindIndex([object[]] $out, [Predicate[object]] { param($o) $o -is [RunwarePS.RunwareTextDelta] -and $o.InputIndex -eq 1 })
            """).Texts.ShouldBe(["00 01 10 11", "True", "True", "True", "True", "True"]);
    }

    [Theory]
    [InlineData("DropAfterAcceptance")]
    [InlineData("TruncatedJson")]
    public void A_stream_that_breaks_off_is_an_error_with_what_arrived_and_the_whole_is_received(string fault)
    {
        Start($"-Fault @{{ Kind = '{fault}'; Times = 1; TaskType = 'textInference' }}");

        var run = Session.Try("$out = @(New-RunwareText 'Tell a long story about a robot that paints.' -Model $m -Stream -ErrorVariable failed); $out.Count -gt 0; $sandbox.Request.Count");

        var exception = run.Error.Exception;
        var data = (System.Collections.IDictionary)exception.GetType().GetProperty("AdditionalData")!.GetValue(exception)!;
        run.Texts.ShouldBe(["True", "1"]);
        Session.Run("""
            (-join $out.Text) -eq $failed[0].Exception.AdditionalData['text']
            $text = Receive-RunwareTask $failed[0].Exception.TaskUuid -Wait
            $text.Text.StartsWith((-join $out.Text)); $text.Text.Length -gt (-join $out.Text).Length
            """).Texts.ShouldBe(["True", "True", "True"]);
        ((string)data["text"]!).ShouldNotBeEmpty();
    }

    [Fact]
    public void An_error_in_a_stream_is_one_error_with_what_arrived()
    {
        Start("-Fault @{ Kind = 'PartialFailure'; Times = 1; TaskType = 'textInference' }");

        Session.Try("$out = @(New-RunwareText 'Tell a long story about a robot that paints.' -Model $m -Stream -ErrorVariable failed)").Error.ShouldNotBeNull();

        Session.Run("$failed.Count; (-join $out.Text) -eq $failed[0].Exception.AdditionalData['text']; (Get-RunwareTask).Status; $sandbox.Request.Count").Texts
            .ShouldBe(["1", "True", "Failed", "1"]);
    }

    [Fact]
    public void Characters_that_the_network_splits_are_whole()
    {
        Start("-Fault @{ Kind = 'SplitCharacters'; TaskType = 'textInference' }");

        Session.Run("$out = @(New-RunwareText 'größer' -Model $m -Stream); (-join $out[0..($out.Count - 2)].Text).EndsWith('größer')").Texts.ShouldBe(["True"]);
    }

    [Fact]
    public void A_refusal_is_a_result_and_an_error()
    {
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(200,
            "data: {\"delta\":{\"text\":\"I\"}}\n\ndata: {\"finishReason\":\"content_filter\",\"cost\":0.001}\n\ndata: [DONE]\n\n", "Content-Type: text/event-stream\r\n"));
        Session.Run($"Connect-Runware -Endpoint {server.Endpoint}");

        var run = Session.Try("$out = @(New-RunwareText x -Model deepseek:v4@flash -Stream); $out[-1].FinishReason; (Get-RunwareSpend).Cost");

        run.Error.FullyQualifiedErrorId.ShouldStartWith("Runware.content_filter");
        run.Texts.ShouldBe(["content_filter", "0.001"]);
    }

    [Fact]
    public void The_first_piece_is_written_while_the_stream_is_open()
    {
        Start("-Latency 60");

        Session.Run("""
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $first = New-RunwareText 'Tell a long story about a robot that paints.' -Model $m -Stream | Select-Object -First 1
            $first.GetType().Name; $watch.Elapsed.TotalSeconds -lt 40
            """).Texts.ShouldBe(["RunwareTextDelta", "True"]);
    }

    private void Sends(string command, string json)
    {
        var body = Session.Run($"$null = {command}; {Sent}").Texts.ShouldHaveSingleItem();
        var task = JsonNode.Parse(body)!.AsArray().ShouldHaveSingleItem()!.AsObject();
        task.Remove("taskUUID").ShouldBeTrue();
        JsonNode.DeepEquals(task, JsonNode.Parse(json)).ShouldBeTrue(body);
    }

    private void Start(string options = "") => Session.Run($"$m = 'deepseek:v4@flash'; $sandbox = Start-RunwareSandbox {options}; Connect-Runware -Endpoint $sandbox.Endpoint");
}
