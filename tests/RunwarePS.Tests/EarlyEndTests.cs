using System.Text.RegularExpressions;

namespace RunwarePS.Tests;

/// <summary>However a pipeline ends early, what was bought and not handed over is reported by its IDs and can be fetched.</summary>
public sealed partial class EarlyEndTests : EngineTest
{
    public EarlyEndTests() => Session.StartSandbox("-Latency 0.3");

    [Theory]
    [InlineData("'a', 'b', 'c', 'd', 'e', 'f' | New-RunwareImage -Quality high | Select-Object -First 1")]
    [InlineData("'a', 'b' | New-RunwareImage -Count 3 | Select-Object -First 1")]
    [InlineData("New-RunwareImage 'a' -Count 3 | Select-Object -First 2")]
    [InlineData("'a', 'b', 'c' | New-RunwareImage | ForEach-Object { $_; throw 'downstream' }")]
    [InlineData("'a', 'b', 'c' | New-RunwareImage | ForEach-Object { $_; Write-Error 'downstream' -ErrorAction Stop }")]
    [InlineData("foreach ($once in 1) { 'a', 'b', 'c' | New-RunwareImage | ForEach-Object { $_; break } }")]
    [InlineData("& { 'a'; 'b'; & $untilSent 2; throw 'upstream' } | New-RunwareImage")]
    [InlineData("& { 'a'; 'b'; & $untilSent 2; [pscustomobject]@{ Prompt = 'c'; Width = 7 } } | New-RunwareImage -ErrorAction Stop")]
    [InlineData("'a', 'b', 'c' | New-RunwareImage | Save-RunwareImage -Path $folder -PassThru | Select-Object -First 1")]
    [InlineData("$sent = 'a', 'b', 'c' | New-RunwareImage -Async; $sent | Receive-RunwareTask -Wait | Select-Object -First 1")]
    [InlineData("$sent = 'a', 'b', 'c' | New-RunwareImage -Async; $sent | Wait-RunwareTask | Select-Object -First 1")]
    public void What_was_bought_and_not_handed_over_is_reported_and_comes_back(string pipeline)
    {
        Session.Run("""
            $folder = $args[0]
            $untilSent = { param($count) while (@($sandbox.Request).Count -lt $count) { Start-Sleep -Milliseconds 20 } }
            """, NewFolder());

        var run = Session.Try(pipeline);

        var reported = Reported(run);
        reported.ShouldNotBeEmpty();
        Thread.Sleep(500); // what was in flight is made all the same
        SpinWait.SpinUntil(() => !reported.Except(Ids("$sandbox.Generation.TaskUuid")).Any(), TimeSpan.FromSeconds(30));
        var charged = Ids("$sandbox.Generation.TaskUuid");
        var handedOver = run.Output.GroupBy(o => (Guid)o.Get("TaskUuid")!).Where(o => o.Count() == Expected(pipeline)).Select(o => o.Key);
        reported.ShouldBe(charged.Except(handedOver), ignoreOrder: true);
        var received = Ids($"Receive-RunwareTask {string.Join(", ", reported)} -Wait | ForEach-Object TaskUuid");
        received.Distinct().ShouldBe(reported, ignoreOrder: true);
        if (!pipeline.Contains("Save-RunwareImage"))
        {
            Ids("Resume-RunwareTask -Wait | ForEach-Object TaskUuid").ShouldBe(charged, ignoreOrder: true);
        }

        Session.Run("$sandbox.Generation.Count").Value<int>().ShouldBe(charged.Length); // nothing was bought for it
    }

    // One that waits to be sent with others may be reported although the end came before its request.
    [Fact]
    public void Of_asynchronous_tasks_none_that_was_bought_is_left_out()
    {
        var run = Session.Try("'a', 'b', 'c' | New-RunwareImage -Async | Select-Object -First 1");

        Thread.Sleep(500);
        Ids("$sandbox.Generation.TaskUuid").Except(Ids(run)).ShouldBeSubsetOf(Reported(run));
    }

    [Theory]
    [InlineData("New-RunwareImage 'a' | Select-Object -First 1")]
    [InlineData("New-RunwareImage 'a' -Count 2 | Select-Object -First 2")]
    [InlineData("'a', 'b' | New-RunwareImage | Select-Object -First 5")]
    [InlineData("New-RunwareImage 'a' -Width 7 -ErrorAction Stop")]
    [InlineData("$image = New-RunwareImage 'a'; $image, $image | Get-RunwareTask | Select-Object -First 1")]
    public void Where_everything_was_handed_over_nothing_is_reported(string pipeline) => Reported(Session.Try(pipeline)).ShouldBeEmpty();

    [Fact]
    public void The_report_can_be_kept_in_a_variable() =>
        Session.Run("""
            $null = 'a', 'b' | New-RunwareImage -InformationVariable said -InformationAction SilentlyContinue | Select-Object -First 1
            @($said).Count
            """).Value<int>().ShouldBe(1);

    [Fact]
    public void Nothing_new_is_sent_after_the_end()
    {
        Session.Run("$null = 1..20 | ForEach-Object { \"p $_\" } | New-RunwareImage -ThrottleLimit 2 | Select-Object -First 1");

        Thread.Sleep(500);
        Session.Sent.Length.ShouldBeLessThanOrEqualTo(3);
    }

    private static int Expected(string pipeline) => pipeline.Contains("-Count 3") ? 3 : 1;

    private static Guid[] Ids(EngineRun run) => [.. run.Output.Select(o => (Guid)o.Get("TaskUuid")!)];

    private Guid[] Ids(string script) => [.. Session.Run(script).Output.Select(o => Guid.Parse($"{o}"))];

    private static Guid[] Reported(EngineRun run) =>
        [.. run.Information.Where(i => i.Tags.Contains("PSHOST")).SelectMany(i => Id().Matches($"{i.MessageData}"))
            .Select(m => Guid.Parse(m.Value)).Distinct()];

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();
}
