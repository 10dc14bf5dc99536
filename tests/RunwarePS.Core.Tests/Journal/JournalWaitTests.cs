using System.Diagnostics;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>How long a user waits for a journal that another process keeps locked.</summary>
public sealed class JournalWaitTests : IDisposable
{
    /// <summary>Without the token or the limit, a wait takes ten seconds.</summary>
    private static readonly TimeSpan s_prompt = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_stop = TimeSpan.FromMilliseconds(200);

    private static readonly ConnectionSettings s_settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("key"));

    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    public static TheoryData<string> Waits => ["begin", "claim", "request", "remove", "flush", "list", "spend", "tags"];

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_stop_ends_the_wait_for_a_locked_journal(string wait)
    {
        var journal = _file.Open();
        var task = await journal.BegunAsync();
        using var held = new HeldJournal(_file.Path);
        var post = journal.ReleasedAsync(Rows.Mine, task.TaskUuid); // what a read or a flush has to wait for
        using var stop = new CancellationTokenSource(s_stop);
        var token = stop.Token;

        var wayOut = wait switch
        {
            "begin" => journal.BeginAsync(Rows.Mine, Rows.Task(), Rows.NoPictures, dailyCap: 1, token),
            "claim" => journal.ClaimAsync(Rows.Mine, task.TaskUuid, token),
            "request" => journal.RequestAsync(Rows.Mine, task.TaskUuid, token),
            "remove" => journal.RemoveAsync(Rows.Mine, [task.TaskUuid], token),
            "flush" => journal.FlushAsync(token),
            "list" => journal.QueryAsync(Rows.Mine, TaskQuery.All, token).GetAsyncEnumerator().MoveNextAsync().AsTask(),
            "spend" => journal.SpendAsync(Rows.Mine, new SpendQuery(), token).GetAsyncEnumerator().MoveNextAsync().AsTask(),
            _ => journal.TagsAsync(Rows.Mine, most: null, token),
        };

        await Should.ThrowAsync<OperationCanceledException>(() => wayOut.WaitAsync(s_prompt));
        held.Dispose();
        await post; // a fact isn't canceled
        (await journal.ListAsync(Rows.Mine, null)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_canceled_begin_is_not_recorded_later()
    {
        var journal = _file.Open();
        using var stop = new CancellationTokenSource(s_stop);
        using (new HeldJournal(_file.Path))
        {
            var begin = journal.BeginAsync(Rows.Mine, Rows.Task(), Rows.NoPictures, dailyCap: null, stop.Token);
            await Should.ThrowAsync<OperationCanceledException>(() => begin.WaitAsync(s_prompt));
        }

        await journal.BegunAsync();
        _file.Count("task").ShouldBe(1);
    }

    [Fact]
    public async Task What_was_canceled_before_it_began_does_nothing()
    {
        var journal = _file.Open();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            journal.BeginAsync(Rows.Mine, Rows.Task(), Rows.NoPictures, dailyCap: null, new CancellationToken(canceled: true)));

        await journal.FlushAsync();
        _file.Count("task").ShouldBe(0);
    }

    [Fact]
    public async Task A_read_does_not_wait_for_another_process_that_writes()
    {
        var journal = _file.Open();
        await journal.BegunAsync();
        using var held = new HeldJournal(_file.Path);

        (await journal.ListAsync(Rows.Mine, null).WaitAsync(s_prompt)).ShouldHaveSingleItem();
        (await journal.SpendAsync(Rows.Mine, null, null).WaitAsync(s_prompt)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stop_ends_the_wait_for_a_journal_that_is_slow_to_open()
    {
        var opening = new TaskCompletionSource<IJournalStore>();
        var journal = new ConnectionJournal(_ => opening.Task, s_settings, _ => { });
        using var stop = new CancellationTokenSource(s_stop);

        await Should.ThrowAsync<OperationCanceledException>(() => journal.BeginAsync(Some.Task(), stop.Token).WaitAsync(s_prompt));

        opening.SetResult(_file.Open().Store); // for the next, nothing was lost
        (await journal.BeginAsync(Some.Task())).ShouldBeOfType<BeginOutcome.Booked>();
    }

    [Fact]
    public async Task The_time_limit_of_a_call_ends_the_wait_and_nothing_is_sent()
    {
        using var rig = new Rig(Say.Yes, timeout: TimeSpan.FromSeconds(1));
        var task = Some.Task();
        await rig.Journal.FindAsync(task.TaskUuid); // opens it
        using var held = new HeldJournal(rig.File.Path);
        var watch = Stopwatch.StartNew();

        var error = await rig.FailAsync(task);

        watch.Elapsed.ShouldBeLessThan(s_prompt);
        error.Code.ShouldBe(ErrorCodes.RequestTimeout);
        error.Message.ShouldContain("-TimeoutSec, 1 s");
        error.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Calls.ShouldBeEmpty();
        await rig.Journal.FlushAsync(); // nothing is left to write
        watch.Elapsed.ShouldBeLessThan(s_prompt);
    }

    [Fact]
    public async Task Code_that_continues_after_a_write_does_not_hold_up_the_journal()
    {
        var journal = _file.Open();
        using var release = new ManualResetEventSlim();
        var slow = journal.ReleasedAsync(Rows.Mine, Guid.NewGuid()).ContinueWith(
            _ => release.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        await journal.BegunAsync();
        await journal.FlushAsync();

        release.Set();
        (await slow).ShouldBeTrue();
    }

    [Fact]
    public async Task A_fact_is_recorded_though_the_journal_was_not_open_yet()
    {
        var opening = new TaskCompletionSource<IJournalStore>();
        var file = _file.Open();
        var journal = new ConnectionJournal(_ => opening.Task, s_settings, _ => { });
        var task = Some.Task();
        await new ConnectionJournal(_ => Task.FromResult(file.Store), s_settings, _ => { }).BeginAsync(task);
        journal.Accepted(TaskLease.None(task.TaskUuid), isWaitedFor: false);
        var flush = journal.FlushAsync();
        flush.IsCompleted.ShouldBeFalse();

        opening.SetResult(file.Store);
        await flush.WaitAsync(s_prompt);

        _file.Read("SELECT status FROM task").ShouldBe(RunwareTaskStatus.Submitted);
    }
}
