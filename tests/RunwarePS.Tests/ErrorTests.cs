using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>What goes wrong has one clear error each, with an id and a category that scripts can rely on.</summary>
public sealed class ErrorTests : EngineTest
{
    [Theory]
    [InlineData("@{ Kind = 'Status'; StatusCode = 200; Body = '<html>busy</html>' }", "UnreadableReply", "InvalidData")]
    [InlineData("@{ Kind = 'TruncatedJson' }", "UnreadableReply", "InvalidData")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 500; Body = '<html>sorry</html>' }", "HttpStatus", "ResourceUnavailable")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 503 }", "HttpStatus", "ResourceUnavailable")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 401; Body = '<html>who are you</html>' }", "HttpStatus", "AuthenticationError")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 403; Body = '<html>no</html>' }", "HttpStatus", "PermissionDenied")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 429 }", "HttpStatus", "LimitsExceeded")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 504 }", "HttpStatus", "OperationTimeout")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 401; Code = 'invalidApiKey' }", "Runware.invalidApiKey", "AuthenticationError")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 403; Code = 'permissionDenied' }", "Runware.permissionDenied", "PermissionDenied")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 402; Code = 'insufficientCredits' }", "Runware.insufficientCredits", "LimitsExceeded")]
    [InlineData("@{ Kind = 'Status'; StatusCode = 429; Code = 'rateLimitExceeded' }", "Runware.rateLimitExceeded", "LimitsExceeded")]
    [InlineData("@{ Kind = 'Refusal' }", "Runware.invalidProviderContent", "PermissionDenied")]
    [InlineData("@{ Kind = 'Refusal'; Code = 'unsupportedParameter' }", "Runware.unsupportedParameter", "InvalidArgument")]
    [InlineData("@{ Kind = 'Refusal'; Code = 'modelNotFound'; StatusCode = 404 }", "Runware.modelNotFound", "ObjectNotFound")]
    [InlineData("@{ Kind = 'Refusal'; Code = 'providerError' }", "Runware.providerError", "ResourceUnavailable")]
    [InlineData("@{ Kind = 'Refusal'; Code = 'timeoutProvider' }", "Runware.timeoutProvider", "OperationTimeout")]
    [InlineData("@{ Kind = 'Refusal'; StatusCode = 200 }", "Runware.invalidProviderContent", "PermissionDenied")]
    [InlineData("@{ Kind = 'DropBeforeAcceptance' }", "ConnectionFailed", "ConnectionError")]
    [InlineData("@{ Kind = 'DropAfterAcceptance' }", "ConnectionFailed", "ConnectionError")]
    public void A_failure_of_the_server_has_its_own_id_and_category(string fault, string id, string category)
    {
        Session.StartSandbox($"-Fault {fault}", connect: "-MaxRetryCount 0");

        var run = Session.Try("'a gate', 'a fence' | New-RunwareImage -Tag garden");

        run.Ended.ShouldBeNull();
        run.Errors.Length.ShouldBe(2);
        Array.ForEach(run.Errors, error => ShouldBeWhole(error, id, category));
        run.Errors.Select(e => $"{e.Target("InputIndex")} {e.Target("Prompt")} {e.Target("Tag")}").Order(StringComparer.Ordinal).ShouldBe(["0 a gate garden", "1 a fence garden"]);
        Array.ForEach(run.Errors, e => $"{e}".ShouldBe($"Record {(int)e.Target("InputIndex")! + 1} ({e.Target("Prompt")}): {e.Exception.Message}"));
        run.Errors.Select(e => $"{e.Target("TaskUuid")}").Order(StringComparer.Ordinal).ShouldBe(Session.Run("$sandbox.Request.TaskUuid").Texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_body_of_an_error_status_is_read_as_the_api_wrote_it()
    {
        Session.StartSandbox("""
            -Fault @{ Kind = 'Status'; StatusCode = 401; Body = '{"errors":[{"code":"invalidApiKey","message":"Invalid API key.","parameter":"apiKey","documentation":"https://runware.ai/docs/platform/errors","hint":"get one"}]}' }
            """);

        var error = Session.Try("New-RunwareImage 'a gate'").Error;

        ShouldBeWhole(error, "Runware.invalidApiKey", nameof(ErrorCategory.AuthenticationError));
        error.Exception.Message.ShouldContain("Invalid API key.");
        error.Exception.GetType().FullName.ShouldBe("RunwarePS.RunwareException");
        error.Get("Code").ShouldBe("invalidApiKey");
        error.Get("Category")!.ToString().ShouldBe("Authentication");
        error.Get("Parameter").ShouldBe("apiKey");
        error.Get("StatusCode").ShouldBe(401);
        error.Get("Documentation").ShouldBe(new Uri("https://runware.ai/docs/platform/errors"));
        ((System.Collections.Hashtable)error.Get("AdditionalData")!)["hint"].ShouldBe("get one");
    }

    [Fact]
    public void Errors_beside_good_results_are_reported_and_the_results_are_kept()
    {
        Session.StartSandbox("-Fault @{ Kind = 'PartialFailure' }");

        var run = Session.Try("New-RunwareImage 'a gate' -Count 3");

        run.Output.Length.ShouldBe(2);
        ShouldBeWhole(run.Error, "Runware.invalidProviderContent", nameof(ErrorCategory.PermissionDenied));
    }

    [Fact]
    public void Images_that_the_response_leaves_out_are_reported()
    {
        using var server = new ScriptedServer(request =>
        {
            var task = System.Text.Json.Nodes.JsonNode.Parse(request[request.IndexOf("\r\n\r\n", StringComparison.Ordinal)..])![0]!["taskUUID"]!;
            return ScriptedServer.Reply(200, $$"""{"data":[{"taskType":"imageInference","taskUUID":"{{task}}","imageURL":"http://127.0.0.1/a.jpg"}]}""");
        });

        var run = Session.Try("Connect-Runware -Endpoint $args[0] -MaxRetryCount 0; New-RunwareImage 'a gate' -Count 2", server.Endpoint);

        run.Output.Length.ShouldBe(1);
        run.Output[0].Get("Cost").ShouldBeNull();
        run.Error.Exception.Message.ShouldContain("1 of 2");
    }

    [Fact]
    public void No_key_names_the_three_ways_to_give_one()
    {
        var run = Session.Try("'a gate', 'a fence' | New-RunwareImage");

        var error = run.Error; // once, not per record
        error.Id().ShouldBe("ApiKeyMissing");
        error.CategoryInfo.Category.ShouldBe(ErrorCategory.AuthenticationError);
        foreach (var way in new[] { "-ApiKey", "-Credential", "RUNWARE_API_KEY" })
        {
            error.Exception.Message.ShouldContain(way);
            error.ErrorDetails.RecommendedAction.ShouldContain(way);
        }
    }

    [Theory]
    [InlineData("Get-RunwareConnection")]
    [InlineData("Test-RunwareConnection")]
    [InlineData("Get-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21")]
    [InlineData("Connect-Runware")]
    public void No_key_is_the_same_error_everywhere(string script) => Session.Try(script).Error.Id().ShouldBe("ApiKeyMissing");

    [Theory]
    [InlineData("http://api.runware.ai/v1")]
    [InlineData("http://192.168.0.7:8080/v1")]
    [InlineData("http://localhost.example.invalid/v1")]
    public void Plain_http_to_anything_but_loopback_is_refused_before_a_key_could_travel(string endpoint)
    {
        const string Key = "(ConvertTo-SecureString 'a-key-for-tests' -AsPlainText -Force)";
        var given = Session.Try($"Connect-Runware {Key} -Endpoint {endpoint}").Error;
        Environment.SetEnvironmentVariable(KeyVariable, "a-key-for-tests");
        Environment.SetEnvironmentVariable(EndpointVariable, endpoint);
        var fromEnvironment = Session.Try("New-RunwareImage 'a gate'").Error;

        foreach (var error in new[] { given, fromEnvironment })
        {
            error.Id().ShouldBe("EndpointInsecure");
            error.CategoryInfo.Category.ShouldBe(ErrorCategory.InvalidArgument);
            error.ErrorDetails.RecommendedAction.ShouldContain("https");
        }
    }

    [Fact]
    public void A_server_that_is_down_is_reported_without_delay()
    {
        var run = Session.Try($"Connect-Runware -Endpoint http://127.0.0.1:{ScriptedServer.ClosedPort()}/v1 -MaxRetryCount 0; New-RunwareImage 'a gate'");

        ShouldBeWhole(run.Error, "ConnectionFailed", nameof(ErrorCategory.ConnectionError));
        run.Error.Target("InputIndex").ShouldBe(0);
    }

    [Fact]
    public void A_server_that_never_responds_is_a_time_out_that_names_the_task()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Stall' }", connect: "-TimeoutSec 1 -MaxRetryCount 0");

        var error = Session.Try("New-RunwareImage 'a gate'").Error;

        ShouldBeWhole(error, "RequestTimeout", nameof(ErrorCategory.OperationTimeout));
        error.ErrorDetails.RecommendedAction.ShouldContain(Session.Sent.ShouldHaveSingleItem()["taskUUID"]!.GetValue<string>());
        error.Get("IsTransient").ShouldBe(true);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public void A_redirect_is_an_error_and_is_never_followed(int status)
    {
        using var elsewhere = new ScriptedServer(_ => ScriptedServer.Reply(200, """{"data":[]}"""));
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(status, "", $"Location: {elsewhere.Endpoint}\r\n"));

        var run = Session.Try("Connect-Runware (ConvertTo-SecureString 'a-key-for-tests' -AsPlainText -Force) -Endpoint $args[0] -MaxRetryCount 0; New-RunwareImage 'a gate'", server.Endpoint);

        run.Error.Id().ShouldBe("HttpStatus");
        run.Error.Get("StatusCode").ShouldBe(status);
        run.Error.ErrorDetails.RecommendedAction.ShouldNotBeNullOrEmpty();
        server.Requests.Count.ShouldBe(1);
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void A_task_id_that_was_used_elsewhere_reports_how_to_get_its_result()
    {
        Session.StartSandbox();
        const string Id = "3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21";

        // A new connection has a journal of its own, which does not know the id.
        var run = Session.Try($"$null = New-RunwareImage 'a gate' -TaskUuid {Id}; Connect-Runware -Endpoint $sandbox.Endpoint; New-RunwareImage 'a gate' -TaskUuid {Id}");

        ShouldBeWhole(run.Error, "Runware.conflictTaskUUID", nameof(ErrorCategory.InvalidArgument));
        run.Error.ErrorDetails.RecommendedAction.ShouldContain("Get-RunwareTask");
        Session.Run("@($sandbox.Generation).Count").Value<int>().ShouldBe(1);
    }

    [Fact]
    public void Errors_obey_the_common_parameters()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Refusal'; Match = 'b' }");

        var run = Session.Run("""
            $images = 'a', 'b', 'c' | New-RunwareImage -ErrorAction SilentlyContinue -ErrorVariable failed
            "$($images.Count) $($failed.Count)"
            try { 'b' | New-RunwareImage -ErrorAction Stop } catch [RunwarePS.RunwareException] { "caught $($_.Exception.Code)" }
            """);

        run.Texts.ShouldBe(["2 1", "caught invalidProviderContent"]);
    }

    private static void ShouldBeWhole(ErrorRecord error, string id, string category)
    {
        error.Id().ShouldBe(id);
        error.CategoryInfo.Category.ToString().ShouldBe(category);
        error.Exception.GetType().FullName.ShouldBe("RunwarePS.RunwareException");
        error.ErrorDetails.ShouldNotBeNull().RecommendedAction.ShouldNotBeNullOrWhiteSpace();
        error.TargetObject.ShouldNotBeNull();
    }
}
