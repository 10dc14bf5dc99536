using System.Diagnostics;
using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>The progress bar as a host gets it.</summary>
public sealed class ProgressTests : EngineTest
{
    [Fact]
    public void A_long_run_is_shown_at_long_intervals_and_removed()
    {
        Session.StartSandbox("-Latency 0.15");

        var records = Watch("1..60 | ForEach-Object { \"picture $_\" } | New-RunwareImage -ThrottleLimit 4 | Out-Null");

        records[^1].Record.RecordType.ShouldBe(ProgressRecordType.Completed);
        var shown = records[..^1];
        shown.Length.ShouldBeGreaterThan(3);
        shown.ShouldAllBe(r => r.Record.RecordType == ProgressRecordType.Processing && r.Record.Activity == "Generating images");
        ShouldBeFiveASecondAtMost(shown);
        shown[^1].Record.StatusDescription.ShouldMatch("^[0-9]+ done, [0-9]+ running, [0-9.]+ USD, [0-9.]+/(s|min)$");
    }

    [Fact]
    public void What_failed_is_counted_and_no_more_is_in_work_than_may_be()
    {
        Session.StartSandbox("-Latency 0.3 -Fault @{ Kind = 'Refusal'; Match = 'p 7' }");

        var status = Watch("'', '' + (1..24 | ForEach-Object { \"p $_\" }) | New-RunwareImage -ThrottleLimit 3 -ErrorAction Ignore | Out-Null")
            .Select(r => r.Record.StatusDescription).Where(s => s != "done").ToArray();

        status.ShouldAllBe(s => s.Contains(" failed"), "two records without a prompt came first");
        status.ShouldContain(s => s.Contains(", 2 failed"));
        status.ShouldContain(s => s.Contains(", 3 failed"));
        status.ShouldAllBe(s => s.Contains(", 0 running") || s.Contains(", 1 running") || s.Contains(", 2 running") || s.Contains(", 3 running"));
    }

    [Fact]
    public void One_image_that_takes_long_is_shown_too()
    {
        Session.StartSandbox("-Latency 2.5");

        var records = Watch("New-RunwareImage 'a slow picture' | Out-Null");

        records[0].Record.StatusDescription.ShouldBe("0 done, 1 running");
        records[^1].Record.RecordType.ShouldBe(ProgressRecordType.Completed);
    }

    [Theory]
    [InlineData("Wait-RunwareTask -PollingInterval 0.2")]
    [InlineData("Receive-RunwareTask -Wait")]
    public void The_last_task_has_a_bar_of_its_own(string command)
    {
        Session.StartSandbox("-Latency 3");
        Session.Run("$task = New-RunwareImage \"a `e[31mslow picture\" -Async");

        var records = Watch($"$task | {command} | Out-Null");

        var run = records.Where(r => r.Record.ParentActivityId < 0).Select(r => r.Record).ToArray();
        var task = records.Where(r => r.Record.ParentActivityId >= 0).Select(r => r.Record).ToArray();
        task.Length.ShouldBeGreaterThan(1);
        task[0].ParentActivityId.ShouldBe(run[0].ActivityId);
        task[0].StatusDescription.ShouldBe("a [31mslow picture");
        task[..^1].Select(r => r.PercentComplete).ShouldBeInOrder();
        task[^2].PercentComplete.ShouldBeInRange(1, 100);
        run.ShouldContain(r => r.PercentComplete > 0);
        task[^1].RecordType.ShouldBe(ProgressRecordType.Completed);
        run[^1].RecordType.ShouldBe(ProgressRecordType.Completed);
        ShouldBeFiveASecondAtMost(records[..^2]);
    }

    [Fact]
    public void What_is_left_is_reported_once_all_has_begun()
    {
        Session.StartSandbox("-Latency 1");

        var records = Watch("1..8 | ForEach-Object { New-RunwareImage \"p $_\" -Async; Start-Sleep -Milliseconds 300 } | Wait-RunwareTask -PollingInterval 0.2 | Out-Null").Where(r => r.Record.Activity == "Waiting for tasks").ToArray();

        records.ShouldContain(r => r.Record.PercentComplete == -1);
        records.ShouldContain(r => r.Record.PercentComplete > 0 && r.Record.SecondsRemaining >= 0);
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'; New-RunwareImage 'a slow picture' | Out-Null; $ProgressPreference = 'Continue'")]
    [InlineData("New-RunwareImage 'a slow picture' -ProgressAction SilentlyContinue | Out-Null")]
    public void Who_wants_no_bar_gets_none(string script)
    {
        Session.StartSandbox("-Latency 2");

        Watch(script).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("1..20 | ForEach-Object { \"p $_\" } | New-RunwareImage -ThrottleLimit 2 -ErrorAction Stop")]
    [InlineData("1..20 | ForEach-Object { \"p $_\" } | New-RunwareImage -ThrottleLimit 2 | ForEach-Object { if (++$script:n -eq 6) { throw 'enough' } }")]
    [InlineData("1..20 | ForEach-Object { \"p $_\" } | New-RunwareImage -ThrottleLimit 2 | Select-Object -First 6")]
    public void A_bar_does_not_outlive_a_run_that_ends_early(string script)
    {
        Session.StartSandbox("-Latency 0.3 -Fault @{ Kind = 'PartialFailure'; Match = 'p 7' }");

        var records = Watch($"try {{ {script} | Out-Null }} catch {{ }}");

        records.Length.ShouldBeGreaterThan(1);
        records[^1].Record.RecordType.ShouldBe(ProgressRecordType.Completed);
    }

    // Over the whole time, and one or two more: a busy machine hands over late what was written in time.
    private static void ShouldBeFiveASecondAtMost((TimeSpan At, ProgressRecord Record)[] records) =>
        records.Length.ShouldBeLessThanOrEqualTo(3 + (int)((records[^1].At - records[0].At).TotalSeconds * 5));

    private (TimeSpan At, ProgressRecord Record)[] Watch(string script)
    {
        using var shell = Session.Create(script);
        var clock = Stopwatch.StartNew();
        var records = new List<(TimeSpan, ProgressRecord)>();
        shell.Streams.Progress.DataAdding += (_, e) =>
        {
            lock (records)
            {
                records.Add((clock.Elapsed, (ProgressRecord)e.ItemAdded));
            }
        };
        shell.Invoke();
        return [.. records];
    }
}
