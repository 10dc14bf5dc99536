using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Net.Sockets;

namespace RunwarePS.Tests;

/// <summary>Which connection counts, and in which runspace.</summary>
public sealed class ConnectionTests : EngineTest
{
    [Fact]
    public void Connecting_sends_nothing()
    {
        Session.StartSandbox();

        Session.Run("$sandbox.Request.Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void The_journal_of_a_sandbox_leaves_no_file_although_it_is_opened_beside_the_first_call()
    {
        var files = Session.Run("""
            1..20 | ForEach-Object {
                $connection = Connect-Runware -Sandbox -PassThru
                New-RunwareImage 'a red tram' -Count 99 -ErrorAction Ignore
                Disconnect-Runware
                $connection.JournalPath
            }
            """).Output.Select(o => (string)o.BaseObject).ToArray();

        files.Distinct(StringComparer.Ordinal).Count().ShouldBe(20);
        files.SelectMany(f => Directory.GetFiles(Path.GetDirectoryName(f)!, Path.GetFileName(f) + "*")).ShouldBeEmpty();
    }

    [Fact]
    public void The_connection_shows_everything_but_the_key()
    {
        var connection = Session.Run("Connect-Runware (ConvertTo-SecureString 'a-key-for-tests' -AsPlainText -Force) -TimeoutSec 42 -MaxRetryCount 1 -PassThru").Output[0];

        connection.TypeNames[0].ShouldBe("RunwarePS.RunwareConnection");
        connection.Get("Endpoint").ShouldBe(new Uri("https://api.runware.ai/v1"));
        connection.Get("KeySource").ShouldBe("Parameter");
        connection.Get("Scope").ShouldBe("Process");
        connection.Get("TimeoutSec").ShouldBe(42);
        connection.Get("MaxRetryCount").ShouldBe(1);
        connection.Get("IsSandbox").ShouldBe(false);
        connection.Properties.ShouldNotContain(p => p.Name.EndsWith("Key", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_timeout_is_300_seconds_and_three_retries_by_default()
    {
        var connection = Session.Run("Connect-Runware -Sandbox -PassThru").Output[0];

        connection.Get("TimeoutSec").ShouldBe(300);
        connection.Get("MaxRetryCount").ShouldBe(3);
        connection.Get("IsSandbox").ShouldBe(true);
    }

    [Fact]
    public void The_password_of_a_credential_is_the_key()
    {
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(401, """{"errors":[{"code":"invalidApiKey","message":"This key is not known."}]}"""));

        Session.Try("Connect-Runware -Endpoint $args[0] -Credential ([pscredential]::new('anybody', (ConvertTo-SecureString 'a-key-for-tests' -AsPlainText -Force))); New-RunwareImage 'a loom'", server.Endpoint);

        ScriptedServer.Header(server.Requests.First(), "Authorization").ShouldBe("Bearer a-key-for-tests");
    }

    [Fact]
    public void The_environment_gives_key_and_endpoint_without_a_connection()
    {
        using var server = new ScriptedServer(_ => ScriptedServer.Reply(401, """{"errors":[{"code":"invalidApiKey","message":"This key is not known."}]}"""));
        Environment.SetEnvironmentVariable(KeyVariable, "a-key-for-tests");
        Environment.SetEnvironmentVariable(EndpointVariable, server.Endpoint);

        var connection = Session.Run("Get-RunwareConnection").Output[0];
        Session.Try("New-RunwareImage 'a loom'");

        connection.Get("KeySource").ShouldBe("Environment");
        connection.Get("Scope").ShouldBe("Environment");
        ScriptedServer.Header(server.Requests.First(), "Authorization").ShouldBe("Bearer a-key-for-tests");
    }

    [Fact]
    public void A_parameter_beats_the_environment()
    {
        Environment.SetEnvironmentVariable(KeyVariable, "a-key-for-tests");
        Environment.SetEnvironmentVariable(EndpointVariable, "https://somewhere.invalid/v1");

        var connection = Session.Run("Connect-Runware (ConvertTo-SecureString 'another-key' -AsPlainText -Force) -Endpoint https://elsewhere.invalid/v1 -PassThru").Output[0];

        connection.Get("KeySource").ShouldBe("Parameter");
        connection.Get("Endpoint").ShouldBe(new Uri("https://elsewhere.invalid/v1"));
    }

    [Fact]
    public void A_sandbox_of_the_connection_takes_no_key_from_the_environment()
    {
        Environment.SetEnvironmentVariable(KeyVariable, "a-key-for-tests");

        Session.Run("Connect-Runware -Sandbox -PassThru").Output[0].Get("KeySource").ShouldBe("None");
    }

    [Fact]
    public void Parallel_runspaces_use_the_connection_of_the_process_and_not_the_environment()
    {
        LeadEnvironmentAstray();
        Session.StartSandbox();

        var run = Session.Run("""
            $module = $args[0]
            1..4 | ForEach-Object -ThrottleLimit 2 -Parallel { Import-Module $using:module; New-RunwareImage "loom $_" }
            """, Repository.Module);

        run.Output.Length.ShouldBe(4);
        Session.Sent.Length.ShouldBe(4);
    }

    [Fact]
    public void Parallel_runspaces_reach_the_sandbox_that_connect_started()
    {
        LeadEnvironmentAstray();

        var run = Session.Run("""
            Connect-Runware -Sandbox
            $module = $args[0]
            1..4 | ForEach-Object -ThrottleLimit 2 -Parallel { Import-Module $using:module; (New-RunwareImage "loom $_").ImageUrl.Port; (Get-RunwareConnection).IsSandbox }
            """, Repository.Module);

        run.Output.Select(o => o.BaseObject).OfType<bool>().ShouldBe([true, true, true, true]);
        run.Output.Select(o => o.BaseObject).OfType<int>().Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void Thread_jobs_use_the_connection_of_the_process_and_not_the_environment()
    {
        LeadEnvironmentAstray();
        Session.StartSandbox();

        var run = Session.Run("""
            $module = $args[0]
            1..2 | ForEach-Object { Start-ThreadJob { Import-Module $using:module; New-RunwareImage "loom $using:_" } } | Receive-Job -Wait -AutoRemoveJob
            """, Repository.Module);

        run.Output.Length.ShouldBe(2);
        Session.Sent.Length.ShouldBe(2);
    }

    [Fact]
    public void A_connection_of_one_runspace_is_its_own()
    {
        Session.Run("Connect-Runware -Sandbox -Scope Runspace");
        using var other = new EngineSession();

        Session.Run("(Get-RunwareConnection).Scope").Text.ShouldBe("Runspace");
        other.Try("Get-RunwareConnection").Error.Id().ShouldBe("ApiKeyMissing");
    }

    [Fact]
    public void A_sandbox_of_one_runspace_ends_with_it()
    {
        var mine = EndpointOfClosedRunspace("Connect-Runware -Sandbox -Scope Runspace -PassThru");

        SpinWait.SpinUntil(() => !IsListening(mine), TimeSpan.FromSeconds(10)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Connect-Runware -Sandbox -PassThru")]
    [InlineData("Connect-Runware -Sandbox -Scope Runspace; Connect-Runware -Sandbox -PassThru")]
    public void A_sandbox_of_the_process_outlives_the_runspace_that_started_it(string connect) =>
        IsListening(EndpointOfClosedRunspace(connect)).ShouldBeTrue();

    [Fact]
    public void A_runspace_prefers_its_own_connection_to_that_of_the_process()
    {
        Session.StartSandbox();
        using var other = new EngineSession();

        other.StartSandbox(connect: "-Scope Runspace");
        other.Run("New-RunwareImage 'a loom'");
        Session.Run("New-RunwareImage 'a spindle'");

        other.SentPrompts.ShouldBe(["a loom"]);
        Session.SentPrompts.ShouldBe(["a spindle"]);
    }

    [Fact]
    public void The_last_connection_of_the_process_counts()
    {
        Session.StartSandbox();
        using var other = new EngineSession();
        other.StartSandbox();

        Session.Run("New-RunwareImage 'a loom'");

        other.SentPrompts.ShouldBe(["a loom"]);
        Session.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Disconnecting_forgets_the_connection_and_stops_its_sandbox()
    {
        var address = Session.Run("(Connect-Runware -Sandbox -PassThru).Endpoint").Output[0].BaseObject;

        var run = Session.Try("Disconnect-Runware; Get-RunwareConnection");

        run.Error.Id().ShouldBe("ApiKeyMissing");
        Session.Try("Connect-Runware -Endpoint $args[0] -MaxRetryCount 0; Test-RunwareConnection", address).Error.Id().ShouldBe("ConnectionFailed");
    }

    [Fact]
    public void Disconnecting_leaves_a_sandbox_that_was_started_by_hand()
    {
        Session.StartSandbox();

        Session.Run("Disconnect-Runware; $sandbox.IsRunning").Value<bool>().ShouldBeTrue();
        Session.Run("$sandbox | Stop-RunwareSandbox; $sandbox.IsRunning").Value<bool>().ShouldBeFalse();
    }

    [Fact]
    public void Testing_the_connection_gives_latency_and_balance()
    {
        Session.StartSandbox();

        var test = Session.Run("Test-RunwareConnection").Output.ShouldHaveSingleItem();

        test.Get("Endpoint").ShouldBe(Session.Run("$sandbox.Endpoint").Output[0].BaseObject);
        ((double)test.Get("LatencyMs")!).ShouldBeGreaterThan(0);
        test.Get("Balance").ShouldBe(1000m);
        Session.Run("@($sandbox.Generation).Count").Value<int>().ShouldBe(0);
    }

    [Fact]
    public void A_quiet_test_states_true_or_false_and_no_more()
    {
        Session.StartSandbox();
        Session.Run("Test-RunwareConnection -Quiet").Value<bool>().ShouldBeTrue();

        Session.Run("$sandbox | Stop-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint -MaxRetryCount 0; Test-RunwareConnection -Quiet").Value<bool>().ShouldBeFalse();
    }

    [Fact]
    public void A_loopback_endpoint_needs_no_key()
    {
        Session.StartSandbox();

        Session.Run("New-RunwareImage 'a loom' | Out-Null; $sandbox.Request[0].HasAuthorization").Value<bool>().ShouldBeFalse();
    }

    /// <summary>Whoever asks the environment instead of the connection fails.</summary>
    private static void LeadEnvironmentAstray()
    {
        Environment.SetEnvironmentVariable(KeyVariable, "fake");
        Environment.SetEnvironmentVariable(EndpointVariable, FormattableString.Invariant($"http://127.0.0.1:{ScriptedServer.ClosedPort()}/v1"));
    }

    /// <summary>Connects in a runspace of its own, which is closed then, and gives the endpoint of that connection.</summary>
    private static Uri EndpointOfClosedRunspace(string connect)
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        var connection = shell.AddScript("Import-Module $args[0]; " + connect).AddArgument(Repository.Module).Invoke()[0];
        var endpoint = (Uri)connection.Get("Endpoint")!;
        IsListening(endpoint).ShouldBeTrue();
        return endpoint;
    }

    private static bool IsListening(Uri endpoint)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(endpoint.Host, endpoint.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
