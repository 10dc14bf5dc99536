using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The tables of a journal, and the steps that bring a file of an earlier version to them.</summary>
internal static class JournalSchema
{
    /// <summary>The schema that this version reads and writes: the version of the last step.</summary>
    private const long Version = 6;

    private const long OldestVersion = 2;

    // Money is counted in billionths of a dollar, times in milliseconds since 1970, so that SQL can add and compare them.
    // Tasks are numbered in order, and related rows refer to the number: new rows are adjacent, so that a commit writes few
    // pages. There is no index that a cmdlet could do without, for the same reason.
    // Columns hold what SQL selects, orders or adds. All else that is known of a generation or an output is in one JSON column, so that a
    // new fact, or another kind of output, needs no new column.
    private const string Schema = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE task (
            n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL,
            type TEXT, model TEXT, tag TEXT, expected INTEGER NOT NULL, input_index INTEGER, request_hash TEXT, request BLOB,
            pictures INTEGER NOT NULL, owner TEXT, lease INTEGER NOT NULL, fence INTEGER NOT NULL DEFAULT 1,
            submitted INTEGER NOT NULL, completed INTEGER, reserved INTEGER, images INTEGER NOT NULL DEFAULT 0,
            cost INTEGER, charge INTEGER NOT NULL, metadata TEXT NOT NULL DEFAULT '{}');
        CREATE TABLE picture (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE task_picture (task INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (task, hash)) WITHOUT ROWID;
        CREATE INDEX picture_of ON task_picture (hash);
        CREATE TABLE failure (
            task INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT, category TEXT, message TEXT, parameter TEXT, details TEXT,
            PRIMARY KEY (task, position)) WITHOUT ROWID;

        -- What removed tasks cost.
        CREATE TABLE spend (
            id TEXT NOT NULL, endpoint TEXT NOT NULL, account TEXT NOT NULL, submitted INTEGER NOT NULL, model TEXT, tag TEXT,
            images INTEGER NOT NULL, reserved INTEGER, cost INTEGER);

        -- What each day has been charged or may yet be: a cap looks at one row, however many tasks the day had. What a removed task may yet
        -- be charged stays in it.
        CREATE TABLE day (
            endpoint TEXT NOT NULL, account TEXT NOT NULL, day INTEGER NOT NULL, charge INTEGER NOT NULL,
            PRIMARY KEY (endpoint, account, day)) WITHOUT ROWID;
        CREATE TRIGGER task_begun AFTER INSERT ON task WHEN new.charge <> 0 BEGIN
            INSERT INTO day VALUES (new.endpoint, new.account, new.submitted / 86400000, new.charge)
            ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        CREATE TRIGGER task_charged AFTER UPDATE OF charge ON task WHEN new.charge <> old.charge BEGIN
            INSERT INTO day VALUES (new.endpoint, new.account, new.submitted / 86400000, new.charge - old.charge)
            ON CONFLICT DO UPDATE SET charge = charge + excluded.charge;
        END;
        """ + Output + Upload + UploadUrl;

    // What was uploaded, by the hash of its content: the same content isn't uploaded again.
    private const string Upload = """

        CREATE TABLE upload (
            endpoint TEXT NOT NULL, account TEXT NOT NULL, hash TEXT NOT NULL, uuid TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (endpoint, account, hash)) WITHOUT ROWID;
        """;

    private const string UploadUrl = "ALTER TABLE upload ADD COLUMN url TEXT;";

    private const string Output = """

        CREATE TABLE output (
            task INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, uuid TEXT, url TEXT, cost INTEGER,
            created INTEGER NOT NULL, path TEXT, data TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (task, name)) WITHOUT ROWID;
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
        (6, UploadUrl),
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
        try
        {
            Step(connection, VersionOf(connection));
            JournalFile.Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {Version}"));
            JournalFile.Execute(connection, "COMMIT");
        }
        catch
        {
            JournalFile.Execute(connection, "ROLLBACK");
            throw;
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
