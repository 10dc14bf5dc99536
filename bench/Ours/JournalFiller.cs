using System.Globalization;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Bench.Ours;

/// <summary>Fills a journal with finished tasks far faster than they could be generated: copies of the one task that it holds.</summary>
internal static class JournalFiller
{
    // Every second task has a tag; a tag has 2,000 positions, so that a journal of any size has tags of the same length.
    private const string Fill = """
        CREATE TEMP TABLE source AS SELECT * FROM task ORDER BY n LIMIT 1;
        CREATE TEMP TABLE number AS WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < $count) SELECT i FROM i;
        INSERT INTO task (scope, uuid, status, type, model, tag, expected, request_hash, request, media, owner, lease, fence, submitted, completed, reserved, outputs, unsaved, cost, charge, metadata)
        SELECT scope, printf('%08x-%04x-4000-8000-%012x', (i * 2654435761) & 0xffffffff, i & 0xffff, i), status, type, model,
            CASE WHEN i % 2 = 0 THEN 'batch-' || (i / 2000) END, expected, request_hash, NULL, 0, NULL, 0, 1,
            submitted - ($count - i) * 1000, completed - ($count - i) * 1000, reserved, outputs, 0, cost, charge, metadata
        FROM number, source ORDER BY i;
        INSERT INTO output
        SELECT n, uuid, 0, 'image', uuid, 'https://im.runware.ai/image/' || uuid || '.png', 100000000, completed, '/pictures/' || uuid || '.png', '{"seed":4000000000}'
        FROM task WHERE outputs > 0 AND n > (SELECT n FROM source);
        INSERT INTO tag SELECT scope, tag, MAX(submitted) FROM task WHERE tag IS NOT NULL GROUP BY 1, 2 ON CONFLICT DO NOTHING;
        """;

    public static void Run(string journal, int count)
    {
        using var connection = new SqliteConnection($"Data Source={journal};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY");
        var trigger = Trigger(connection);
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection, "DROP TRIGGER task_begun");
            Execute(connection, Fill.Replace("$count", count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            Execute(connection, trigger);
            transaction.Commit();
        }

        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    // It books each new task; the copies cost nothing.
    private static string Trigger(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'task_begun'";
        return (string)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    }
}
