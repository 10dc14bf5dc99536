using System.Diagnostics;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>Many who write at once, and what goes wrong while they do.</summary>
public sealed class JournalWriterTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Of_many_writers_none_is_forgotten_and_each_finds_its_own_order()
    {
        TestJournal[] sessions = [_file.Open(), _file.Open()];
        var work = Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
        {
            var journal = sessions[i % 2];
            for (var n = 0; n < 25; n++)
            {
                var task = await journal.BegunAsync();
                _ = journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: true);
                _ = journal.EndedAsync(task, Rows.Image(task));
                if (n % 3 == 0)
                {
                    await journal.FlushAsync();
                    _file.Read($"SELECT status FROM task WHERE uuid = '{task.TaskUuid:D}'").ShouldBe(RunwareTaskStatus.Succeeded);
                }

                (await journal.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded); // a read sees what was asked for before it
            }
        }));

        await Task.WhenAll(work).WaitAsync(s_patience);

        _file.Count("task").ShouldBe(800);
        _file.Count("task WHERE status <> 'Succeeded' OR owner IS NOT NULL OR request IS NOT NULL").ShouldBe(0);
    }

    [Fact]
    public async Task Posts_alone_are_done_without_anybody_waiting()
    {
        var journal = _file.Open();
        var done = 0;
        using var writer = Writer();
        for (var i = 0; i < 2000; i++)
        {
            _ = writer.PostAsync(_ => Interlocked.Increment(ref done));
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref done) == 2000, "the posts");
    }

    [Fact]
    public async Task Work_that_nothing_else_is_written_beside_is_done_by_the_thread_that_asks()
    {
        using var writer = Writer();
        var thread = Environment.CurrentManagedThreadId;
        var done = writer.DoAsync(_ => Environment.CurrentManagedThreadId, CancellationToken.None);

        done.IsCompletedSuccessfully.ShouldBeTrue();
        (await done).ShouldBe(thread);
    }

    [Fact]
    public async Task What_comes_while_another_thread_writes_does_not_wait_for_it_on_its_own_thread()
    {
        using var writer = Writer();
        using var hold = new ManualResetEventSlim();
        using var isHeld = new ManualResetEventSlim();
        var first = Task.Run(() => writer.DoAsync(
            _ =>
            {
                isHeld.Set();
                return hold.Wait(s_patience);
            },
            CancellationToken.None));
        isHeld.Wait(s_patience).ShouldBeTrue();

        var second = writer.DoAsync(_ => Environment.CurrentManagedThreadId, CancellationToken.None);
        second.IsCompleted.ShouldBeFalse();
        hold.Set();

        (await first.WaitAsync(s_patience)).ShouldBeTrue();
        await second.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Flushing_does_not_hold_the_calling_thread()
    {
        using var writer = Writer();
        using var hold = new ManualResetEventSlim();
        var posted = writer.PostAsync(_ => hold.Wait(s_patience));

        var flushed = writer.FlushAsync(CancellationToken.None); // were the post written here, nobody would end its wait
        flushed.IsCompleted.ShouldBeFalse();
        hold.Set();

        await flushed.WaitAsync(s_patience);
        (await posted.WaitAsync(s_patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_full_disk_costs_only_what_was_written_then()
    {
        using var connection = JournalFile.Open(_file.Path);
        using var journal = new TestJournal(new SqliteStore(connection, _file.Path));
        var first = await journal.BegunAsync();
        Pragma("max_page_count = 1");
        var large = new string('x', 5_000_000);
        var failures = Enumerable.Range(0, 20).Select(_ => journal.BeginAsync(Rows.Mine, Rows.Task(tag: large), Rows.NoPictures, dailyCap: 1)).ToArray();

        foreach (var failure in failures)
        {
            (await Should.ThrowAsync<RunwareException>(() => failure.WaitAsync(s_patience))).Code.ShouldBe(ErrorCodes.JournalUnavailable);
        }

        Pragma("max_page_count = 1000000");
        await journal.EndedAsync(first, Rows.Image(first));
        await journal.BegunAsync(Rows.Task(tag: large));
        (await journal.ListAsync(Rows.Mine, null)).Count.ShouldBe(2);
        Pragma("wal_checkpoint(TRUNCATE)");
        new FileInfo(_file.Path + "-wal").Length.ShouldBe(0); // no statement is left open that would keep the log

        void Pragma(string text)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA " + text;
            command.ExecuteNonQuery();
        }
    }

    [Fact]
    public async Task What_throws_costs_and_stops_no_other()
    {
        using var writer = Writer();
        var hold = new ManualResetEventSlim();
        var held = writer.PostAsync(_ => { hold.Wait(); return 0; });
        var batch = Enumerable.Range(0, 50).Select(i => writer.PostAsync(db => i % 7 == 3 ? throw Odd(i) : db.Execute("INSERT INTO meta VALUES ($name, 1)", ("name", $"n{i}")))).ToArray();
        hold.Set();

        await held.WaitAsync(s_patience);
        for (var i = 0; i < batch.Length; i++)
        {
            if (i % 7 == 3)
            {
                await Should.ThrowAsync<RunwareException>(() => batch[i].WaitAsync(s_patience));
            }
            else
            {
                (await batch[i].WaitAsync(s_patience)).ShouldBe(1);
            }
        }

        await writer.FlushAsync(CancellationToken.None).WaitAsync(s_patience);
        _file.Count("meta WHERE name LIKE 'n%'").ShouldBe(43);

        static Exception Odd(int i) => (i % 3) switch
        {
            0 => new OutOfMemoryException(),
            1 => new OperationCanceledException(),
            _ => new InvalidCastException(),
        };
    }

    [Fact]
    public async Task Work_that_asks_for_more_work_is_not_in_its_own_way()
    {
        using var writer = Writer();
        Task<int>? inner = null;

        await writer.DoAsync(_ => (inner = writer.DoAsync(_ => 7, CancellationToken.None)).IsCompleted, CancellationToken.None).WaitAsync(s_patience);

        (await inner!.WaitAsync(s_patience)).ShouldBe(7);
    }

    [Fact]
    public async Task A_request_while_it_closes_gets_a_response()
    {
        for (var round = 0; round < 20; round++)
        {
            var writer = Writer();
            using var start = new Barrier(9);
            var work = Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    var all = Enumerable.Range(0, 200).Select(n => n % 2 == 0 ? writer.DoAsync(_ => 1, CancellationToken.None) : writer.PostAsync(_ => 1)).ToArray();
                    return all;
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            start.SignalAndWait();
            writer.Dispose();

            foreach (var answer in (await Task.WhenAll(work)).SelectMany(a => a))
            {
                try
                {
                    (await answer.WaitAsync(s_patience)).ShouldBe(1);
                }
                catch (RunwareException e)
                {
                    e.Code.ShouldBe(ErrorCodes.JournalUnavailable);
                }
            }
        }
    }

    private JournalWriter Writer() => new(new Database(JournalFile.Open(_file.Path)), _file.Path);
}
