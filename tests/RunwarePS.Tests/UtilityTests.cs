namespace RunwarePS.Tests;

/// <summary>Find-RunwareModel, Get-RunwareUsage, Send-RunwareMedia and Remove-RunwareMedia.</summary>
public sealed class UtilityTests : EngineTest
{
    [Fact]
    public void A_search_goes_on_until_a_page_is_short_whatever_the_total_states()
    {
        Start();

        Session.Run("""
            @(Find-RunwareModel -Category LORA).Count
            $tasks = $sandbox.Request.Body | ConvertFrom-Json | ForEach-Object { $_[0] }
            ($tasks.offset | Where-Object { $_ }) -join ' '; $tasks.limit -join ' '; $tasks[0].category; $tasks[0].psobject.Properties.Name -contains 'search'
            """).Texts.ShouldBe(["250", "100 200", "100 100 100", "lora", "False"]);
    }

    [Fact]
    public void First_and_skip_ask_for_no_more_than_that()
    {
        Start();

        Session.Run("""
            (Find-RunwareModel 'community style' -Category lora -First 2 -Skip 3).Model -join ' '
            $task = ($sandbox.Request[-1].Body | ConvertFrom-Json)[0]
            $task.search; $task.limit; $task.offset; $sandbox.Request.Count; @(Get-RunwareTask).Count
            """).Texts.ShouldBe(["civitai:100004@200004 civitai:100005@200005", "community style", "2", "3", "1", "0"]);
    }

    [Theory]
    [InlineData("'*kling*2.6*'", "klingai:kling-video@2.6-pro klingai:kling-video@2.6-standard", "kling")]
    [InlineData("'KLINGAI:kling-video@2.6-*'", "klingai:kling-video@2.6-pro klingai:kling-video@2.6-standard", "KLINGAI:kling-video@2.6-")]
    [InlineData("'*:gpt-image@2.5-fl?re'", "openai:gpt-image@2.5-flare", ":gpt-image@2.5-fl")]
    [InlineData("'FLUX.1 [dev]'", "runware:101@1", "FLUX.1 [dev]")]
    [InlineData("'*UX.1 [d*'", "runware:101@1", "UX.1 [d")]
    [InlineData("'Community style *9' -Skip 23 -First 2", "civitai:100239@200239 civitai:100249@200249", "Community style")]
    [InlineData("'Community style *1' -First 1", "civitai:100001@200001", "Community style")]
    [InlineData("'*no such*'", "", "no such")]
    public void A_pattern_is_matched_with_what_the_API_finds(string arguments, string models, string search)
    {
        Start();

        Session.Run($$"""(Find-RunwareModel {{arguments}}).Model -join ' '; @(($sandbox.Request.Body | ConvertFrom-Json | ForEach-Object { $_[0] }).search | Select-Object -Unique)""")
            .Texts.ShouldBe([models, search]);
    }

    [Fact]
    public void What_is_found_pipes_on() =>
        Session.Run("Connect-Runware -Sandbox; (Find-RunwareModel 'GPT Image 1' -First 1 | Get-RunwareModel).Slug").Texts.ShouldBe(["openai-gpt-image-1"]);

    [Fact]
    public void Usage_of_a_long_period_is_one_request_and_one_row_for_each_group()
    {
        using var server = new ScriptedServer(request =>
        {
            var tasks = System.Text.Json.Nodes.JsonNode.Parse(request[request.IndexOf("\r\n\r\n[", StringComparison.Ordinal)..])!.AsArray();
            var items = tasks.Select((t, i) => new System.Text.Json.Nodes.JsonObject
            {
                ["taskType"] = "accountManagement",
                ["taskUUID"] = (string?)t!["taskUUID"],
                ["usage"] = System.Text.Json.Nodes.JsonNode.Parse($$$"""
                    {
                        "model": { "data": [ { "model": "a:1@1", "modelName": "A", "count": {{{i + 1}}}, "spend": 0.5, "avgInferenceTime": {{{i}}} } ], "meta": {} },
                        "timeseries": { "data": [ { "date": "{{{t["startDate"]}}}", "count": 1 } ] }
                    }
                    """),
            }.ToJsonString());
            return ScriptedServer.Reply(200, $$"""{"data":[{{string.Join(',', items)}}]}""");
        });
        Session.Run($"Connect-Runware -Endpoint {server.Endpoint}");

        var run = Session.Run("""
            $rows = Get-RunwareUsage -Since 2026-08-01 -Until 2026-09-05 -GroupBy Model, date -Model openai-gpt-image-1
            ($rows | ForEach-Object { "$($_.GroupBy) $($_.Model)$('{0:yyyy-MM-dd}' -f $_.Date) $($_.Count) $($_.Spend)" }) -join '|'
            $rows[-1].AvgInferenceTime.ToString('0.00', [cultureinfo]::InvariantCulture)
            """);

        run.Texts.ShouldBe(["date 2026-08-01 1 |date 2026-08-31 1 |model a:1@1 3 1.0", "0.67"]);
        var body = server.Requests.ShouldHaveSingleItem();
        body.ShouldContain("\"startDate\":\"2026-08-01\",\"endDate\":\"2026-08-30\",\"models\":[\"openai:1@1\"],\"groupBy\":[\"model\",\"date\"]");
        body.ShouldContain("\"startDate\":\"2026-08-31\",\"endDate\":\"2026-09-05\"");
    }

    [Fact]
    public void Usage_comes_from_the_sandbox_and_a_turned_period_is_refused()
    {
        Start();

        Session.Run("$null = New-RunwareImage x -Quality high; $row = Get-RunwareUsage -GroupBy model; $row.Model; $row.Spend; (Get-RunwareUsage -Kind Error).ClientErrors").Texts
            .ShouldBe(["openai:1@1", "0.167", "0"]);
        Session.Run("Disconnect-Runware");
        Session.Try("Get-RunwareUsage -Since 2026-08-02 -Until 2026-08-01").Error.FullyQualifiedErrorId.ShouldStartWith("ParameterOutOfRange");
    }

    [Theory]
    [InlineData("-Since 2026-08-01 -Until 2026-08-02")]
    [InlineData("-Since ([datetime]'2026-08-01') -Until ([datetime]::SpecifyKind('2026-08-02T23:00:00', 'Local'))")]
    [InlineData("-Since ([datetime]::SpecifyKind('2026-08-01T23:00:00', 'Utc')) -Until 2026-08-03T01:00:00+02:00")] // 23:00 of the day before in UTC
    public void A_day_of_the_usage_is_the_same_day_in_every_time_zone(string period)
    {
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(200, """{"data":[]}"""));

        foreach (var zone in new[] { "Asia/Tokyo", "America/Los_Angeles" })
        {
            PowerShellEngine.Current.Run(
                ["-Command", $"Import-Module '{Repository.Module}'; Connect-Runware -Endpoint {server.Endpoint} -MaxRetryCount 0; $null = Get-RunwareUsage {period} -ErrorAction Ignore"],
                out _, new Dictionary<string, string?>(StringComparer.Ordinal) { ["TZ"] = zone });
        }

        server.Requests.Count.ShouldBe(2);
        server.Requests.ShouldAllBe(body => body.Contains("\"startDate\":\"2026-08-01\",\"endDate\":\"2026-08-02\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Audio_that_a_custom_object_holds_as_base64_is_stored()
    {
        Start();

        var stored = Session.Run("""
            $bytes = [Text.Encoding]::ASCII.GetBytes('ID3 and so on')
            [pscustomobject]@{ AudioBase64Data = [Convert]::ToBase64String($bytes) } | Send-RunwareMedia
            """).Output.ShouldHaveSingleItem();

        stored.Get("Uuid").ShouldNotBe(Guid.Empty.ToString());
    }

    [Fact]
    public void Media_of_every_form_are_stored_and_removed()
    {
        Start();

        var run = Session.Run("""
            $file = Join-Path $args[0] 'a[1].bin'
            [IO.File]::WriteAllBytes($file, [byte[]] (1, 2, 3))
            $hash = (Get-FileHash -LiteralPath $file).Hash
            $refs = @(
                Send-RunwareMedia $file
                Get-Item -LiteralPath $file | Send-RunwareMedia
                , [byte[]] (1, 2, 3) | Send-RunwareMedia
                'data:image/png;base64,AQID' | Send-RunwareMedia
                Send-RunwareMedia -Url https://a.example/x.mp4
            )
            ($refs | ForEach-Object { $_.Sha256 -eq $hash ? 'same' : "$($_.Sha256)" }) -join ' '
            $refs[0].Path -eq $file; "$($refs[4].Url)"
            $image = New-RunwareImage x
            $count = $sandbox.Request.Count
            ($image | Send-RunwareMedia).Uuid -eq $image.ImageUuid; $sandbox.Request.Count - $count
            ($refs[0..3].Uuid | Select-Object -Unique).Count
            $refs | Sort-Object Uuid -Unique | Remove-RunwareMedia
            ($sandbox.Request[-1].Body | ConvertFrom-Json)[0].operation
            """, NewFolder());

        run.Texts.ShouldBe(["same same same same ", "True", "https://a.example/x.mp4", "True", "0", "1", "delete"]);
    }

    [Theory]
    [InlineData("Send-RunwareMedia -Url $url")]
    [InlineData("$url | Send-RunwareMedia")]
    public void The_query_of_a_URL_is_sent_and_not_shown(string command)
    {
        Start();

        var run = Session.Run($$"""
            $url = 'https://files.example/a.mp4?X-Signature=not-for-logs'
            $reference = {{command}} -Verbose
            "$($reference.Url)"
            $reference | Format-List * -Force | Out-String
            [Management.Automation.PSSerializer]::Serialize($reference)
            """);

        run.Texts[0].ShouldBe("https://files.example/a.mp4");
        run.Texts.Concat(run.Messages).ShouldAllBe(text => !text.Contains("not-for-logs", StringComparison.Ordinal));
        Session.Run("($sandbox.Request[-1].Body | ConvertFrom-Json)[0].media").Text.ShouldEndWith("?X-Signature=not-for-logs");
    }

    [Fact]
    public void The_same_content_is_uploaded_once_until_it_is_removed()
    {
        Start();

        Session.Run("""
            $file = Join-Path $args[0] a.mp4
            [IO.File]::WriteAllBytes($file, [byte[]] (0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x69, 0x73, 0x6f, 0x6d, 0, 0, 2, 0, 0x69, 0x73, 0x6f, 0x6d, 0x6d, 0x70, 0x34, 0x31))
            $first = Send-RunwareMedia $file
            $again = , [IO.File]::ReadAllBytes($file) | Send-RunwareMedia
            $first.Uuid -eq $again.Uuid; $first.Url -eq $again.Url; $first.Sha256 -eq $again.Sha256
            New-RunwareVideo x -Model a:1@1 -InputVideo $file | Out-Null
            [pscustomobject]@{ Path = $file } | Send-RunwareMedia | ForEach-Object { $_.Uuid -eq $first.Uuid }
            $first | Remove-RunwareMedia
            (Send-RunwareMedia $file).Uuid -eq $first.Uuid
            $sandbox.Request.Where{ $_.TaskType -contains 'mediaStorage' }.Count
            """, NewFolder()).Texts.ShouldBe(["True", "True", "True", "True", "False", "3"]);
    }

    [Theory]
    [InlineData("Send-RunwareMedia no-such-file")]
    [InlineData("42 | Send-RunwareMedia")]
    [InlineData("[pscustomobject]@{ a = 1 } | Remove-RunwareMedia")]
    public void What_is_no_medium_is_an_error_and_nothing_is_sent(string command)
    {
        Start();

        Session.Try(command).Error.ShouldNotBeNull();

        Session.Run("$sandbox.Request.Count").Texts.ShouldBe(["0"]);
    }

    [Theory]
    [InlineData("Send-RunwareMedia -Url https://a.example/x.mp4 -WhatIf")]
    [InlineData("Remove-RunwareMedia 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 -WhatIf")]
    public void WhatIf_sends_nothing(string command)
    {
        Start();

        Session.Run($"{command}; $sandbox.Request.Count").Texts.ShouldBe(["0"]);
    }

    private void Start() => Session.Run("$sandbox = Start-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint");
}
