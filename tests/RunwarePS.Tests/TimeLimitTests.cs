using System.Diagnostics;
using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>-TimeoutSec of a cmdlet is the time limit of the call; -TimeoutSec of the connection is that of one request.</summary>
public sealed class TimeLimitTests : EngineTest
{
    /// <summary>Generous, for busy machines; far less than any pause that the servers below ask for.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("3600")]
    [InlineData("90000000")]
    public void A_pause_of_any_length_ends_every_record_with_an_error(string seconds)
    {
        Session.StartSandbox($"-Fault @{{ Kind = 'Status'; StatusCode = 429; RetryAfter = {seconds}; Times = 1 }}");
        var watch = Stopwatch.StartNew();

        var run = Session.Try("'a', 'b', 'c' | New-RunwareImage -TimeoutSec 2 -ThrottleLimit 1");

        watch.Elapsed.ShouldBeLessThan(s_promptly);
        run.Ended.ShouldBeNull();
        run.Errors.Length.ShouldBe(3);
        run.Errors.ShouldAllBe(e => e.CategoryInfo.Category == ErrorCategory.LimitsExceeded);
        run.Errors.Select(e => (int)e.Target("InputIndex")!).ShouldBe([0, 1, 2]);
        Session.Sent.ShouldHaveSingleItem();
        Session.Run("@(Get-RunwareTask -Pending).Count").Value<int>().ShouldBe(3);
    }

    [Fact]
    public void A_request_that_timed_out_is_repeated_within_the_limit_of_the_call()
    {
        Session.StartSandbox(
            "-Fault @{ Kind = 'Stall'; TaskType = 'imageInference'; Times = 1 }", connect: "-TimeoutSec 1 -MaxRetryCount 3");

        Session.Run("New-RunwareImage 'a gate' -TimeoutSec 30").Output.ShouldHaveSingleItem();

        Session.Sent.Select(t => t["taskUUID"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        Session.Sent.Length.ShouldBe(2);
        Session.Run("$sandbox.Generation.Count").Value<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("New-RunwareImage 'a gate' -TimeoutSec 1", "imageInference", "RequestTimeout")]
    [InlineData("New-RunwareImage 'a gate' -Async | Wait-RunwareTask -TimeoutSec 1", "getResponse", "TaskTimeout")]
    [InlineData("New-RunwareImage 'a gate' -Async | Receive-RunwareTask -Wait -TimeoutSec 1", "getResponse", "TaskTimeout")]
    [InlineData("New-RunwareImage 'a gate' -Async | Receive-RunwareTask -TimeoutSec 1", "getResponse", "RequestTimeout")]
    public void A_request_ends_with_the_call(string script, string taskType, string id)
    {
        Session.StartSandbox($"-Fault @{{ Kind = 'Stall'; TaskType = '{taskType}' }}");
        var watch = Stopwatch.StartNew();

        var error = Session.Try(script).Error;

        watch.Elapsed.ShouldBeLessThan(s_promptly);
        error.Id().ShouldBe(id);
        error.CategoryInfo.Category.ShouldBe(ErrorCategory.OperationTimeout);
    }
}
