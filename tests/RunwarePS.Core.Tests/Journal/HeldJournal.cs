using Microsoft.Data.Sqlite;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>Another process that is writing to a journal, until it is disposed.</summary>
internal sealed class HeldJournal : IDisposable
{
    private readonly SqliteConnection _connection;
    private bool _isReleased;

    public HeldJournal(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute("BEGIN IMMEDIATE");
    }

    public void Dispose()
    {
        if (!_isReleased)
        {
            _isReleased = true;
            Execute("ROLLBACK");
            _connection.Dispose();
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
