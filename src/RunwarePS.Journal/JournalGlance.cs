using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>A glance into a journal while somebody types: it changes nothing, makes no file, and hardly waits for those who write.</summary>
internal static class JournalGlance
{
    private const int TimeoutSeconds = 1;

    /// <summary>How far back tags are looked for, so that a glance takes as long in a large journal.</summary>
    private const int RowsForTags = 5000;

    /// <summary>The newest tasks of a connection whose id begins so.</summary>
    public static IReadOnlyList<JournalHint> Tasks(string path, ConnectionSettings settings, string beginning, int count)
    {
        // By the key where a beginning is given (a plus hides a column from the index), else by the index of times: few rows of a large journal.
        var plus = beginning.Length > 0 ? "+" : "";
        return Look(path, settings, (db, scope) => db.Query(
            $"""
            SELECT id, status, substr(prompt, 1, 200) AS prompt, submitted FROM task
            WHERE {plus}endpoint = $endpoint AND {plus}account = $account AND id >= $from AND id < $from || 'z'
            ORDER BY {plus}submitted DESC, input_index DESC LIMIT $count
            """,
            row => new JournalHint(Sql.TaskUuid(row.Text("id")!), row.Text("status")!, row.Text("prompt"), row.Time("submitted")!.Value),
            ("endpoint", scope.Endpoint), ("account", scope.Account), ("from", beginning), ("count", count)));
    }

    /// <summary>The tags that a connection used of late, the last first, and when.</summary>
    public static IReadOnlyList<(string Tag, DateTime At)> Tags(string path, ConnectionSettings settings, int count) => Look(path, settings, (db, scope) => db.Query(
        """
        SELECT tag, MAX(at) AS at FROM (
            SELECT * FROM (SELECT tag, submitted AS at FROM task WHERE endpoint = $endpoint AND account = $account ORDER BY submitted DESC LIMIT $rows)
            UNION ALL SELECT * FROM (SELECT tag, at FROM spend WHERE endpoint = $endpoint AND account = $account ORDER BY at DESC LIMIT $rows))
        WHERE tag IS NOT NULL GROUP BY tag ORDER BY at DESC, tag LIMIT $count
        """,
        row => (row.Text("tag")!, row.Time("at")!.Value),
        ("endpoint", scope.Endpoint), ("account", scope.Account), ("rows", RowsForTags), ("count", count)));

    private static IReadOnlyList<T> Look<T>(string path, ConnectionSettings settings, Func<SqliteConnection, JournalScope, List<T>> read)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = TimeoutSeconds }.ToString());
        db.Open();
        return db.Scalar("SELECT value FROM meta WHERE name = 'salt'") is byte[] salt ? read(db, JournalScope.Of(settings, salt)) : [];
    }
}
