using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The file: made for its owner alone, opened in WAL mode, brought to the schema of this version.</summary>
internal static class JournalFile
{
    /// <summary>How long a write waits for another process's.</summary>
    public const int BusyTimeoutMs = 10_000;

    // WAL with NORMAL: a killed process loses nothing that was committed; a power cut may lose the last moments, never the file.
    // The disk is waited for only when the log is worked into the file: every 32,000 pages, which are 64 MB in a new file.
    // A log that a killed session left may hold what was deleted since: it is cleared if no other process uses the file.
    private const string Settings = """
        PRAGMA wal_checkpoint(TRUNCATE);
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 32000;
        PRAGMA secure_delete = ON;
        """;

    /// <summary>The form of a file that can return free space to the file system.</summary>
    public const string ReturnsSpace = "PRAGMA auto_vacuum = INCREMENTAL;";

    // A commit writes each page that it touches, so they are small, if not so small that the trees grow deep. The size comes first: the
    // other setting already writes the first page. Files of earlier versions keep pages of 4,096 bytes.
    private const string NewFile = "PRAGMA page_size = 2048;" + ReturnsSpace;

    public static SqliteConnection Open(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        CreatePrivate(path);
        var text = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusyTimeoutMs / 1000 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            RequireOwnFormat(connection); // before anything in the file is changed

            if (Scalar(connection, "PRAGMA user_version") == 0)
            {
                Execute(connection, NewFile); // before the first table
            }

            Execute(connection, Settings);
            JournalSchema.Migrate(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Returns pages that deleted rows left to the file system, as part of a transaction.</summary>
    public static void ReturnFreeSpace(Database db) => db.Query("PRAGMA incremental_vacuum", static _ => true);

    /// <summary>Opens a journal that exists, for reading only. It is in WAL mode, so that a read doesn't wait for a write.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var text = new SqliteConnectionStringBuilder
        { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 1 }.ToString();
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

    private static void RequireOwnFormat(SqliteConnection connection)
    {
        // In one statement, and so at one moment: another process may be making the file just now.
        if (Scalar(connection, "SELECT COUNT(*) FROM sqlite_master WHERE (SELECT user_version FROM pragma_user_version) = 0") > 0)
        {
            throw new IOException(Strings.JournalOfOtherProgram);
        }
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
