using Microsoft.Data.Sqlite;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>A journal of an earlier schema opens and keeps its rows; one of a newer schema is refused.</summary>
public sealed class JournalMigrationTests : IDisposable
{
    /// <summary>Schema 3, as its version wrote it.</summary>
    private const string Schema3 = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE task (
            n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL, type TEXT, model TEXT, prompt TEXT, tag TEXT,
            expected INTEGER NOT NULL, width INTEGER, height INTEGER, format TEXT, quality TEXT, background TEXT, input_index INTEGER, request_hash TEXT, request BLOB,
            pictures INTEGER NOT NULL, owner TEXT, lease INTEGER NOT NULL, submitted INTEGER NOT NULL, completed INTEGER,
            reserved INTEGER, images INTEGER NOT NULL DEFAULT 0, cost INTEGER, charge INTEGER NOT NULL);
        CREATE TABLE picture (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE task_picture (task INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (task, hash)) WITHOUT ROWID;
        CREATE INDEX picture_of ON task_picture (hash);
        CREATE TABLE image (
            task INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, uuid TEXT NOT NULL, url TEXT, cost INTEGER, seed INTEGER, nsfw INTEGER,
            created INTEGER NOT NULL, path TEXT, PRIMARY KEY (task, name)) WITHOUT ROWID;
        CREATE TABLE failure (
            task INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT, category TEXT, message TEXT, parameter TEXT, details TEXT,
            PRIMARY KEY (task, position)) WITHOUT ROWID;

        -- What removed tasks cost.
        CREATE TABLE spend (
            id TEXT NOT NULL, endpoint TEXT NOT NULL, account TEXT NOT NULL, submitted INTEGER NOT NULL, model TEXT, tag TEXT, images INTEGER NOT NULL, reserved INTEGER, cost INTEGER);

        -- What each day has been charged or may yet be: a cap looks at one row, however many tasks the day had. What a removed task may yet
        -- be charged stays in it.
        CREATE TABLE day (endpoint TEXT NOT NULL, account TEXT NOT NULL, day INTEGER NOT NULL, charge INTEGER NOT NULL, PRIMARY KEY (endpoint, account, day)) WITHOUT ROWID;
        CREATE TRIGGER task_begun AFTER INSERT ON task WHEN new.charge <> 0 BEGIN
            INSERT INTO day VALUES (new.endpoint, new.account, new.submitted / 86400000, new.charge) ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        CREATE TRIGGER task_charged AFTER UPDATE OF charge ON task WHEN new.charge <> old.charge BEGIN
            INSERT INTO day VALUES (new.endpoint, new.account, new.submitted / 86400000, new.charge - old.charge) ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        """;

    private const string Rows3 = """
        INSERT INTO meta VALUES ('salt', x'00112233445566778899aabbccddeeff');
        INSERT INTO task (n, id, endpoint, account, status, type, model, prompt, tag, expected, width, height, format, quality, background, input_index, request_hash,
            request, pictures, owner, lease, submitted, completed, reserved, images, cost, charge) VALUES
            (1, '11111111-1111-1111-1111-111111111111@SCOPE', 'https://api.example/v1', 'ACCOUNT', 'Succeeded', 'imageInference', 'openai:1@1', 'A fox in the snow: "ä"',
                'night', 2, 1536, 1024, 'PNG', 'high', 'opaque', 7, 'HASH', NULL, 0, NULL, 0, 1772366400000, 1772366401005, 200000000, 2, 123456789, 123456789),
            (2, '22222222-2222-2222-2222-222222222222@SCOPE', 'https://api.example/v1', 'ACCOUNT', 'Pending', 'imageInference', 'openai:1@1', NULL,
                NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, x'7B7D', 1, NULL, 0, 1772366402000, NULL, 100000000, 0, NULL, 100000000),
            (3, '33333333-3333-3333-3333-333333333333@SCOPE', 'https://api.example/v1', 'ACCOUNT', 'Failed', 'imageInference', 'openai:1@1', 'An owl',
                NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 1772366403000, 1772366404000, NULL, 0, NULL, 0);
        INSERT INTO picture VALUES ('P', x'01');
        INSERT INTO task_picture VALUES (2, 'P');
        INSERT INTO image VALUES
            (1, 'aaaaaaaa-1111-1111-1111-111111111111', 0, 'aaaaaaaa-1111-1111-1111-111111111111', 'https://im.example/0.png', 123456789, 4000000000, 1, 1772366400250, '/a.png'),
            (1, 'aaaaaaaa-2222-1111-1111-111111111111', 1, 'aaaaaaaa-2222-1111-1111-111111111111', NULL, NULL, NULL, NULL, 1772366400250, NULL);
        INSERT INTO failure (task, position, code, category, message) VALUES (3, 0, 'timeoutProvider', 'Timeout', 'Slow');
        INSERT INTO spend VALUES ('44444444-4444-4444-4444-444444444444@SCOPE', 'https://api.example/v1', 'ACCOUNT', 1772366400000, 'openai:1@1', 'day', 1, NULL, 5000000);
        """;

    private static readonly Guid s_ended = new("11111111-1111-1111-1111-111111111111");

    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_journal_of_an_earlier_schema_keeps_its_rows(int version)
    {
        Write(version);

        var journal = _file.Open();

        var rows = await journal.ListAsync(Rows.Mine, null);
        rows.Select(r => r.Status).ShouldBe([RunwareTaskStatus.Succeeded, RunwareTaskStatus.Pending, RunwareTaskStatus.Failed]);
        rows[0].TaskUuid.ShouldBe(s_ended);
        rows[0].Metadata.ShouldBe(Rows.Task(tag: "night").Metadata with { Prompt = "A fox in the snow: \"ä\"" });
        rows[0].Images.Select(i => (i.ImageUrl?.OriginalString, i.Cost, i.Seed, i.NsfwContent, i.Path)).ShouldBe(
            [("https://im.example/0.png", 0.123456789m, 4_000_000_000, true, "/a.png"), (null, null, null, null, null)]);
        rows[0].Images[0].CreatedAt.ShouldBe(new DateTime(2026, 3, 1, 12, 0, 0, 250, DateTimeKind.Utc));
        rows[1].Metadata.ShouldBe(new GenerationMetadata { Model = "openai:1@1" });
        rows[2].Failures.ShouldHaveSingleItem().IsFromServer.ShouldBeTrue();
        (await journal.SpendAsync(Rows.Mine, null, null)).Select(s => s.Cost).ShouldBe([0.123456789m, 0.005m], ignoreOrder: true);
        _file.Read("SELECT charge FROM day").ShouldBe(223_456_789L);
        _file.Count("media").ShouldBe(1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_journal_of_an_earlier_schema_is_written_on(int version)
    {
        Write(version);
        var journal = _file.Open();
        var task = await journal.BegunAsync();

        await journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task)],
            [new RunwareFailure { Code = "x", StatusCode = 400, IsFromServer = true }], DateTime.UtcNow);

        var row = await journal.RowAsync(task.TaskUuid);
        row.Images.ShouldHaveSingleItem().Seed.ShouldBe(Rows.Image(task).Seed);
        row.Failures.ShouldHaveSingleItem().StatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task Many_migrate_the_file_at_once()
    {
        Write(2);

        var journals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(_file.Open)));

        (await journals[^1].ListAsync(Rows.Mine, null)).Count.ShouldBe(3);
    }

    [Fact]
    public void A_migrated_file_has_the_tables_of_a_new_one()
    {
        using var created = new TemporaryJournal();
        created.Open();
        Write(2);
        _file.Open();

        Columns(_file).ShouldBe(Columns(created));

        static object? Columns(TemporaryJournal file) => file.Read("""
            SELECT group_concat(c, ' ') FROM (SELECT m.name || '.' || i.name || ':' || i.type AS c
                FROM sqlite_master m JOIN pragma_table_info(m.name) i WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1)
            """);
    }

    [Theory]
    [InlineData(99, "a newer version")]
    [InlineData(1, "a much earlier version")]
    public void A_journal_of_another_schema_is_refused_and_left_alone(int version, string writer)
    {
        Write(3);
        _file.Read($"PRAGMA user_version = {version}");

        var error = Should.Throw<RunwareException>(() => _file.Open());

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        error.Message.ShouldContain(writer);
        error.Message.ShouldContain("-JournalPath");
        _file.Read("PRAGMA user_version").ShouldBe((long)version);
        _file.Count("image").ShouldBe(2);
    }

    private void Write(int version)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file.Path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Schema3 + Rows3.Replace("SCOPE", Rows.Mine.Id, StringComparison.Ordinal)
            + (version == 2 ? "ALTER TABLE failure DROP COLUMN details;" : "") + $"PRAGMA user_version = {version};";
        command.ExecuteNonQuery();
    }
}
