using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>A glance into a journal while somebody types: it changes nothing, makes no file, and hardly waits for those who write.</summary>
internal static class JournalGlance
{
    private const int TimeoutSeconds = 1;

    /// <summary>How far back is looked, so that a glance takes as long in a large journal.</summary>
    private const long MostRows = 10_000;

    /// <summary>The newest tasks of a connection whose id begins so.</summary>
    public static IReadOnlyList<JournalHint> Tasks(string path, ConnectionSettings settings, string beginning, int count) => Look(path, settings, (db, scope) => db.Query(
        // By the ids where a beginning is given (the plus hides the numbers from the planner), else among the last rows.
        beginning.Length > 0
            ? """
              SELECT id, status, substr(prompt, 1, 200) AS prompt, submitted FROM task
              WHERE endpoint = $endpoint AND account = $account AND id >= $from AND id < $from || 'z' ORDER BY +n DESC LIMIT $count
              """
            : """
              SELECT id, status, substr(prompt, 1, 200) AS prompt, submitted FROM task
              WHERE endpoint = $endpoint AND account = $account AND n > (SELECT MAX(n) FROM task) - $rows ORDER BY n DESC LIMIT $count
              """,
        row => new JournalHint(Sql.TaskUuid(row.Text("id")!), row.Text("status")!, row.Text("prompt"), row.Time("submitted")!.Value),
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("from", beginning), ("rows", MostRows), ("count", count)));

    /// <summary>The tags that a connection used of late, the last first, and when; those of removed tasks too, which the ledger still has.</summary>
    public static IReadOnlyList<(string Tag, DateTime At)> Tags(string path, ConnectionSettings settings, int count) => Look(path, settings, (db, scope) => db.Query(
        """
        SELECT tag, MAX(submitted) AS at FROM (
            SELECT tag, submitted, endpoint, account FROM task WHERE n > (SELECT MAX(n) FROM task) - $rows
            UNION ALL SELECT tag, submitted, endpoint, account FROM spend WHERE rowid > (SELECT MAX(rowid) FROM spend) - $rows)
        WHERE tag IS NOT NULL AND endpoint = $endpoint AND account = $account GROUP BY tag ORDER BY at DESC, tag LIMIT $count
        """,
        row => (row.Text("tag")!, row.Time("at")!.Value),
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("rows", MostRows), ("count", count)));

    private static IReadOnlyList<T> Look<T>(string path, ConnectionSettings settings, Func<Database, JournalScope, List<T>> read)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = TimeoutSeconds }.ToString());
        using var db = new Database(connection);
        connection.Open();
        return db.Scalar("SELECT value FROM meta WHERE name = 'salt'") is byte[] salt ? read(db, JournalScope.Of(settings, salt)) : [];
    }
}
