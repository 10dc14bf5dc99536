using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>A journal that fails is never in the way of an image, unless the user wants it so.</summary>
public sealed class ConnectionJournalTests
{
    private static readonly ConnectionSettings s_settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("key"));

    [Fact]
    public async Task Where_it_cannot_be_opened_it_warns_once_and_generation_goes_on()
    {
        var warnings = new List<string>();
        var journal = Failing(s_settings, warnings);

        foreach (var task in Some.Tasks(5))
        {
            (await RunAsync(journal, task)).Images.ShouldHaveSingleItem();
        }

        warnings.ShouldHaveSingleItem().ShouldContain("no journal today");
        (await journal.ListAsync()).ShouldBeEmpty();
        (await journal.SpendAsync(null, null)).ShouldBeEmpty();
        (await journal.ClaimAsync(Guid.NewGuid())).ShouldBeTrue();
        await journal.FlushAsync();
        warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Many_tasks_at_once_are_warned_of_once()
    {
        var warnings = new List<string>();
        var journal = Failing(s_settings, warnings);

        await Task.WhenAll(Some.Tasks(40).Select(task => Task.Run(() => journal.BeginAsync(task))));

        warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Where_it_is_required_nothing_is_sent_without_it()
    {
        var warnings = new List<string>();
        var journal = Failing(s_settings with { JournalRequired = true }, warnings);
        var sent = 0;

        var error = await Should.ThrowAsync<RunwareException>(() => RunAsync(journal, Some.Task(), () => sent++));

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        sent.ShouldBe(0);
        warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_daily_cap_cannot_be_held_without_it()
    {
        var journal = Failing(s_settings with { MaxCost = 100 }, []);
        var sent = 0;

        var error = await Should.ThrowAsync<RunwareException>(() => RunAsync(journal, Some.Task(), () => sent++));

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        sent.ShouldBe(0);
    }

    [Fact]
    public async Task A_daily_cap_needs_a_price()
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings with { MaxCost = 100 }, _ => { });

        var error = await Should.ThrowAsync<RunwareException>(() => journal.BeginAsync((Some.Request() with { Model = "openai:gpt-image@2" }).ToTask()));

        error.Code.ShouldBe(ErrorCodes.PriceUnknown);
        file.Count("task").ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_breaks_while_a_task_is_in_progress_costs_no_image(bool required)
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        var warnings = new List<string>();
        var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings with { JournalRequired = required }, warnings.Add);

        var result = await RunAsync(journal, Some.Task(), open.Dispose);

        result.Images.ShouldHaveSingleItem();
        await Eventually.TrueAsync(() => warnings.Count > 0, "the warning");
        warnings.ShouldHaveSingleItem().ShouldContain("The results are available");
    }

    [Fact]
    public async Task A_required_journal_refuses_the_next_task_after_a_lost_write()
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        var warnings = new List<string>();
        var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings with { JournalRequired = true }, warnings.Add);
        var sent = 0;
        (await RunAsync(journal, Some.Task(), () =>
        {
            sent++;
            open.Dispose();
        })).Images.ShouldHaveSingleItem();

        foreach (var task in Some.Tasks(2))
        {
            var error = await Should.ThrowAsync<RunwareException>(() => RunAsync(journal, task, () => sent++));
            error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        }

        sent.ShouldBe(1);
        warnings.ShouldHaveSingleItem().ShouldContain("The results are available");
    }

    [Theory]
    [InlineData("UPDATE", false)]
    [InlineData("UPDATE", true)]
    [InlineData("INSERT", false)]
    public async Task One_lost_write_does_not_end_the_journal(string write, bool required)
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        var warnings = new List<string>();
        var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings with { JournalRequired = required }, warnings.Add);
        _ = file.Read($"CREATE TRIGGER busy BEFORE {write} ON task BEGIN SELECT RAISE(ABORT, 'busy just now'); END");
        await RunAsync(journal, Some.Task());
        await journal.FlushAsync();
        _ = file.Read("DROP TRIGGER busy");
        var tasks = Some.Tasks(3);

        foreach (var task in tasks)
        {
            await RunAsync(journal, task);
        }

        await journal.FlushAsync();
        foreach (var task in tasks)
        {
            (await journal.FindAsync(task.TaskUuid)).ShouldNotBeNull().Status.ShouldBe(RunwareTaskStatus.Succeeded);
        }

        warnings.ShouldHaveSingleItem().ShouldContain("busy just now");
    }

    [Fact]
    public async Task A_required_journal_that_cannot_book_a_task_is_tried_again_for_the_next()
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings with { JournalRequired = true }, _ => { });
        var sent = 0;
        _ = file.Read("CREATE TRIGGER busy BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'busy just now'); END");
        await Should.ThrowAsync<RunwareException>(() => RunAsync(journal, Some.Task(), () => sent++));
        _ = file.Read("DROP TRIGGER busy");

        (await RunAsync(journal, Some.Task(), () => sent++)).Images.ShouldHaveSingleItem();

        sent.ShouldBe(1);
        file.Count("task").ShouldBe(1);
    }

    [Fact]
    public async Task Each_write_that_is_lost_is_reported_before_the_flush_ends()
    {
        using var file = new TemporaryJournal();
        var open = file.Open();
        for (var i = 0; i < 50; i++)
        {
            var warnings = new List<string>();
            var journal = new ConnectionJournal(_ => Task.FromResult(open.Store), s_settings, warnings.Add);
            var task = Some.Task();
            await journal.BeginAsync(task);
            _ = file.Read("CREATE TRIGGER full BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");

            journal.Ended(task.TaskUuid, TaskResult.Nothing, DateTime.UtcNow);
            await journal.FlushAsync();

            warnings.ShouldHaveSingleItem().ShouldContain("no room");
            _ = file.Read("DROP TRIGGER full");
        }
    }

    [Fact]
    public async Task Without_further_tasks_facts_are_committed_at_once()
    {
        using var file = new TemporaryJournal();
        using var open = file.Open();
        var flushes = 0;
        var store = Watched.Create(open.Store, call => flushes += call == nameof(IJournalSession.FlushAsync) ? 1 : 0);
        var journal = new ConnectionJournal(_ => Task.FromResult(store), s_settings, _ => { });
        var tasks = Some.Tasks(2);
        foreach (var task in tasks)
        {
            await journal.BeginAsync(task);
        }

        journal.Ended(tasks[0].TaskUuid, TaskResult.Nothing, DateTime.UtcNow);
        flushes.ShouldBe(0, "it may share the commit of the next task");
        journal.CommitAtOnce();
        flushes.ShouldBe(1);
        journal.Ended(tasks[1].TaskUuid, TaskResult.Nothing, DateTime.UtcNow);
        flushes.ShouldBe(2);
        await journal.FlushAsync();

        file.Count("task WHERE completed IS NOT NULL").ShouldBe(2);
    }

    [Theory]
    [InlineData(false, 1L)]
    [InlineData(true, 2L)]
    public async Task A_required_journal_waits_for_the_disk(bool required, long synchronous)
    {
        using var file = new TemporaryJournal();
        using var connection = RunwarePS.Journal.Sqlite.JournalFile.Open(file.Path);
        using var open = new RunwarePS.Journal.Sqlite.SqliteStore(connection, file.Path);
        var journal = new ConnectionJournal(_ => Task.FromResult<IJournalStore>(open), s_settings with { JournalRequired = required }, _ => { });

        await journal.BeginAsync(Some.Task());

        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous";
        command.ExecuteScalar().ShouldBe(synchronous);
    }

    [Fact]
    public async Task It_is_opened_when_it_is_first_needed()
    {
        using var file = new TemporaryJournal();
        var opened = 0;
        var journal = new ConnectionJournal(
            _ =>
            {
                opened++;
                return Task.FromResult(file.Open().Store);
            },
            s_settings,
            _ => { });
        await journal.FlushAsync();
        opened.ShouldBe(0);

        await journal.BeginAsync(Some.Task());
        await journal.BeginAsync(Some.Task());

        opened.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_journal_nothing_is_kept_and_nothing_reported()
    {
        var journal = ConnectionJournal.None(s_settings);
        var task = Some.Task();

        (await RunAsync(journal, task)).Images.ShouldHaveSingleItem();

        (await journal.FindAsync(task.TaskUuid)).ShouldBeNull();
    }

    [Fact]
    public async Task A_saved_image_is_known_by_its_path()
    {
        using var rig = new Rig(Say.Yes);
        var image = (await rig.RunAsync(Some.Task())).Images.ShouldHaveSingleItem();

        rig.Journal.Saved(image, "/pictures/fox.png");

        (await rig.RowAsync(image.TaskUuid)).Images.ShouldHaveSingleItem().Path.ShouldBe("/pictures/fox.png");
        (await new TaskResumer(rig.Delivery, rig.Journal).FindAsync(null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_that_was_paid_and_not_saved_is_found_again()
    {
        using var rig = new Rig(Say.Yes);
        var task = Some.Task();
        await rig.RunAsync(task);

        var open = (await new TaskResumer(rig.Delivery, rig.Journal).FindAsync(null)).ShouldHaveSingleItem();
        var view = await rig.Receiver.ReceiveAsync(open.ToTask(), timeout: null, CancellationToken.None);

        view.Image.ShouldHaveSingleItem().Prompt.ShouldBe(task.Prompt);
        view.Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task A_removed_task_is_not_found_again()
    {
        using var rig = new Rig(Say.Yes);
        var task = Some.Task();
        await rig.RunAsync(task);

        await rig.Journal.RemoveAsync([task.TaskUuid]);

        (await rig.Journal.FindAsync(task.TaskUuid)).ShouldBeNull();
        (await new TaskResumer(rig.Delivery, rig.Journal).FindAsync(null)).ShouldBeEmpty();
    }

    private static ConnectionJournal Failing(ConnectionSettings settings, List<string> warnings) =>
        new(_ => throw ConnectionJournal.Unavailable("There is no journal today.", inner: null), settings, message =>
        {
            lock (warnings)
            {
                warnings.Add(message);
            }
        });

    private static async Task<TaskResult> RunAsync(ConnectionJournal journal, TaskRequest task, Action? onSend = null)
    {
        var time = FakeTime.Jumping();
        using var api = new ScriptedApi(time, call =>
        {
            if (!call.IsPoll)
            {
                onSend?.Invoke();
            }

            return Task.FromResult(Say.Yes(call));
        });
        using var http = new HttpClient(api);
        var delivery = new TaskExecutor(new RunwareClient(http, s_settings), new DeliveryOptions(1, null, 1), journal, time);
        return await delivery.RunAsync(task, CancellationToken.None);
    }
}
