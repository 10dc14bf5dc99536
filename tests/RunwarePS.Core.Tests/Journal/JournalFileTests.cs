using System.Text;
using Microsoft.Data.Sqlite;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>The file: who may read it, where it may lie, and what is said when it cannot be used.</summary>
public sealed class JournalFileTests : IDisposable
{
    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    [SkippableFact]
    public async Task It_is_its_owners_alone_with_its_side_files()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes; the user's folder protects the file there.");
        await _file.Open().BegunAsync();

        var files = Directory.GetFiles(_file.Folder);

        files.Length.ShouldBeGreaterThan(1);
#pragma warning disable CA1416 // skipped there
        files.ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
#pragma warning restore CA1416
    }

    [Fact]
    public async Task Its_folder_is_made_with_it()
    {
        var path = Path.Combine(_file.Folder, "a", "b", "journal.db");
        using var journal = TemporaryJournal.Open(path);

        await journal.BegunAsync();

        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public void It_is_in_wal_mode_and_has_small_pages()
    {
        _file.Open();

        _file.Read("PRAGMA journal_mode").ShouldBe("wal");
        _file.Read("PRAGMA page_size").ShouldBe(2048L);
    }

    [Fact]
    public async Task A_log_that_an_earlier_version_left_is_no_trouble()
    {
        var log = _file.Path + "-intent-0";
        File.WriteAllText(log, "machine|1|1\n{\"TaskUuid\":7}\n");

        (await _file.Open().ListAsync(Rows.Mine, null)).ShouldBeEmpty();

        File.Exists(log).ShouldBeTrue();
    }

    [Fact]
    public void Each_file_has_a_salt_of_its_own_that_stays()
    {
        var salt = _file.Open().Salt;
        using var other = new TemporaryJournal();

        salt.Length.ShouldBeGreaterThanOrEqualTo(16);
        _file.Open().Salt.ShouldBe(salt);
        other.Open().Salt.ShouldNotBe(salt);
    }

    [Fact]
    public async Task Many_can_make_the_file_at_once()
    {
        var journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(_file.Open)));

        journals.Select(j => Convert.ToHexString(j.Salt)).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        await Task.WhenAll(journals.Select(j => j.BegunAsync()));
        (await journals[0].ListAsync(Rows.Mine, null)).Count.ShouldBe(8);
    }

    public static TheoryData<string> Broken => ["text", "torn", "newer", "directory", "below a file", "not ours"];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_file_that_cannot_be_used_is_named_and_left_alone(string how)
    {
        var path = Break(how);
        var before = File.Exists(path) ? File.ReadAllBytes(path) : null;

        var error = Should.Throw<RunwareException>(() => TemporaryJournal.Open(path));

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        error.Message.ShouldContain(path);
        error.InnerException.ShouldNotBeNull();
        if (before is not null)
        {
            File.ReadAllBytes(path).AsSpan().SequenceEqual(before).ShouldBeTrue();
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_may_not_be_written_is_named(bool folder)
    {
        Skip.If(OperatingSystem.IsWindows(), "Modes are of Unix.");
        Skip.If(Environment.IsPrivilegedProcess, "The superuser may write what nobody may.");
        _file.Open().Dispose();
        var locked = folder ? Directory.CreateDirectory(Path.Combine(_file.Folder, "locked")).FullName : _file.Path;
#pragma warning disable CA1416 // skipped there
        File.SetUnixFileMode(locked, folder ? UnixFileMode.UserRead | UnixFileMode.UserExecute : UnixFileMode.UserRead);
        try
        {
            Should.Throw<RunwareException>(() => TemporaryJournal.Open(folder ? Path.Combine(locked, "journal.db") : locked)).Code.ShouldBe(ErrorCodes.JournalUnavailable);
        }
        finally
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
#pragma warning restore CA1416
    }

    [Fact]
    public async Task A_file_that_breaks_later_fails_what_needs_it_and_nothing_else()
    {
        var journal = _file.Open();
        var task = await journal.BegunAsync();
        _file.Read("DROP TABLE output");

        (await Should.ThrowAsync<RunwareException>(() => journal.EndedAsync(task, Rows.Image(task)))).Code.ShouldBe(ErrorCodes.JournalUnavailable);

        await journal.BegunAsync();
    }

    [Theory]
    [InlineData(@"\\server\share\journal.db")]
    [InlineData("//server/share/journal.db")]
    public void A_network_share_is_refused(string path)
    {
        var error = Should.Throw<RunwareException>(() => JournalLocation.RequireLocal(path));

        error.Code.ShouldBe(ErrorCodes.JournalNotLocal);
        error.Parameter.ShouldBe("JournalPath");
        error.Message.ShouldContain(path);
    }

    [Fact]
    public void A_disk_of_this_machine_is_not() => Should.NotThrow(() => JournalLocation.RequireLocal(_file.Path));

    [Fact]
    public void A_temporary_journal_goes_with_its_side_files()
    {
        var path = JournalLocation.Temporary();
        (JournalLocation.Temporary() == path).ShouldBeFalse();
        TemporaryJournal.Open(path).Dispose();
        File.WriteAllText(path + "-wal", "");

        JournalLocation.Delete(path);

        Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*").ShouldBeEmpty();
        Should.NotThrow(() => JournalLocation.Delete(path));
    }

    [Fact]
    public async Task The_key_is_never_in_it()
    {
        const string Key = "sk-0123456789-secret";
        var journal = _file.Open();
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From(Key));
        var api = new ScriptedApi(TimeProvider.System, call => Task.FromResult(Say.Error(400, "invalidWidth", call.Id, $"{Key} may not do this.")));
        using var http = new HttpClient(api);
        var connected = new ConnectionJournal(_ => Task.FromResult(journal.Store), settings, _ => { });
        var delivery = new TaskExecutor(new RunwareClient(http, settings), new DeliveryOptions(0, null, 1), connected, TimeProvider.System);
        await connected.BeginAsync(Some.Task());
        _file.FilesHold(Key).ShouldBeFalse();

        await delivery.RunAsync(Some.Task(), CancellationToken.None);
        await connected.FlushAsync();

        _file.FilesHold("may not do this").ShouldBeTrue();
        _file.FilesHold(Key).ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_is_sealed_until_acceptance_and_gone_after_it()
    {
        using var rig = new Rig(call => call.Number == 0 ? throw new HttpRequestException("reset") : Say.Yes(call), maxRetryCount: 0);
        var picture = Some.Picture(size: 3000);
        var task = (Some.Request() with
        {
            WebhookUrl = new Uri("https://hook.example/x?token=token-0123456789"),
            UploadEndpoint = new Uri("https://bucket.example/x?signature=signature-0123456789"),
            ReferenceImages = [new MediaInput(picture)],
        }).ToTask();

        await rig.FailAsync(task);

        (await rig.RequestAsync(task.TaskUuid)).ShouldNotBeNull().Json().ShouldBe(task.Json());
        rig.File.FilesHold("0123456789").ShouldBeFalse();
        rig.File.FilesHold(picture[100..200]).ShouldBeFalse();
        rig.File.FilesHold(new MediaInput(picture).ContentHash).ShouldBeFalse();

        await rig.StartAsync(task);
        await rig.Journal.FlushAsync();

        rig.File.Count("task WHERE request IS NOT NULL").ShouldBe(0);
        rig.File.Count("media").ShouldBe(0);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    [Fact]
    public void What_is_sealed_opens_only_with_the_same_key_in_the_same_place()
    {
        var scope = new JournalScope("https://api.example/v1", "ACCOUNT");
        var seal = new JournalSeal(ApiKey.From("one"), new byte[16], scope);
        var closed = seal.Close("content"u8, "name");

        seal.Open(closed, "name").ShouldBe("content"u8.ToArray());
        seal.Open(closed, "other name").ShouldBeNull();
        new JournalSeal(ApiKey.From("two"), new byte[16], scope).Open(closed, "name").ShouldBeNull();
        new JournalSeal(ApiKey.From("one"), [.. new byte[15], 1], scope).Open(closed, "name").ShouldBeNull();
        new JournalSeal(ApiKey.From("one"), new byte[16], scope with { Account = "OTHER" }).Open(closed, "name").ShouldBeNull();
        seal.Open(closed[..20], "name").ShouldBeNull();
        seal.Open([.. closed[..^1], (byte)(closed[^1] ^ 1)], "name").ShouldBeNull();
        seal.Open("{}"u8.ToArray(), "name").ShouldBe("{}"u8.ToArray()); // of a journal that didn't seal
        seal.Close("content"u8, "name").ShouldNotBe(closed);
    }

    private string Break(string how)
    {
        switch (how)
        {
            case "text":
                File.WriteAllText(_file.Path, "This is no database, and was never meant to be one.");
                return _file.Path;
            case "torn":
                _file.Open().Dispose();
                var bytes = File.ReadAllBytes(_file.Path);
                Encoding.ASCII.GetBytes("garbage").CopyTo(bytes, 24);
                Array.Fill<byte>(bytes, 0xAA, 100, bytes.Length - 100);
                File.WriteAllBytes(_file.Path, bytes);
                return _file.Path;
            case "newer":
                _file.Open().Dispose();
                _file.Read("PRAGMA user_version = 99");
                return _file.Path;
            case "directory":
                return Directory.CreateDirectory(_file.Path).FullName;
            case "below a file":
                File.WriteAllText(_file.Path, "");
                return Path.Combine(_file.Path, "journal.db");
            default:
                using (var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False"))
                {
                    connection.Open();
                    using var command = connection.CreateCommand();
                    command.CommandText = "CREATE TABLE task (name TEXT); INSERT INTO task VALUES ('somebody else''s');";
                    command.ExecuteNonQuery();
                }

                return _file.Path;
        }
    }
}

/// <summary>A class of its own: the wait for another process's lock is in real time.</summary>
public sealed class LockedJournalTests
{
    [Fact]
    public async Task A_file_that_another_process_keeps_locked_fails_after_a_while_and_recovers()
    {
        using var file = new TemporaryJournal();
        var journal = file.Open();
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("key")) with { JournalRequired = true };
        var warnings = new List<string>();
        var connected = new ConnectionJournal(_ => Task.FromResult(journal.Store), settings, warnings.Add);
        await connected.FindAsync((await journal.BegunAsync()).TaskUuid);
        using (new HeldJournal(file.Path))
        {
            var begin = journal.BeginAsync(Rows.Mine, Rows.Task(), Rows.NoPictures, dailyCap: null);
            await connected.FlushAsync();

            (await Should.ThrowAsync<RunwareException>(() => begin)).Code.ShouldBe(ErrorCodes.JournalUnavailable);
            warnings.ShouldHaveSingleItem().ShouldContain("The results are available"); // a warning, though the journal is required
        }

        await journal.BegunAsync();
        (await journal.ListAsync(Rows.Mine, null)).Count.ShouldBe(2);
    }
}
