using System.Diagnostics;
using System.Globalization;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>Whose a row is: which connection's, and which process's.</summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly TemporaryJournal _file = new();
    private readonly TestJournal _journal;

    public OwnershipTests() => _journal = _file.Open();

    public void Dispose() => _file.Dispose();

    public static TheoryData<string, string> Others => new() { { "https://api.example/v1", "OTHER" }, { "https://other.example/v1", "ACCOUNT" } };

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Another_connection_sees_nothing_and_forgets_nothing(string endpoint, string account)
    {
        var other = new JournalScope(endpoint, account);
        var task = await _journal.BegunAsync();
        await _journal.EndedAsync(task, Rows.Image(task));

        (await _journal.ListAsync(other, null)).ShouldBeEmpty();
        (await _journal.ListAsync(other, [task.TaskUuid])).ShouldBeEmpty();
        (await _journal.SpendAsync(other, null, null)).ShouldBeEmpty();
        await _journal.RemoveAsync(other, [task.TaskUuid]);
        (await _journal.RowAsync(task.TaskUuid)).Images.ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Another_connections_spending_does_not_count_against_a_cap(string endpoint, string account)
    {
        await _journal.BegunAsync(Rows.Task(reserved: 5), new JournalScope(endpoint, account));

        (await _journal.BeginAsync(Rows.Mine, Rows.Task(reserved: 1), Rows.NoPictures, dailyCap: 1)).ShouldBeOfType<BeginOutcome.Booked>();
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task The_same_id_on_another_connection_is_another_task(string endpoint, string account)
    {
        // An -IdempotencyKey makes the same id wherever it is used: with a new key, or against another endpoint.
        var other = new JournalScope(endpoint, account);
        var task = await _journal.BegunAsync();
        await _journal.EndedAsync(task, Rows.Image(task));

        (await _journal.BeginAsync(other, Rows.Task(task.TaskUuid), Rows.NoPictures, dailyCap: null)).ShouldBeOfType<BeginOutcome.Booked>();

        (await _journal.RowAsync(task.TaskUuid, other)).Status.ShouldBe(RunwareTaskStatus.Pending);
        (await _journal.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task The_same_id_on_another_connection_does_not_pass_its_cap(string endpoint, string account)
    {
        var task = await _journal.BegunAsync();

        var outcome = await _journal.BeginAsync(new JournalScope(endpoint, account), Rows.Task(task.TaskUuid, reserved: 2), Rows.NoPictures, dailyCap: 1);

        outcome.ShouldBeOfType<BeginOutcome.OverBudget>();
    }

    [Fact]
    public async Task Keys_are_distinguished_by_fingerprints_that_mean_nothing_elsewhere()
    {
        using var second = new TemporaryJournal();
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("key-one"));
        await Connected(settings).BeginAsync(Some.Task());
        var elsewhere = second.Open();
        await new ConnectionJournal(_ => Task.FromResult(elsewhere.Store), settings, _ => { }).BeginAsync(Some.Task());

        (await Connected(settings).ListAsync()).Count.ShouldBe(1);
        (await Connected(settings with { Key = ApiKey.From("key-two") }).ListAsync()).ShouldBeEmpty();
        (await Connected(settings with { Key = null }).ListAsync()).ShouldBeEmpty();
        (await Connected(settings with { Endpoint = new Uri("https://api.example/v2") }).ListAsync()).ShouldBeEmpty();
        second.Read("SELECT account FROM scope").ShouldNotBe(_file.Read("SELECT account FROM scope"));
    }

    [Fact]
    public async Task A_second_begin_of_an_id_finds_it_in_progress_then_held_then_ended()
    {
        var task = await _journal.BegunAsync();

        (await AgainAsync()).ShouldBeOfType<BeginOutcome.InProgress>();
        await _journal.ReleasedAsync(Rows.Mine, task.TaskUuid);
        (await AgainAsync()).ShouldBeOfType<BeginOutcome.Held>();
        await _journal.EndedAsync(task, Rows.Image(task));
        (await AgainAsync()).ShouldBeOfType<BeginOutcome.Ended>();

        Task<BeginOutcome> AgainAsync() => _journal.BeginAsync(Rows.Mine, Rows.Task(task.TaskUuid), Rows.NoPictures, dailyCap: null);

        _file.Count("task").ShouldBe(1);
    }

    [Fact]
    public async Task A_second_begin_is_held_whatever_the_cap_states()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.ReleasedAsync(Rows.Mine, task.TaskUuid);

        (await _journal.BeginAsync(Rows.Mine, Rows.Task(task.TaskUuid, reserved: 1), Rows.NoPictures, dailyCap: 1)).ShouldBeOfType<BeginOutcome.Held>();
    }

    [Fact]
    public async Task Of_many_begins_of_one_id_one_is_the_first()
    {
        var other = _file.Open();
        var id = Guid.NewGuid();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Task.Run(() => (i % 2 == 0 ? _journal : other).BeginAsync(Rows.Mine, Rows.Task(id), Rows.NoPictures, dailyCap: null))));

        outcomes.Count(o => o is BeginOutcome.Booked).ShouldBe(1);
        outcomes.Count(o => o is BeginOutcome.InProgress).ShouldBe(19);
    }

    [Fact]
    public async Task What_this_process_works_on_cannot_be_claimed_until_it_lets_go()
    {
        var task = await _journal.BegunAsync();

        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();

        await _journal.ReleasedAsync(Rows.Mine, task.TaskUuid);
        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeFalse();
        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_many_claims_one_succeeds()
    {
        var task = await _journal.BegunAsync();
        await _journal.ReleasedAsync(Rows.Mine, task.TaskUuid);
        var other = _file.Open();

        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => (i % 2 == 0 ? _journal : other).ClaimAsync(Rows.Mine, task.TaskUuid))));

        claims.Count(c => c).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_claimed() => (await _journal.ClaimAsync(Rows.Mine, Guid.NewGuid())).ShouldBeFalse();

    [Fact]
    public async Task What_a_dead_process_worked_on_can_be_claimed()
    {
        var task = await OwnedByAsync(await DeadAsync());

        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeFalse();
        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        _file.Read("SELECT owner FROM task").ShouldBe(((SqliteStore)_journal.Store).Owner);
    }

    [Fact]
    public async Task What_a_living_process_works_on_cannot_be_claimed_or_released()
    {
        var task = await OwnedByAsync(Living());

        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        await _journal.ReleasedAsync(Rows.Mine, task.TaskUuid);
        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
    }

    [Fact]
    public async Task A_later_process_of_the_same_number_is_another_one()
    {
        var task = await OwnedByAsync(Owner.Of(Environment.ProcessId, Owner.StartOf(Process.GetCurrentProcess()) - 1));

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public async Task A_process_of_another_machine_is_believed_to_live_until_its_lease_ends(int minutes, bool claimed)
    {
        var task = await OwnedByAsync("some-other-machine|1|1", DateTime.UtcNow.AddMinutes(minutes));

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBe(claimed);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public async Task A_process_of_another_container_with_the_same_name_and_number_is_believed_to_live_until_its_lease_ends(int minutes, bool claimed)
    {
        var owner = (await DeadAsync()).Split('|');
        var task = await OwnedByAsync($"{owner[0]}|{owner[1]}|{owner[2]}|another boot/pid:[1]", DateTime.UtcNow.AddMinutes(minutes));

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBe(claimed);
    }

    [Fact]
    public async Task A_living_process_that_does_not_renew_its_lease_loses_the_task()
    {
        var task = await OwnedByAsync(Living(), DateTime.UtcNow.AddSeconds(-1));

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_leases_of_tasks_in_progress_are_renewed()
    {
        var (working, accepted, released, ended) = (await _journal.BegunAsync(), await _journal.BegunAsync(), await _journal.BegunAsync(), await _journal.BegunAsync());
        await _journal.AcceptedAsync(Rows.Mine, accepted.TaskUuid, isWaitedFor: true);
        await _journal.ReleasedAsync(Rows.Mine, released.TaskUuid);
        await _journal.EndedAsync(ended, Rows.Image(ended));
        _file.Read("UPDATE task SET lease = 0");

        await ((SqliteStore)_journal.Store).RenewAsync();

        (await _journal.ListAsync(Rows.Mine, null)).Where(r => r.IsOwned).Select(r => r.TaskUuid).ShouldBe([working.TaskUuid, accepted.TaskUuid], ignoreOrder: true);
        _file.Count("task WHERE lease > 0").ShouldBe(2);
    }

    [SkippableFact]
    public void The_start_of_a_process_does_not_depend_on_the_time_of_day()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "elsewhere, the system notes the time of day when a process starts");

        // Hundredths of a second since the boot: if the clock is set, another process still sees the same.
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);

        ((double)Owner.StartOf(Process.GetCurrentProcess())).ShouldBeInRange(0, uptime * 100 + 1);
    }

    [SkippableFact]
    public async Task A_process_that_ended_and_was_not_reaped_owns_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux keeps such processes");

        // The child ends when it has read a line; its parent, which is another program by then, never looks after it.
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", "exec 3<&0; sh -c 'read line <&3' & echo $!; exec sleep 30"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        try
        {
            var id = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            using var child = Process.GetProcessById(id);
            var owner = Owner.Of(id, Owner.StartOf(child));
            Owner.IsAlive(owner, DateTime.UtcNow.AddMinutes(1)).ShouldBeTrue();

            await parent.StandardInput.WriteLineAsync("end");
            await parent.StandardInput.FlushAsync();

            await Eventually.TrueAsync(() => !Owner.IsAlive(owner, DateTime.UtcNow.AddMinutes(1)), "the child has ended");
        }
        finally
        {
            parent.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task A_release_that_is_lost_ends_with_the_lease()
    {
        var task = await _journal.BegunAsync();
        _file.Read("CREATE TRIGGER full BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");
        await Should.ThrowAsync<RunwareException>(() => _journal.ReleasedAsync(Rows.Mine, task.TaskUuid));
        _file.Read("DROP TRIGGER full");
        _file.Read("UPDATE task SET lease = 0");

        await ((SqliteStore)_journal.Store).RenewAsync();

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_at_the_next()
    {
        var task = await _journal.BegunAsync();
        _file.Read("CREATE TRIGGER full BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");

        await ((SqliteStore)_journal.Store).RenewAsync();

        _file.Read("DROP TRIGGER full");
        _file.Read("UPDATE task SET lease = 0");
        await ((SqliteStore)_journal.Store).RenewAsync();
        (await _journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_counts_only_from_the_owner()
    {
        var other = _file.Open();
        var (mine, lost) = (await _journal.BegunAsync(), await _journal.BegunAsync());
        _file.Read($"UPDATE task SET lease = 0 WHERE uuid = '{lost.TaskUuid:D}'"); // this process was suspended for so long
        (await other.BeginAsync(Rows.Mine, Rows.Task(lost.TaskUuid), Rows.NoPictures, dailyCap: null)).ShouldBeOfType<BeginOutcome.Held>();

        (await RefusedAsync(mine)).ShouldBeTrue();
        (await RefusedAsync(lost)).ShouldBeFalse(); // the other has sent it since, and it may be bought

        (await _journal.RowAsync(mine.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
        (await _journal.RowAsync(lost.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Pending);

        Task<bool> RefusedAsync(JournalTask task) => _journal.RefusedAsync(Rows.Mine, task.TaskUuid, new RunwareFailure { Code = "invalidWidth" }, DateTime.UtcNow);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    public async Task An_owner_that_cannot_be_read_owns_nothing(string owner)
    {
        var task = await OwnedByAsync(owner);

        (await _journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_what_no_process_works_on_is_resumed()
    {
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("key"));
        var journal = Connected(settings);
        var (left, busy) = (Some.Task("Left"), Some.Task("Busy"));
        await journal.BeginAsync(left);
        await journal.BeginAsync(busy);
        Own(left.TaskUuid, await DeadAsync(), DateTime.UtcNow);
        Own(busy.TaskUuid, Living(), DateTime.UtcNow.AddMinutes(1));

        (await new TaskResumer(null!, journal).FindAsync(null)).ShouldHaveSingleItem().TaskUuid.ShouldBe(left.TaskUuid);
        (await new TaskResumer(null!, journal).FindAsync([busy.TaskUuid])).ShouldBeEmpty();
    }

    private ConnectionJournal Connected(ConnectionSettings settings) => new(_ => Task.FromResult(_journal.Store), settings, _ => { });

    private async Task<JournalTask> OwnedByAsync(string owner, DateTime? lease = null)
    {
        var task = await _journal.BegunAsync();
        Own(task.TaskUuid, owner, lease ?? DateTime.UtcNow.AddMinutes(10));
        return task;
    }

    private void Own(Guid id, string owner, DateTime lease) => _file.Read(FormattableString.Invariant(
        $"UPDATE task SET owner = '{owner}', lease = {new DateTimeOffset(lease).ToUnixTimeMilliseconds()} WHERE uuid = '{id:D}'"));

    private static async Task<string> DeadAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        await process.WaitForExitAsync();
        return Owner.Of(process.Id, started: 0); // if the number is in use again, it is that of another process
    }

    // Whichever other process this machine shows.
    private static string Living() => Process.GetProcesses().Where(p => p.Id != Environment.ProcessId && p.Id != 0).Select(TryText).OfType<string>().First();

    private static string? TryText(Process process)
    {
        try
        {
            return Owner.Of(process.Id, Owner.StartOf(process));
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
