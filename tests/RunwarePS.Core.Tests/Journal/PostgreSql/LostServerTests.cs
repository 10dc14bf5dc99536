using System.Globalization;
using RunwarePS.Campaign;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>A journal whose server doesn't respond, or whose responses are lost.</summary>
public sealed class LostServerTests : IDisposable
{
    /// <summary>For a server that stays away.</summary>
    private static readonly Options s_hasty = new() { RetryTimeout = TimeSpan.FromSeconds(2), FactTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>For what comes sooner or later: the limit is there only for a test that has failed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TestSchema _schema = new();
    private readonly FaultyProxy _proxy;

    public LostServerTests() => _proxy = new FaultyProxy(_schema.Server.Address.Hosts.Split(':')[0], _schema.Server.Port, PostgresServer.FreePort());

    public void Dispose()
    {
        _proxy.Dispose();
        _schema.Dispose();
    }

    [SkippableFact]
    public async Task A_begin_whose_response_was_lost_is_recognized_as_its_own()
    {
        var journal = await OpenAsync();
        await journal.BegunAsync();
        for (var i = 0; i < 10; i++)
        {
            var task = Rows.Task(reserved: 1);
            _proxy.DropResponseTo(task.TaskUuid.ToString("D"));

            var booked = (await journal.BeginAsync(Rows.Mine, task, Rows.NoPictures, dailyCap: 1000)).ShouldBeOfType<BeginOutcome.Booked>();

            booked.Lease.Fence.ShouldBe(1);
            _proxy.Dropped.ShouldBe(i + 1);
        }

        _schema.Count("task").ShouldBe(11);
        _schema.Read("SELECT sum(charge)::bigint FROM day_spend").ShouldBe(_schema.Read("SELECT sum(charge)::bigint FROM task"));
    }

    [SkippableFact]
    public async Task A_takeover_whose_response_was_lost_is_recognized_as_its_own()
    {
        var (journal, direct) = (await OpenAsync(), await _schema.OpenAsync());
        var (begun, claimed) = (await direct.BegunAsync(), await direct.BegunAsync());
        await direct.ReleasedAsync(Rows.Mine, begun.TaskUuid);
        await direct.ReleasedAsync(Rows.Mine, claimed.TaskUuid);

        _proxy.DropResponseTo(begun.TaskUuid.ToString("D"));
        (await journal.BeginAsync(Rows.Mine, Rows.Task(begun.TaskUuid), Rows.NoPictures, dailyCap: null)).ShouldBeOfType<BeginOutcome.Held>().Lease.Fence.ShouldBe(2);
        _proxy.DropResponseTo(claimed.TaskUuid.ToString("D"));
        (await journal.ClaimAsync(Rows.Mine, claimed.TaskUuid)).ShouldBeTrue();

        journal.LeaseOf(Rows.Mine, claimed.TaskUuid).Fence.ShouldBe(2);
        _proxy.Dropped.ShouldBe(2);
    }

    [SkippableFact]
    public async Task A_fact_whose_response_was_lost_is_recorded_once()
    {
        var journal = await OpenAsync();
        var (ended, refused) = (await journal.BegunAsync(Rows.Task(reserved: 1)), await journal.BegunAsync(Rows.Task(reserved: 1)));

        _proxy.DropResponseTo(ended.TaskUuid.ToString("D"));
        await journal.EndedAsync(ended, Rows.Image(ended));
        _proxy.DropResponseTo(refused.TaskUuid.ToString("D"));
        (await journal.RefusedAsync(Rows.Mine, refused.TaskUuid, new RunwareFailure(), DateTime.UtcNow)).ShouldBeTrue();

        _proxy.Dropped.ShouldBe(2);
        (await journal.BookedAsync(Rows.Mine)).ShouldBe(Some.Price);
    }

    [SkippableFact]
    public async Task A_begin_that_is_canceled_during_its_commit_is_undone()
    {
        var journal = await OpenAsync();
        await journal.BegunAsync(Rows.Task(reserved: 1));
        using var canceled = new CancellationTokenSource();
        _proxy.Hold();
        var begin = journal.BeginAsync(Rows.Mine, Rows.Task(reserved: 5), Rows.NoPictures, dailyCap: null, canceled.Token);
        await Task.Delay(100);

        await canceled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => begin).WaitAsync(s_patience); // the server doesn't respond until it's released
        _proxy.Release();
        await journal.FlushAsync();

        _schema.Count("task").ShouldBe(1);
        (await journal.BookedAsync(Rows.Mine)).ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_takeover_that_is_canceled_during_its_commit_is_given_back()
    {
        var (journal, direct) = (await OpenAsync(), await _schema.OpenAsync());
        var task = await direct.BegunAsync();
        await direct.ReleasedAsync(Rows.Mine, task.TaskUuid);
        await journal.BegunAsync();
        using var canceled = new CancellationTokenSource();
        _proxy.Hold();
        var claim = journal.ClaimAsync(Rows.Mine, task.TaskUuid, canceled.Token);
        await Task.Delay(100);

        await canceled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => claim);
        _proxy.Release();
        await journal.FlushAsync();

        (await direct.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_begin_waits_for_the_server_to_return()
    {
        var journal = await OpenAsync();
        await journal.BegunAsync();
        _proxy.IsDown = true;
        var begin = journal.BegunAsync();
        await Task.Delay(500);
        begin.IsCompleted.ShouldBeFalse();

        _proxy.IsDown = false;

        await begin.WaitAsync(s_patience);
    }

    [SkippableFact]
    public async Task A_begin_ends_with_a_clear_error_when_the_server_stays_away_and_leaves_nothing_behind()
    {
        var journal = await OpenAsync(s_hasty);
        await journal.BegunAsync();
        _proxy.IsDown = true;

        var error = await Should.ThrowAsync<RunwareException>(() => journal.BegunAsync());

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        error.Message.ShouldContain("didn't respond within 2 s");
        error.InnerException.ShouldBeNull();
        _proxy.IsDown = false;
        await journal.BegunAsync();
        await journal.FlushAsync();
        _schema.Count("task").ShouldBe(2);
    }

    [SkippableFact]
    public async Task Facts_are_kept_while_the_server_is_away_and_recorded_when_it_returns()
    {
        var journal = await OpenAsync(s_hasty);
        var (ended, refused) = (await journal.BegunAsync(), await journal.BegunAsync());
        _proxy.IsDown = true;

        var lost = await Should.ThrowAsync<RunwareException>(() => journal.EndedAsync(ended, Rows.Image(ended)));
        await Should.ThrowAsync<RunwareException>(() => journal.RefusedAsync(Rows.Mine, refused.TaskUuid, new RunwareFailure(), DateTime.UtcNow));
        var unflushed = await Should.ThrowAsync<RunwareException>(() => journal.FlushAsync());

        lost.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        unflushed.Message.ShouldContain(ended.TaskUuid.ToString("D"));
        unflushed.Message.ShouldContain(refused.TaskUuid.ToString("D"));
        _proxy.IsDown = false;
        await Eventually.TrueAsync(async () => (await journal.RowAsync(ended.TaskUuid)).Status == RunwareTaskStatus.Succeeded, "the result is recorded");
        await Eventually.TrueAsync(async () => (await journal.RowAsync(refused.TaskUuid)).Status == RunwareTaskStatus.Failed, "the refusal is recorded");
    }

    [SkippableFact]
    public async Task A_process_that_was_away_longer_than_its_lease_asks_before_it_sends()
    {
        var options = new Options { Lease = TimeSpan.FromSeconds(1) };
        var (journal, other) = (await OpenAsync(options), await _schema.OpenAsync());
        var task = await journal.BegunAsync();
        (await journal.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        _proxy.IsDown = true;
        await Eventually.TrueAsync(() => other.ClaimAsync(Rows.Mine, task.TaskUuid).GetAwaiter().GetResult(), "the lease ends");
        _proxy.IsDown = false;

        (await journal.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_process_waits_for_the_server_to_return_before_it_sends()
    {
        var journal = await OpenAsync(new Options { Lease = TimeSpan.FromSeconds(1) });
        var task = await journal.BegunAsync();
        _proxy.IsDown = true;
        await Task.Delay(1200);
        var isOwned = journal.EnsureOwnedAsync(Rows.Mine, task.TaskUuid);
        await Task.Delay(300);
        isOwned.IsCompleted.ShouldBeFalse();

        _proxy.IsDown = false;

        (await isOwned.WaitAsync(s_patience)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Leases_are_renewed_while_a_task_is_worked_on()
    {
        var options = new Options { Lease = TimeSpan.FromSeconds(4) }; // a busy machine may be late by seconds
        var (journal, other) = (await OpenAsync(options), await _schema.OpenAsync());
        var task = await journal.BegunAsync();

        await Task.Delay(options.Lease * 1.5);

        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await journal.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Closing_does_not_wait_for_a_server_that_is_away()
    {
        var journal = await OpenAsync();
        var task = await journal.BegunAsync();
        _proxy.IsDown = true;
        var ended = journal.EndedAsync(task, Rows.Image(task));
        await Task.Delay(50);

        await Task.Run(journal.Dispose).WaitAsync(s_patience);

        await Should.ThrowAsync<RunwareException>(() => ended).WaitAsync(s_patience);
    }

    private Task<TestJournal> OpenAsync(Options? options = null) => _schema.OpenAsync(
        options ?? new Options(), _schema.Address with { Hosts = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_proxy.Port}") });
}
