using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>The open file, with every statement prepared once. For one thread at a time.</summary>
internal sealed class Database(SqliteConnection connection) : IDisposable
{
    // Their texts are constants, so the same text is the same object: nothing of it need be read to find its statement.
    private readonly Dictionary<object, SqliteCommand> _commands = new(ReferenceEqualityComparer.Instance);

    /// <summary>Set within a transaction: after it, nothing that was deleted so far stands in the log any more.</summary>
    public bool ClearsLog { get; set; }

    /// <summary>Runs a statement and gives the number of rows that it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>The first value of the first row; null where there is none.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Prepare(sql, parameters).ExecuteScalar() is var value and not DBNull ? value : null;

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Prepare(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Does work in one transaction, all of it or nothing. Waits for another process's first.</summary>
    public void InTransaction(Action work)
    {
        Execute("BEGIN IMMEDIATE"); // taken at once: what is read is what is then written on
        try
        {
            work();
            Execute("COMMIT");
        }
        catch
        {
            RollBack();
            throw;
        }

        if (ClearsLog)
        {
            ClearsLog = Scalar("PRAGMA wal_checkpoint(TRUNCATE)") is not 0L; // where somebody is reading just now, after the next one
        }
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Where the disk is full or torn SQLite has done so itself.
        }
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands[sql] = command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
            {
                command.Parameters.AddWithValue("$" + name, DBNull.Value);
            }
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }
}
