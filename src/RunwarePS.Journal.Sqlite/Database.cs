using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RunwarePS.Journal.Sqlite;

/// <summary>An open journal file, with every statement prepared once. For one thread at a time.</summary>
internal sealed class Database(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private volatile bool _isFullSyncRequired;
    private bool _isFullSync;

    /// <summary>From the next transaction on, each commit waits for the disk. For any thread.</summary>
    public void RequireFullSync() => _isFullSyncRequired = true;

    /// <summary>Runs a statement and gives the number of rows that it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Prepare(sql, parameters).ExecuteNonQuery();

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

    /// <summary>Begins a transaction with the right to write, so that what is read in it is what is then changed. Doesn't wait.</summary>
    /// <returns>False if another process is writing.</returns>
    /// <exception cref="SqliteException"/>
    public bool TryBegin()
    {
        if (_isFullSyncRequired && !_isFullSync)
        {
            Execute("PRAGMA synchronous = FULL");
            _isFullSync = true;
        }

        // Not by a command: those of the library wait on their own account.
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        var code = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE");
        raw.sqlite3_busy_timeout(connection.Handle, JournalFile.BusyTimeoutMs);
        if (code == raw.SQLITE_BUSY)
        {
            return false;
        }

        SqliteException.ThrowExceptionForRC(code, connection.Handle);
        return true;
    }

    /// <summary>Reads in one transaction, so that all of it is of one moment.</summary>
    public T Read<T>(Func<T> work)
    {
        Execute("BEGIN");
        try
        {
            return work();
        }
        finally
        {
            RollBack();
        }
    }

    /// <summary>Does work in the transaction that was begun, all of it or nothing.</summary>
    public void Commit(Action work)
    {
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
