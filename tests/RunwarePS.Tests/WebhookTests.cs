using System.Net.Http;
using System.Text;

namespace RunwarePS.Tests;

/// <summary>The cmdlets for webhooks.</summary>
public sealed class WebhookTests : EngineTest
{
    private const string Id = "0f1b1f0a-4a4b-4c9d-8e55-0d3b5a1c2e01";
    private const string Picture = "3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21";
    private const string Flat = $$"""{"taskType":"imageInference","taskUUID":"{{Id}}","imageUUID":"{{Picture}}","imageURL":"https://im.runware.ai/a.jpg"}""";

    public override void Dispose()
    {
        Session.Run("Stop-RunwareWebhook; Disconnect-Runware");
        base.Dispose();
    }

    [Fact]
    public void A_receiver_becomes_the_default_webhook_and_an_explicit_one_comes_first()
    {
        Session.StartSandbox();

        var run = Session.Run(
            """
            $hook = Start-RunwareWebhook
            $null = New-RunwareImage one
            $null = New-RunwareImage two -WebhookUrl http://127.0.0.1:1/mine
            $null = Invoke-RunwareTask imageInference openai:1@1 -Parameter @{ positivePrompt = 'three'; width = 1024; height = 1024 }
            $hook | Stop-RunwareWebhook
            $null = New-RunwareImage four
            $urls = ($sandbox.Request.Body | ConvertFrom-Json | ForEach-Object { $_ }).ForEach{ "$($_.webhookURL)" }
            $urls[0] -ceq $hook.Url.AbsoluteUri; $urls[1]; $urls[2] -ceq $urls[0]; $urls[3] -eq ''; $hook.IsRunning
            """);

        run.Output.Select(o => o.BaseObject).ShouldBe([true, "http://127.0.0.1:1/mine", true, true, false]);
    }

    [Fact]
    public void Utility_tasks_and_streams_have_no_webhook()
    {
        Session.StartSandbox();

        Session.Run(
            """
            $null = Start-RunwareWebhook
            $null = Test-RunwareConnection
            $null = Find-RunwareModel style
            $null = New-RunwareText 'a poem' -Model deepseek:v4@flash -Stream
            $sandbox.Request.Body -match 'webhookURL'
            """).Output.ShouldBeEmpty();
    }

    [Fact]
    public void Tasks_that_wait_are_woken_and_polled_once()
    {
        Session.StartSandbox("-Latency 1.5");

        var run = Session.Run(
            """
            $hook = Start-RunwareWebhook
            $null = 'proof' | New-RunwareImage -Async | Receive-RunwareTask -Wait
            $before = $sandbox.Request.Count
            $images = 1..30 | ForEach-Object { "image $_" } | New-RunwareImage -Async | Receive-RunwareTask -Wait
            $polls = @($sandbox.Request | Select-Object -Skip $before | Where-Object TaskType -Contains getResponse).Count
            $deadline = [datetime]::UtcNow.AddMinutes(1)
            while ($hook.CallCount -lt 31 -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 } # a poll may have been quicker than its call
            $images.Count; $hook.CallCount; $polls
            """);

        run.Output[0].BaseObject.ShouldBe(30);
        run.Output[1].BaseObject.ShouldBe(31);
        ((int)run.Output[2].BaseObject).ShouldBeLessThan(12); // without calls, thirty and more
    }

    [Fact]
    public void A_task_that_is_not_waited_for_is_recorded_when_its_call_arrives()
    {
        Session.StartSandbox("-Latency 0.5");

        var run = Session.Run(
            """
            $null = Start-RunwareWebhook
            $task = New-RunwareImage 'a kite' -Async
            $limit = [DateTime]::UtcNow.AddSeconds(20)
            while ((Get-RunwareTask | Where-Object TaskUuid -EQ $task.TaskUuid).Status -ne 'Succeeded' -and [DateTime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }
            (Get-RunwareTask | Where-Object TaskUuid -EQ $task.TaskUuid).Status
            @($sandbox.Request | Where-Object TaskType -EQ getResponse).Count
            $null = Receive-RunwareTask $task
            @($sandbox.Request | Where-Object TaskType -EQ getResponse).Count
            (Get-RunwareSpend | Where-Object TaskUuid -EQ $task.TaskUuid | Measure-Object).Count
            """);

        run.Output.Select(o => o.BaseObject).ShouldBe(["Succeeded", 1, 1, 1]);
    }

    [Fact]
    public void Stopping_the_receiver_or_disconnecting_loses_nothing()
    {
        Session.StartSandbox("-Latency 1");

        var run = Session.Run(
            """
            $hook = Start-RunwareWebhook
            $null = 'proof' | New-RunwareImage -Async | Receive-RunwareTask -Wait
            $tasks = 1..5 | ForEach-Object { "image $_" } | New-RunwareImage -Async
            Stop-RunwareWebhook
            ($tasks | Receive-RunwareTask -Wait -TimeoutSec 20).Count
            $other = Start-RunwareWebhook
            $other.IsRunning
            Disconnect-Runware
            $other.IsRunning
            """);

        run.Errors.ShouldBeEmpty();
        run.Output.Select(o => o.BaseObject).ShouldBe([5, true, false]);
    }

    [Fact]
    public void The_token_is_in_the_url_and_nowhere_else()
    {
        Session.StartSandbox();

        var run = Session.Run(
            """
            $hook = Start-RunwareWebhook -Verbose -Debug
            $image = New-RunwareImage 'a kite' -Verbose -Debug
            $task = New-RunwareImage 'a kite' -Async -Verbose -Debug
            New-RunwareImage 'a kite' -WhatIf
            $hook | Out-String; $hook | Format-List | Out-String; "$hook"; $image, $task | Format-List * | Out-String
            Get-RunwareConnection | Format-List * | Out-String
            [System.Management.Automation.PSSerializer]::Serialize($hook, 3)
            $sandbox.Delivery | Format-List * | Out-String
            Stop-RunwareWebhook -WhatIf
            $global:token = $hook.Url.Query.Substring(7)
            """);
        var token = (string)Session.Run("$token").Output.ShouldHaveSingleItem().BaseObject;

        token.Length.ShouldBeGreaterThanOrEqualTo(32);
        var everything = string.Join('\n', [.. run.Texts, .. run.Messages, .. run.Warnings, .. run.Errors.Select(e => $"{e}")]);
        everything.ShouldNotContain(token);
        everything.ShouldContain("/webhook");
    }

    [Fact]
    public void WhatIf_starts_and_stops_nothing()
    {
        Session.StartSandbox();

        Session.Run("Start-RunwareWebhook -WhatIf").Output.ShouldBeEmpty();
        Session.Run("$hook = Start-RunwareWebhook; Stop-RunwareWebhook -WhatIf; $hook.IsRunning").Output.ShouldHaveSingleItem().BaseObject.ShouldBe(true);
    }

    [Fact]
    public void Stopping_nothing_in_particular_stops_nothing()
    {
        Session.StartSandbox();

        Session.Run("$hook = Start-RunwareWebhook; Stop-RunwareWebhook $null; @() | Stop-RunwareWebhook; $hook.IsRunning").Output.ShouldHaveSingleItem().BaseObject.ShouldBe(true);
    }

    [Theory]
    [InlineData("-PublicUri ''", "ParameterUnreadable")]
    [InlineData("-PublicUri not-a-url", null)]
    [InlineData("-PublicUri ftp://hooks.example", null)]
    [InlineData("-Port 70000", null)]
    public void A_wrong_parameter_is_an_error(string parameters, string? id)
    {
        Session.StartSandbox();

        var run = Session.Try($"Start-RunwareWebhook {parameters}");

        run.Output.ShouldBeEmpty();
        var error = run.Errors.ShouldHaveSingleItem();
        if (id is not null)
        {
            error.FullyQualifiedErrorId.ShouldStartWith(id);
        }
    }

    [Fact]
    public void A_port_in_use_and_a_missing_connection_are_errors()
    {
        Session.Try("Start-RunwareWebhook").Errors.ShouldHaveSingleItem().FullyQualifiedErrorId.ShouldStartWith("ApiKeyMissing");
        Session.StartSandbox();

        var error = Session.Try("Start-RunwareWebhook -Port $sandbox.Port").Errors.ShouldHaveSingleItem();

        error.FullyQualifiedErrorId.ShouldStartWith("ConnectionFailed");
    }

    [Fact]
    public void A_loopback_url_is_not_sent_to_an_API_that_cannot_reach_it()
    {
        var run = Session.Run("Connect-Runware (ConvertTo-SecureString 'made-up-key' -AsPlainText) -Endpoint https://api.example/v1; Start-RunwareWebhook");

        run.Warnings.ShouldHaveSingleItem().ShouldContain("-PublicUri");
        Session.Run("Stop-RunwareWebhook; (Start-RunwareWebhook -PublicUri https://hooks.example/a).Url.AbsoluteUri").Text.ShouldStartWith("https://hooks.example/a/webhook?token=");
    }

    [Theory]
    [InlineData("$body")]
    [InlineData("[Text.Encoding]::UTF8.GetBytes($body)")]
    [InlineData("($body | ConvertFrom-Json)")]
    [InlineData("($body | ConvertFrom-Json -AsHashtable)")]
    [InlineData("@{ data = @($body | ConvertFrom-Json) }")]
    [InlineData("[pscustomobject]@{ WebhookName = 'x'; RequestBody = $body; RequestHeader = @{} }")]
    [InlineData("(@{ WebhookName = 'x'; RequestBody = $body } | ConvertTo-Json)")]
    [InlineData("[pscustomobject]@{ Method = 'POST'; Body = ($body | ConvertFrom-Json -AsHashtable); RawBody = $body }")]
    public void A_body_is_read_in_each_form_by_parameter_and_from_the_pipeline(string body)
    {
        foreach (var command in new[] { $"ConvertFrom-RunwareWebhook -Body ({body})", $"{body} | ConvertFrom-RunwareWebhook", $", {body} | ConvertFrom-RunwareWebhook" })
        {
            var run = Session.Run($"$body = '{Flat}'; {command}");

            run.Errors.ShouldBeEmpty(command);
            var task = run.Output.ShouldHaveSingleItem();
            task.TypeNames[0].ShouldBe("RunwarePS.RunwareTask");
            task.Get("TaskUuid").ShouldBe(Guid.Parse(Id));
            ((Array)task.Get("Image")!).Length.ShouldBe(1);
        }
    }

    [Fact]
    public void Duplicates_in_a_pipeline_are_dropped_and_a_bad_body_is_one_error_of_its_record()
    {
        var run = Session.Try($"'{Flat}', 'nonsense', '', $null, '{{\"data\":[{Flat}]}}', 5, (@{{}}) | ConvertFrom-RunwareWebhook");

        run.Output.ShouldHaveSingleItem();
        run.Errors.Length.ShouldBe(5);
        run.Errors.ShouldAllBe(e => e.FullyQualifiedErrorId.StartsWith("ParameterUnreadable,", StringComparison.Ordinal));
    }

    [Fact]
    public void A_url_on_another_host_is_left_out_with_a_warning_and_one_of_the_sandbox_is_kept()
    {
        Session.StartSandbox();

        var run = Session.Run(
            $$"""
            '{{Flat.Replace("https://im.runware.ai/a.jpg", "http://169.254.169.254/a?secret=123456", StringComparison.Ordinal)}}' | ConvertFrom-RunwareWebhook | ForEach-Object { $null -eq $_.Image[0].ImageUrl }
            $task = New-RunwareImage 'a kite' | ForEach-Object { @{ taskUUID = $_.TaskUuid; imageUUID = $_.ImageUuid; imageURL = $_.ImageUrl } } | ConvertFrom-RunwareWebhook
            $task.Image[0].ImageUrl.Host
            """);

        run.Warnings.ShouldHaveSingleItem().ShouldNotContain("123456");
        run.Output[0].BaseObject.ShouldBe(true);
        run.Output[1].BaseObject.ShouldBe("127.0.0.1");
    }

    [Fact]
    public async Task A_call_with_a_wrong_token_does_nothing()
    {
        Session.StartSandbox();
        var url = (Uri)Session.Run("($hook = Start-RunwareWebhook).Url").Output.ShouldHaveSingleItem().BaseObject;
        using var http = new HttpClient();
        using var content = new StringContent(Flat, Encoding.UTF8, "application/json");

        using var response = await http.PostAsync(new Uri(url, "/webhook?token=wrong"), content);

        ((int)response.StatusCode).ShouldBe(404);
        Session.Run("$hook.CallCount").Output.ShouldHaveSingleItem().BaseObject.ShouldBe(0);
    }
}
