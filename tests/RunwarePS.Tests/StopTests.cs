using System.Diagnostics;
using System.Management.Automation;

namespace RunwarePS.Tests;

/// <summary>Ctrl+C, which a host turns into <see cref="PowerShell.Stop"/> from another thread.</summary>
public sealed class StopTests : EngineTest
{
    /// <summary>Generous, for busy machines; a stop takes milliseconds. What it interrupts takes a minute or never ends.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_stop_ends_at_once_and_reports_the_ids_in_flight()
    {
        Session.StartSandbox("-Latency 60");
        var sandbox = Sandbox();
        using var shell = Session.Create("'a heron', 'a stork', 'an egret' | New-RunwareImage -ThrottleLimit 2");

        var elapsed = StopWhen(shell, () => Received(sandbox) == 2);

        elapsed.ShouldBeLessThan(s_promptly);
        var told = shell.Streams.Information.Where(i => i.Tags.Contains("PSHOST")).ShouldHaveSingleItem().MessageData.ToString()!;
        var ids = Session.Run("$sandbox.Request.TaskUuid").Texts;
        ids.Length.ShouldBe(2); // the third was never sent
        ids.ShouldAllBe(id => told.Contains(id));
    }

    [Fact]
    public void A_stop_while_records_are_still_to_come_ends_at_once()
    {
        Session.StartSandbox("-Latency 60");
        var sandbox = Sandbox();
        using var shell = Session.Create("& { 'a heron'; Start-Sleep 60; 'a stork' } | New-RunwareImage");

        StopWhen(shell, () => Received(sandbox) == 1).ShouldBeLessThan(s_promptly);
    }

    [Fact]
    public void After_a_stop_the_runspace_works_on()
    {
        Session.StartSandbox("-Latency 60");
        var sandbox = Sandbox();
        using (var shell = Session.Create("New-RunwareImage 'a heron'"))
        {
            StopWhen(shell, () => Received(sandbox) == 1);
        }

        Session.Run("$sandbox = Start-RunwareSandbox; Connect-Runware -Endpoint $sandbox.Endpoint; New-RunwareImage 'a stork'").Output.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("Save-RunwareImage -Path $args[0]")]
    [InlineData("Export-RunwareGallery (Join-Path $args[0] gallery.html) -Embed")]
    public void What_writes_leaves_nothing_behind_when_stopped(string command)
    {
        Session.StartSandbox("-Fault @{ Kind = 'Trickle'; TaskType = 'download' }");
        var sandbox = Sandbox();
        var folder = NewFolder();
        using var shell = Session.Create("New-RunwareImage 'a heron' | " + command, folder);

        var elapsed = StopWhen(shell, () => Received(sandbox) == 2 && Directory.EnumerateFiles(folder).Any());

        elapsed.ShouldBeLessThan(s_promptly);
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Test-RunwareConnection", "accountManagement")]
    [InlineData("Get-RunwareTask 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21", "getResponse")]
    public void Other_cmdlets_that_wait_stop_as_well(string script, string taskType)
    {
        Session.StartSandbox($"-Fault @{{ Kind = 'Stall'; TaskType = '{taskType}' }}");
        var sandbox = Sandbox();
        using var shell = Session.Create(script);

        StopWhen(shell, () => Received(sandbox) == 1).ShouldBeLessThan(s_promptly);
    }

    private PSObject Sandbox() => Session.Run("$sandbox").Output[0];

    private static int Received(PSObject sandbox) => ((IEnumerable<object>)sandbox.Get("Request")!).Count();

    private static TimeSpan StopWhen(PowerShell shell, Func<bool> isTime)
    {
        var running = shell.BeginInvoke();
        SpinWait.SpinUntil(isTime, s_promptly).ShouldBeTrue();
        var watch = Stopwatch.StartNew();
        shell.Stop();
        var elapsed = watch.Elapsed;
        shell.InvocationStateInfo.State.ShouldBe(PSInvocationState.Stopped);
        running.IsCompleted.ShouldBeTrue();
        return elapsed;
    }
}
