using Microsoft.Data.Sqlite;
using RunwarePS.Core.Tests.Faults;
using RunwarePS.Journal;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>What was begun is safe before its row is committed, and waits for nobody's write.</summary>
public sealed class IntentLogTests : IDisposable
{
    private static readonly string s_deadOwner = $"{Environment.MachineName}|1|1";

    private static readonly ConnectionSettings s_settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("a key of mine"));

    private readonly TemporaryJournal _file = new();
    private ITaskJournal? _shared;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_new_task_goes_on_while_another_process_writes_and_its_row_follows()
    {
        var file = _file.Open();
        var journal = Connected(file);
        var tasks = Some.Tasks(200);
        using (Locked())
        {
            foreach (var task in tasks)
            {
                journal.BeginAsync(task).IsCompletedSuccessfully.ShouldBeTrue();
            }

            Lines().Select(i => i.TaskUuid).ShouldBe(tasks.Select(t => t.TaskUuid));
            _file.Count("task").ShouldBe(0);
        }

        await journal.FlushAsync();

        _file.Count("task WHERE status = 'Pending' AND request IS NOT NULL AND owner IS NOT NULL").ShouldBe(200);
        Lines().ShouldBeEmpty();
        _file.Read("SELECT charge FROM day").ShouldBe(200 * 167_000_000L);
    }

    [Fact]
    public async Task What_a_process_left_is_taken_over_as_it_was_begun_and_once()
    {
        var task = Some.Task();
        await LeaveAsync(task);

        var journals = new[] { Connected(_file.Open()), Connected(_file.Open()) };
        var rows = await Task.WhenAll(journals.Select(j => j.ListAsync()));

        rows.ShouldAllBe(r => r.Count == 1 && r[0].TaskUuid == task.TaskUuid && r[0].Status == RunwareTaskStatus.Pending && !r[0].IsOwned);
        (await journals[0].ClaimAsync(task.TaskUuid)).ShouldBeTrue();
        var resumed = (await journals[0].RequestAsync(rows[0][0])).ShouldNotBeNull();
        resumed.Json().ShouldBe(task.Json());
        resumed.Facts.ShouldBe(task.Facts);
        Logs().ShouldBeEmpty();
        _file.Count("task").ShouldBe(1);
    }

    [Fact]
    public async Task A_reader_of_long_standing_finds_what_another_process_left_since()
    {
        var journal = Connected(_file.Open());
        (await journal.ListAsync()).ShouldBeEmpty();
        var (one, other) = (Some.Task(), Some.Task());

        await LeaveAsync(one);
        (await journal.ListAsync()).ShouldHaveSingleItem().TaskUuid.ShouldBe(one.TaskUuid);
        await LeaveAsync(other);
        (await journal.FindAsync(other.TaskUuid)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_line_that_breaks_off_costs_only_its_own_task()
    {
        var tasks = Some.Tasks(3);
        await LeaveAsync(tasks, text => text[..^20]);

        var rows = await Connected(_file.Open()).ListAsync();

        rows.Select(r => r.TaskUuid).ShouldBe(tasks[..2].Select(t => t.TaskUuid), ignoreOrder: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no owner\nno task\n")]
    [InlineData("OWNER\nnull\n")]
    [InlineData("OWNER\n{\"TaskUuid\":7}\n")]
    [InlineData("OWNER\n{}\n")]
    public async Task A_file_that_is_no_log_is_no_trouble(string text)
    {
        File.WriteAllText(_file.Path + "-intent-0", text.Replace("OWNER", s_deadOwner, StringComparison.Ordinal));
        var task = Some.Task();
        await LeaveAsync(task);

        (await Connected(_file.Open()).ListAsync()).ShouldHaveSingleItem().TaskUuid.ShouldBe(task.TaskUuid);
    }

    [Fact]
    public async Task The_log_of_another_machine_is_left_alone_until_its_lease_ends()
    {
        var log = _file.Path + "-intent-0";
        File.WriteAllText(log, "elsewhere|1|1\n");
        var journal = Connected(_file.Open());

        await journal.ListAsync();
        File.Exists(log).ShouldBeTrue();

        File.SetLastWriteTimeUtc(log, DateTime.UtcNow - TimeSpan.FromMinutes(11));
        await journal.ListAsync();
        File.Exists(log).ShouldBeFalse();
    }

    [Fact]
    public async Task The_log_of_a_living_process_is_left_alone()
    {
        var journal = Connected(_file.Open());
        using (Locked())
        {
            await journal.BeginAsync(Some.Task());
            var log = Logs().ShouldHaveSingleItem();
            IntentLog.Left(_file.Path).ShouldBeEmpty();
            File.Exists(log).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_row_that_stands_is_not_begun_again_by_what_was_left()
    {
        var task = Some.Task();
        await LeaveAsync(task);
        var log = Logs().Single();
        var text = File.ReadAllText(log);
        var file = _file.Open();
        var journal = Connected(file);
        await journal.ListAsync();
        journal.Ended(task.TaskUuid, TaskResult.Nothing, DateTime.UtcNow);
        await journal.FlushAsync();
        var before = (await journal.FindAsync(task.TaskUuid)).ShouldNotBeNull().Status;

        File.WriteAllText(log, text);

        (await journal.ListAsync()).ShouldHaveSingleItem().Status.ShouldBe(before);
        before.ShouldBe(RunwareTaskStatus.Unknown);
        File.Exists(log).ShouldBeFalse();
    }

    public static TheoryData<string> Careful => new("own id", "derived id", "reference", "webhook", "upload", "required", "daily cap");

    [Theory]
    [MemberData(nameof(Careful))]
    public async Task What_must_be_looked_up_first_or_be_certain_is_committed_before_it_goes(string what)
    {
        var request = Some.Request();
        var task = (what switch
        {
            "own id" => request with { IsIdGiven = true },
            "reference" => request with { ReferenceImages = [new MediaInput(Some.Picture())] },
            "webhook" => request with { WebhookUrl = new Uri("https://me.example/hook?token=abcdef") },
            "upload" => request with { UploadEndpoint = new Uri("https://me.example/put?signature=abcdef") },
            _ => request,
        }).ToTask();
        var journal = Connected(_file.Open(), s_settings with { JournalRequired = what == "required", MaxCost = what == "daily cap" ? 5 : null });

        (await journal.BeginAsync(what == "derived id" ? task.Under(new DerivedId("night")) : task)).ShouldBeFalse();

        _file.Count("task").ShouldBe(1); // without a flush
        Logs().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_that_is_full_lets_the_next_task_wait_for_the_commit()
    {
        var file = _file.Open();
        using (Locked())
        {
            var large = new string('x', 1024 * 1024);
            for (var i = 0; i < 3; i++)
            {
                file.TryAnnounce(Rows.Mine, Rows.Task(tag: large), out _).ShouldBeTrue();
            }

            file.TryAnnounce(Rows.Mine, Rows.Task(tag: large), out _).ShouldBeFalse();
        }

        await file.FlushAsync();
        file.TryAnnounce(Rows.Mine, Rows.Task(tag: "small"), out var committed).ShouldBeTrue();
        await committed;
        _file.Count("task").ShouldBe(4);
    }

    [Fact]
    public async Task Closing_commits_and_takes_the_log_away_and_nothing_is_begun_after_it()
    {
        var file = new SqliteJournalFactory().Open(_file.Path);
        file.TryAnnounce(Rows.Mine, Rows.Task(), out var committed).ShouldBeTrue();

        file.Dispose();

        await committed;
        _file.Count("task").ShouldBe(1);
        Logs().ShouldBeEmpty();
        file.TryAnnounce(Rows.Mine, Rows.Task(), out _).ShouldBeFalse();
        Logs().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_could_not_be_committed_stays_in_the_log_and_is_told()
    {
        var warnings = new List<string>();
        var file = new SqliteJournalFactory().Open(_file.Path);
        var journal = new ConnectionJournal(() => file, s_settings, warnings.Add);
        _ = _file.Read("CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");
        await journal.BeginAsync(Some.Task());
        await journal.FlushAsync();
        warnings.ShouldHaveSingleItem().ShouldContain("no room"); // by then: a cmdlet that ends says nothing later
        file.Dispose();

        Lines().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_could_not_be_committed_keeps_nothing_else_in_the_log()
    {
        using var file = new SqliteJournalFactory().Open(_file.Path);
        var lost = Some.Task();
        _ = _file.Read("CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");
        var journal = Connected(file);
        await journal.BeginAsync(lost);
        await journal.FlushAsync();
        _ = _file.Read("DROP TRIGGER full");

        journal = Connected(file);
        foreach (var task in Some.Tasks(3))
        {
            await journal.BeginAsync(task);
        }

        await journal.FlushAsync();

        Lines().ShouldHaveSingleItem().TaskUuid.ShouldBe(lost.TaskUuid);
        _file.Count("task").ShouldBe(3);
    }

    [Fact]
    public async Task A_daily_cap_counts_what_another_process_left_since()
    {
        var journal = Connected(_file.Open(), s_settings with { MaxCost = 0.3m });
        (await journal.ListAsync()).ShouldBeEmpty();
        await LeaveAsync(Some.Task());

        (await Should.ThrowAsync<RunwareException>(() => journal.BeginAsync(Some.Task()))).Code.ShouldBe(ErrorCodes.BudgetExceeded);
    }

    [Fact]
    public async Task Work_of_an_ended_process_that_cannot_be_taken_over_is_reported()
    {
        await LeaveAsync(Some.Task());
        _ = _file.Read("CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");
        var warnings = new List<string>();
        var journal = new ConnectionJournal(_file.Open, s_settings, warnings.Add);

        (await journal.ListAsync()).ShouldBeEmpty();

        await Eventually.TrueAsync(() => warnings.Count > 0, "the warning");
        warnings.ShouldHaveSingleItem().ShouldContain("no room");
        Logs().ShouldHaveSingleItem(); // nothing of it is lost
        _ = _file.Read("DROP TRIGGER full");
        (await journal.ListAsync()).ShouldHaveSingleItem();
        warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_log_that_names_no_process_is_taken_over_like_any_other()
    {
        await LeaveAsync([Some.Task()], text => $"{Environment.MachineName}|99999999999999999999|1" + text[s_deadOwner.Length..]);

        (await Connected(_file.Open()).ListAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_daily_cap_is_not_held_over_work_that_cannot_be_counted()
    {
        var journal = Connected(_file.Open(), s_settings with { MaxCost = 100 });
        (await journal.ListAsync()).ShouldBeEmpty();
        await LeaveAsync(Some.Task("Left behind"));
        _ = _file.Read(
            "CREATE TRIGGER full BEFORE INSERT ON task WHEN new.prompt = 'Left behind' BEGIN SELECT RAISE(ABORT, 'no room'); END");

        (await Should.ThrowAsync<RunwareException>(() => journal.BeginAsync(Some.Task()))).Code.ShouldBe(ErrorCodes.JournalUnavailable);

        _file.Count("task").ShouldBe(0);
    }

    [Fact]
    public async Task A_log_that_was_taken_away_is_made_again()
    {
        var journal = Connected(_file.Open());
        await journal.BeginAsync(Some.Task());
        await journal.FlushAsync();
        File.Delete(Logs().Single());

        using (Locked())
        {
            await journal.BeginAsync(Some.Task());
            Lines().ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task Each_write_that_is_lost_is_told_before_the_flush_ends()
    {
        for (var i = 0; i < 50; i++)
        {
            var warnings = new List<string>();
            var journal = new ConnectionJournal(() => _shared ??= _file.Open(), s_settings, warnings.Add);
            var task = Some.Task();
            await journal.BeginAsync(task);
            await journal.FlushAsync();
            _ = _file.Read("CREATE TRIGGER full BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no room'); END");

            journal.Ended(task.TaskUuid, TaskResult.Nothing, DateTime.UtcNow);
            await journal.FlushAsync();

            warnings.ShouldHaveSingleItem().ShouldContain("no room");
            _ = _file.Read("DROP TRIGGER full");
        }
    }

    [Fact]
    public async Task The_log_is_for_its_owner_alone_and_holds_no_key()
    {
        var journal = Connected(_file.Open());
        using (Locked())
        {
            await journal.BeginAsync(Some.Task());
            var log = Logs().ShouldHaveSingleItem();
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(log).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Text(log).ShouldNotContain("a key of mine");
        }
    }

    private static ConnectionJournal Connected(ITaskJournal file, ConnectionSettings? settings = null) => new(() => file, settings ?? s_settings, _ => { });

    private Task LeaveAsync(TaskRequest task) => LeaveAsync([task], text => text);

    /// <summary>What a process would leave that was killed before it committed: its log under the name of one that is gone.</summary>
    private async Task LeaveAsync(TaskRequest[] tasks, Func<string, string> tear)
    {
        var aside = new TemporaryJournal();
        File.Copy(Salted(), aside.Path); // scopes are salted, so that the log must belong to the same journal
        var journal = Connected(aside.Open());
        using (Locked(aside.Path))
        {
            foreach (var task in tasks)
            {
                await journal.BeginAsync(task);
            }

            var log = Directory.GetFiles(aside.Folder, "*-intent-*").ShouldHaveSingleItem();
            var text = s_deadOwner + Text(log)[Owner.Me.Length..];
            File.WriteAllText(_file.Path + "-intent-" + Guid.NewGuid().ToString("N"), tear(text));
        }

        aside.Dispose();
    }

    // The journal as a file of its own, with nothing in a log beside it.
    private string Salted()
    {
        using (_ = new SqliteJournalFactory().Open(_file.Path))
        {
        }

        var copy = Path.Combine(_file.Folder, "salted.db");
        File.Delete(copy);
        _ = _file.Read($"VACUUM INTO '{copy}'");
        return copy;
    }

    private Held Locked(string? path = null) => new(path ?? _file.Path);

    private string[] Logs() => Directory.GetFiles(_file.Folder, "*-intent-*");

    private Intent[] Lines() => [.. Logs().SelectMany(IntentLog.Read).Select(l => l.Intent)];

    private static string Text(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }

    /// <summary>Another process that is writing.</summary>
    private sealed class Held : IDisposable
    {
        private readonly SqliteConnection _connection;

        public Held(string path)
        {
            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            _connection.Open();
            Execute("BEGIN IMMEDIATE");
        }

        public void Dispose()
        {
            Execute("ROLLBACK");
            _connection.Dispose();
        }

        private void Execute(string sql)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
