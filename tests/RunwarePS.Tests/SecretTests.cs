namespace RunwarePS.Tests;

/// <summary>The key goes into one header and nowhere else.</summary>
public sealed class SecretTests : EngineTest
{
    private const string Key = "rwk-5ecre7-5ecre7-5ecre7";

    /// <summary>Connects with the key, runs a script with everything on, and gives all that could be read of it.</summary>
    private const string ReadEverything = """
        $Error.Clear()
        $DebugPreference = $VerbosePreference = $InformationPreference = 'Continue'
        Connect-Runware $key -Endpoint $args[0] -MaxRetryCount 0 -TimeoutSec 2
        $said = @(
            Test-RunwareConnection -Verbose -Debug *>&1
            New-RunwareImage 'a safe' -Verbose -Debug *>&1
            Get-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21 -Verbose -Debug *>&1
            Get-RunwareConnection *>&1
        )
        $DebugPreference = $VerbosePreference = 'SilentlyContinue'
        $said | Out-String -Width 4000
        $said | ForEach-Object { "$_"; $_ | Format-List * -Force | Out-String -Width 4000 }
        $said | ConvertTo-Json -Depth 5 -WarningAction SilentlyContinue
        # What is ours to the bottom; of the record itself, what is below are the engine's own command and module.
        $said | ForEach-Object { [System.Management.Automation.PSSerializer]::Serialize($_, 4) }
        $Error | ForEach-Object { $_.Exception, $_.TargetObject } | ForEach-Object { [System.Management.Automation.PSSerializer]::Serialize($_, 6) }
        $Error | ForEach-Object { "$_"; $_.Exception.ToString(); $_ | Format-List * -Force | Out-String -Width 4000; $_ | Get-Error | Out-String -Width 4000 }
        $said.Count
        """;

    [Theory]
    [InlineData(200, "{\"errors\":[{\"code\":\"invalidApiKey\",\"message\":\"The key KEY is not known.\",\"parameter\":\"KEY\",\"hint\":\"KEY\"}]}")]
    [InlineData(401, "{\"errors\":[{\"code\":\"KEY\",\"message\":\"KEY\",\"context\":{\"sent\":[\"Bearer KEY\"]}}]}")]
    [InlineData(401, "{\"error\":\"Bearer KEY\"}")]
    [InlineData(500, "<html>Bearer KEY</html>")]
    [InlineData(200, "Bearer KEY")]
    [InlineData(200, "{\"data\":[{\"taskType\":\"imageInference\",\"imageURL\":\"http://127.0.0.1/a.jpg\",\"echo\":\"Bearer KEY\"}]}")]
    [InlineData(302, "")]
    public void A_server_that_echoes_the_key_makes_it_appear_nowhere(int status, string body)
    {
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(status, body.Replace("KEY", Key, StringComparison.Ordinal), $"X-Echo: {Key}\r\nLocation: http://127.0.0.1/?{Key}\r\n"));

        Everything(server.Endpoint).ShouldNotContain(Key);

        ScriptedServer.Header(server.Requests.First(), "Authorization").ShouldBe("Bearer " + Key); // it was really there to be told
    }

    [Theory]
    [InlineData(180)]
    [InlineData(190)]
    [InlineData(380)]
    [InlineData(390)]
    public void A_body_that_is_cut_short_within_the_key_shows_no_part_of_it(int before)
    {
        // One blank, so that it is no image data; without a reply's form, so that it is quoted.
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(500, new string('x', 20) + " " + new string('y', before - 21) + Key));

        Everything(server.Endpoint).ShouldNotContain(Key[..8]);
    }

    [Fact]
    public void A_server_that_is_down_makes_the_key_appear_nowhere() =>
        Everything($"http://127.0.0.1:{ScriptedServer.ClosedPort()}/v1").ShouldNotContain(Key);

    [Fact]
    public void The_sandbox_keeps_no_key()
    {
        var everything = Everything(Session.Run("($sandbox = Start-RunwareSandbox).Endpoint").Output[0].BaseObject);
        var kept = Session.Run("""
            $sandbox.Request | ForEach-Object { "$_"; $_.Body; $_.Headers.Values; $_.HasAuthorization }
            $sandbox | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue
            """).Text;

        everything.ShouldNotContain(Key);
        kept.ShouldNotContain(Key);
        kept.ShouldContain("True"); // it did get one
    }

    [Fact]
    public void Verbose_reports_the_request_and_debug_its_body()
    {
        Session.StartSandbox();

        var verbose = Session.Run("New-RunwareImage 'a safe' -Verbose *>&1 | Out-String").Text;
        var debug = Session.Run("New-RunwareImage 'a safe' -OutputType Base64Data -Debug *>&1 | Out-String -Width 4000").Text;

        verbose.ShouldContain("imageInference");
        verbose.ShouldNotContain("positivePrompt");
        debug.ShouldContain("\"positivePrompt\":\"a safe\"");
        debug.Length.ShouldBeLessThan(4000); // the image is not in it
    }

    [Fact]
    public void The_key_does_not_go_where_the_images_are()
    {
        using var pictures = new ScriptedServer(_ => ScriptedServer.Reply(404, ""));
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(200, $$"""{"data":[{"taskType":"imageInference","imageURL":"{{pictures.Endpoint}}/a.jpg"}]}"""));

        Session.Try("Connect-Runware $args[0] -Endpoint $args[1]; New-RunwareImage 'a safe' | Save-RunwareImage -Path $args[2]", Secret(), server.Endpoint, NewFolder());

        pictures.Requests.ShouldHaveSingleItem().ShouldNotContain(Key);
        pictures.Requests.ShouldAllBe(r => ScriptedServer.Header(r, "Authorization") == null);
    }

    [Fact]
    public void A_key_given_as_plain_text_is_refused_and_not_repeated()
    {
        var run = Session.Try($"Connect-Runware '{Key}' -Endpoint https://example.invalid/v1; $Error | Format-List * -Force | Out-String -Width 4000");

        string.Join('\n', [.. run.Texts, .. run.Errors.Select(e => e.Exception.ToString())]).ShouldNotContain(Key);
    }

    [Fact]
    public void A_key_that_no_header_can_carry_is_refused_and_not_repeated()
    {
        Session.Run("$key = $args[0]", new System.Net.NetworkCredential("", Key + "\n" + Key).SecurePassword);

        var run = Session.Try("Connect-Runware $key -Endpoint https://example.invalid/v1");

        run.Error.Id().ShouldBe("ParameterUnreadable");
        run.Error.Exception.ToString().ShouldNotContain(Key);
    }

    [Fact]
    public void The_query_of_a_webhook_appears_nowhere_either()
    {
        const string Token = "5ecre7-0f-a-hook";
        using var server = new ScriptedServer(request => ScriptedServer.Reply(500, $"<html>{request[request.IndexOf("\r\n\r\n", StringComparison.Ordinal)..].Trim()}</html>"));

        var run = Session.Try("""
            Connect-Runware -Endpoint $args[0] -MaxRetryCount 0
            $said = New-RunwareImage 'a safe' -WebhookUrl "https://hooks.example/in?sig=$($args[1])" -Verbose -Debug *>&1
            $said | Out-String -Width 4000
            $said | ForEach-Object { "$_"; $_ | Format-List * -Force | Out-String -Width 4000 }
            $Error | ForEach-Object { $_.Exception.ToString() }
            New-RunwareImage 'a safe' -WebhookUrl "ftp://hooks.example/in?sig=$($args[1])" *>&1 | Out-String -Width 4000
            New-RunwareImage 'a safe' -WebhookUrl "https://hooks.example/in?sig=$($args[1])" -WhatIf *>&1 | Out-String -Width 4000
            """, server.Endpoint, Token);

        run.Text.ShouldContain("positivePrompt");
        run.Text.ShouldNotContain(Token);
        run.Errors.ShouldAllBe(e => !$"{e} {e.Exception}".Contains(Token));
        server.Requests.ShouldHaveSingleItem().ShouldContain(Token);
    }

    [Fact]
    public void The_journal_does_not_hold_the_key()
    {
        var folder = NewFolder();
        Session.Run("$key = $args[0]", Secret());

        Session.Run("""
            $sandbox = Start-RunwareSandbox
            Connect-Runware $key -Endpoint $sandbox.Endpoint -JournalPath (Join-Path $args[0] journal.db) -JournalRequired
            New-RunwareImage 'a safe' | Save-RunwareImage -Path $args[0]
            """, folder);

        var files = Directory.GetFiles(folder, "journal.db*");
        files.ShouldNotBeEmpty();
        files.Select(ReadShared).ShouldAllBe(text => !text.Contains(Key));
        files.Select(ReadShared).ShouldContain(text => text.Contains("a safe"));
    }

    private static string ReadShared(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), System.Text.Encoding.Latin1);
        return file.ReadToEnd();
    }

    private static System.Security.SecureString Secret() => new System.Net.NetworkCredential("", Key).SecurePassword;

    private string Everything(object endpoint)
    {
        Session.Run("$key = $args[0]", Secret());
        var run = Session.Try(ReadEverything, endpoint);
        run.Ended.ShouldBeNull();
        ((int)run.Output[^1].BaseObject).ShouldBeGreaterThanOrEqualTo(4);
        return string.Join('\n', [run.Text, .. run.Messages, .. run.Errors.Select(e => $"{e} {e.Exception} {e.ErrorDetails} {e.TargetObject}")]);
    }
}
