using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The tables of a journal, and the steps that bring a file of an earlier version to them.</summary>
internal static class JournalSchema
{
    /// <summary>The schema that this version reads and writes: the version of the last step.</summary>
    private const long Version = 7;

    private const long OldestVersion = 2;

    // Money is counted in billionths of a dollar, times in milliseconds since 1970, so that SQL can add and compare them.
    // Tasks are numbered in order, and related rows refer to the number: new rows are adjacent, so that a commit writes few
    // pages. Columns hold what SQL selects, orders or adds. All else that is known of a generation or an output is in one JSON column, so
    // that a new fact, or another kind of output, needs no new column.
    // Each index serves one way of reading, so that its cost depends on what is returned; those for few rows are partial.
    private const string Schema = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE scope (
            n INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, account TEXT NOT NULL, UNIQUE (endpoint, account));
        CREATE TABLE task (
            n INTEGER PRIMARY KEY, scope INTEGER NOT NULL, uuid TEXT NOT NULL, status TEXT NOT NULL, type TEXT, model TEXT, tag TEXT,
            expected INTEGER NOT NULL, request_hash TEXT, request BLOB, media INTEGER NOT NULL, owner TEXT, lease INTEGER NOT NULL,
            fence INTEGER NOT NULL, submitted INTEGER NOT NULL, completed INTEGER, reserved INTEGER, outputs INTEGER NOT NULL DEFAULT 0,
            unsaved INTEGER NOT NULL DEFAULT 0, cost INTEGER, charge INTEGER NOT NULL, metadata TEXT NOT NULL, UNIQUE (scope, uuid));
        CREATE INDEX task_time ON task (scope, submitted);
        CREATE INDEX task_pending ON task (scope, submitted) WHERE completed IS NULL;
        CREATE INDEX task_unsaved ON task (scope, submitted) WHERE unsaved > 0;
        CREATE INDEX task_tag ON task (scope, tag, submitted) WHERE tag IS NOT NULL;

        -- The tags that were used, also of removed tasks.
        CREATE TABLE tag (scope INTEGER NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (scope, tag)) WITHOUT ROWID;
        CREATE TABLE output (
            task INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, uuid TEXT, url TEXT, cost INTEGER,
            created INTEGER NOT NULL, path TEXT, data TEXT NOT NULL, PRIMARY KEY (task, name)) WITHOUT ROWID;
        CREATE TABLE failure (
            task INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT, category TEXT, message TEXT, parameter TEXT, details TEXT,
            PRIMARY KEY (task, position)) WITHOUT ROWID;

        -- The media in requests that aren't accepted yet.
        CREATE TABLE media (name TEXT PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE task_media (task INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (task, name)) WITHOUT ROWID;
        CREATE INDEX media_of ON task_media (name);

        -- What was uploaded, by the hash of its content.
        CREATE TABLE upload (
            scope INTEGER NOT NULL, hash TEXT NOT NULL, uuid TEXT NOT NULL, url TEXT, at INTEGER NOT NULL,
            PRIMARY KEY (scope, hash)) WITHOUT ROWID;

        -- What removed tasks cost.
        CREATE TABLE spend (
            n INTEGER PRIMARY KEY, scope INTEGER NOT NULL, uuid TEXT NOT NULL, submitted INTEGER NOT NULL, model TEXT, tag TEXT,
            outputs INTEGER NOT NULL, reserved INTEGER, cost INTEGER, UNIQUE (scope, uuid));
        CREATE INDEX spend_time ON spend (scope, submitted);

        -- What each purchase cost. A task that was removed and is found again under its ID is the same purchase.
        CREATE VIEW ledger AS
            SELECT scope, uuid, submitted, model, tag, outputs, reserved, cost FROM task AS t
            WHERE outputs > 0 AND NOT EXISTS (SELECT 1 FROM spend AS s WHERE s.scope = t.scope AND s.uuid = t.uuid)
            UNION ALL
            SELECT s.scope, s.uuid, s.submitted, s.model, s.tag, MAX(s.outputs, COALESCE(t.outputs, 0)), s.reserved,
                COALESCE(MAX(s.cost, t.cost), s.cost, t.cost)
            FROM spend AS s LEFT JOIN task AS t ON t.scope = s.scope AND t.uuid = s.uuid;

        -- What each day has been charged or may yet be: a cap looks at one row, however many tasks the day had. What a removed task may yet
        -- be charged stays in it.
        CREATE TABLE day (
            scope INTEGER NOT NULL, day INTEGER NOT NULL, charge INTEGER NOT NULL, PRIMARY KEY (scope, day)) WITHOUT ROWID;
        CREATE TRIGGER task_begun AFTER INSERT ON task WHEN new.charge <> 0 BEGIN
            INSERT INTO day VALUES (new.scope, new.submitted / 86400000, new.charge)
            ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        CREATE TRIGGER task_charged AFTER UPDATE OF charge ON task WHEN new.charge <> old.charge BEGIN
            INSERT INTO day VALUES (new.scope, new.submitted / 86400000, new.charge - old.charge)
            ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        """;

    private const string Output = """

        CREATE TABLE output (
            task INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, uuid TEXT, url TEXT, cost INTEGER,
            created INTEGER NOT NULL, path TEXT, data TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (task, name)) WITHOUT ROWID;
        """;

    private const string Upload = """
        CREATE TABLE upload (
            endpoint TEXT NOT NULL, account TEXT NOT NULL, hash TEXT NOT NULL, uuid TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (endpoint, account, hash)) WITHOUT ROWID;
        """;

    // Rows refer to a number instead of repeating endpoint and account. What was charged is copied as it is, after the triggers ran.
    private const string Rebuild = """
        DROP TRIGGER task_begun;
        DROP TRIGGER task_charged;
        ALTER TABLE meta RENAME TO old_meta;
        ALTER TABLE task RENAME TO old_task;
        ALTER TABLE output RENAME TO old_output;
        ALTER TABLE failure RENAME TO old_failure;
        ALTER TABLE upload RENAME TO old_upload;
        ALTER TABLE spend RENAME TO old_spend;
        ALTER TABLE day RENAME TO old_day;
        """ + Schema + """

        INSERT INTO meta SELECT name, value FROM old_meta;
        INSERT INTO scope (endpoint, account)
            SELECT endpoint, account FROM old_task UNION SELECT endpoint, account FROM old_spend
            UNION SELECT endpoint, account FROM old_day UNION SELECT endpoint, account FROM old_upload;
        INSERT INTO task (n, scope, uuid, status, type, model, tag, expected, request_hash, request, media, owner, lease, fence, submitted,
                completed, reserved, outputs, unsaved, cost, charge, metadata)
            SELECT t.n, s.n, substr(id, 1, 36), status, type, model, tag, expected, request_hash, request, pictures, owner, lease, fence,
                submitted, completed, reserved, images,
                (SELECT COUNT(*) FROM old_output AS o
                    WHERE o.task = t.n AND path IS NULL AND kind IN ('image', 'video', 'audio', 'file')),
                cost, charge, metadata
            FROM old_task AS t JOIN scope AS s USING (endpoint, account);
        INSERT INTO output SELECT * FROM old_output;
        INSERT INTO failure SELECT task, position, code, category, message, parameter, details FROM old_failure;
        INSERT INTO media SELECT hash, bytes FROM picture;
        INSERT INTO task_media SELECT task, hash FROM task_picture;
        INSERT INTO upload SELECT s.n, hash, uuid, url, at FROM old_upload JOIN scope AS s USING (endpoint, account);
        INSERT INTO spend (scope, uuid, submitted, model, tag, outputs, reserved, cost)
            SELECT s.n, substr(id, 1, 36), MIN(submitted), MAX(model), MAX(tag), MAX(images), MAX(reserved), MAX(cost)
            FROM old_spend JOIN scope AS s USING (endpoint, account) GROUP BY id;
        INSERT INTO tag SELECT scope, tag, MAX(submitted) FROM (
            SELECT scope, tag, submitted FROM task UNION ALL SELECT scope, tag, submitted FROM spend)
            WHERE tag IS NOT NULL GROUP BY scope, tag;
        DELETE FROM day;
        INSERT INTO day SELECT s.n, day, charge FROM old_day JOIN scope AS s USING (endpoint, account);
        DROP TABLE old_meta;
        DROP TABLE old_task;
        DROP TABLE old_output;
        DROP TABLE old_failure;
        DROP TABLE old_upload;
        DROP TABLE old_spend;
        DROP TABLE old_day;
        DROP TABLE picture;
        DROP TABLE task_picture;
        """;

    /// <summary>Each step brings a file to its version from the one before.</summary>
    private static readonly (long Version, string Sql)[] s_steps =
    [
        (3, "ALTER TABLE failure ADD COLUMN details TEXT;"),
        (4, Output + """

            INSERT INTO output (task, name, position, kind, uuid, url, cost, created, path, data)
            SELECT task, name, position, 'image', uuid, url, cost, created, path,
                json_patch('{}', json_object(
                    'seed', seed, 'nsfwContent', json(CASE nsfw WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)))
            FROM image;
            DROP TABLE image;
            ALTER TABLE task ADD COLUMN fence INTEGER NOT NULL DEFAULT 1;
            ALTER TABLE task ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
            UPDATE task SET metadata = json_patch('{}', json_object(
                'prompt', prompt, 'model', model, 'width', width, 'height', height, 'outputFormat', format, 'quality', quality,
                'background', background, 'inputIndex', input_index, 'tag', tag, 'requestHash', request_hash));
            ALTER TABLE task DROP COLUMN prompt;
            ALTER TABLE task DROP COLUMN width;
            ALTER TABLE task DROP COLUMN height;
            ALTER TABLE task DROP COLUMN format;
            ALTER TABLE task DROP COLUMN quality;
            ALTER TABLE task DROP COLUMN background;
            """),
        (5, Upload),
        (6, "ALTER TABLE upload ADD COLUMN url TEXT;"),
        (7, Rebuild),
    ];

    /// <summary>Creates the tables in an empty file, or brings those of an earlier version to this one. Rows are kept.</summary>
    /// <exception cref="IOException">A newer version wrote the file.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        if (VersionOf(connection) == Version)
        {
            return;
        }

        // The write lock is taken before the version is read: two processes that both find an empty or earlier file must not both change
        // it.
        JournalFile.Execute(connection, "BEGIN IMMEDIATE");
        var version = VersionOf(connection);
        try
        {
            Step(connection, version);
            JournalFile.Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {Version}"));
            JournalFile.Execute(connection, "COMMIT");
        }
        catch
        {
            JournalFile.Execute(connection, "ROLLBACK");
            throw;
        }

        if (version is > 0 and < Version)
        {
            TryCompact(connection);
        }
    }

    // A file of an earlier version gets the form in which free space can be returned. Until that succeeds, free space is reused only.
    private static void TryCompact(SqliteConnection connection)
    {
        try
        {
            JournalFile.Execute(connection, JournalFile.ReturnsSpace + "VACUUM;");
        }
        catch (SqliteException)
        {
            // Another process uses the file, or the disk has no room for a copy.
        }
    }

    private static void Step(SqliteConnection connection, long version)
    {
        if (version == 0)
        {
            Create(connection);
            return;
        }

        if (version is < OldestVersion or > Version)
        {
            var writer = version > Version ? Strings.NewerVersion : Strings.EarlierVersion;
            throw new IOException(Strings.JournalVersionUnsupported.With(writer, version, OldestVersion, Version));
        }

        foreach (var step in s_steps.Where(s => s.Version > version))
        {
            JournalFile.Execute(connection, step.Sql);
        }
    }

    private static void Create(SqliteConnection connection)
    {
        JournalFile.Execute(connection, Schema);
        using var salt = connection.CreateCommand();
        salt.CommandText = "INSERT INTO meta (name, value) VALUES ('salt', $salt)";
        salt.Parameters.AddWithValue("$salt", RandomNumberGenerator.GetBytes(16));
        salt.ExecuteNonQuery();
    }

    private static long VersionOf(SqliteConnection connection) => JournalFile.Scalar(connection, "PRAGMA user_version");
}
