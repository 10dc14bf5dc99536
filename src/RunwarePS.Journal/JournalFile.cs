using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>The file: made for its owner alone, opened in WAL mode, brought to the schema of this version.</summary>
internal static class JournalFile
{
    private const long SchemaVersion = 3;

    /// <summary>How long a write waits for another process's.</summary>
    public const int BusyTimeoutMs = 10_000;

    // Money is counted in billionths of a dollar, times in milliseconds since 1970, so that SQL can add and compare them.
    // Tasks are numbered as they come, and what belongs to one goes by its number: new rows lie side by side, so that a commit writes few
    // pages. There is no index that a cmdlet could do without, for the same reason.
    private const string Schema = """
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

    // Version 2 kept four columns of a failure. A process of that version that has the file open goes on working on it.
    private const string FromVersion2 = "ALTER TABLE failure ADD COLUMN details TEXT;";

    // WAL with NORMAL: a killed process loses nothing that was committed; a power cut may lose the last moments, never the file.
    // A commit writes each page that it touches, so they are small, if not so small that the trees grow deep. The disk is waited for only
    // when the log is worked into the file: every 32,000 pages, which are 64 MB.
    // A log that a killed session left may hold what was deleted since: it is cleared, where nobody else is at the file.
    private const string Settings = """
        PRAGMA page_size = 2048;
        PRAGMA wal_checkpoint(TRUNCATE);
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 32000;
        PRAGMA secure_delete = ON;
        """;

    public static SqliteConnection Open(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        CreatePrivate(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusyTimeoutMs / 1000 }.ToString());
        try
        {
            connection.Open();
            NeedOurs(connection); // before anything in the file is changed

            Execute(connection, Settings);
            Upgrade(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a journal that exists, for reading only. It is in WAL mode, so that a read doesn't wait for a write.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 1 }.ToString();
        var connection = new SqliteConnection(text);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // SQLite gives its side files the mode of the main one, so it is enough to make that one ours before SQLite does.
    private static void CreatePrivate(string path)
    {
        // Only where it is absent: closing a file that SQLite has open drops this process's locks on it.
        if (File.Exists(path))
        {
            return;
        }

        using var file = new FileStream(path, Private(FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>A file for its owner alone.</summary>
    public static FileStreamOptions Private(FileMode mode, FileShare share, int bufferSize = 4096)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = bufferSize };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void NeedOurs(SqliteConnection connection)
    {
        // In one statement, and so at one moment: another process may be making the file just now.
        if (Scalar(connection, "SELECT COUNT(*) FROM sqlite_master WHERE (SELECT user_version FROM pragma_user_version) = 0") > 0)
        {
            throw new IOException("it is another program's database.");
        }
    }

    private static void Upgrade(SqliteConnection connection)
    {
        if (Version(connection) == SchemaVersion)
        {
            return;
        }

        // Taken at once: two processes that both find an empty file must not both fill it.
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            var version = Version(connection);
            if (version == 0)
            {
                Execute(connection, Schema);
                using var salt = connection.CreateCommand();
                salt.CommandText = "INSERT INTO meta (name, value) VALUES ('salt', $salt)";
                salt.Parameters.AddWithValue("$salt", RandomNumberGenerator.GetBytes(16));
                salt.ExecuteNonQuery();
            }
            else if (version == 2)
            {
                Execute(connection, FromVersion2);
            }
            else if (version != SchemaVersion)
            {
                throw new IOException(FormattableString.Invariant($"it was written by another version of this module (schema {version}, this one reads {SchemaVersion}); finish its tasks with that one, then move the file away, or give another by -JournalPath."));
            }

            Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {SchemaVersion}"));
            Execute(connection, "COMMIT");
        }
        catch
        {
            Execute(connection, "ROLLBACK");
            throw;
        }
    }

    private static long Version(SqliteConnection connection) => Scalar(connection, "PRAGMA user_version");

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
