using Microsoft.Data.Sqlite;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>A journal in a folder of its own, and a second look into its file.</summary>
internal sealed class TemporaryJournal : IDisposable
{
    private readonly List<TestJournal> _open = [];

    public TemporaryJournal()
    {
        Folder = Directory.CreateTempSubdirectory("runware-test-").FullName;
        Path = System.IO.Path.Combine(Folder, "journal.db");
    }

    public string Folder { get; }

    public string Path { get; }

    public static TestJournal Open(string path) =>
        new(new SqliteJournalProvider().OpenAsync(new FileAddress(path), CancellationToken.None).GetAwaiter().GetResult());

    public TestJournal Open() => Open(time: null);

    public TestJournal Open(TimeProvider? time)
    {
        var journal = time is null ? Open(Path) : new TestJournal(new SqliteStore(JournalFile.Open(Path), Path, time));
        lock (_open)
        {
            _open.Add(journal);
        }

        return journal;
    }

    /// <summary>What another process would read.</summary>
    public object? Read(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    /// <summary>The last column of each row, with parameters that aren't set.</summary>
    public string ReadAll(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(sql, @"\$\w+", System.Text.RegularExpressions.RegexOptions.NonBacktracking).Select(m => m.Value).Distinct(StringComparer.Ordinal))
        {
            command.Parameters.AddWithValue(name, 1L);
        }

        using var reader = command.ExecuteReader();
        var rows = new System.Text.StringBuilder();
        while (reader.Read())
        {
            rows.Append(reader.GetValue(reader.FieldCount - 1)).Append('\n');
        }

        return rows.ToString();
    }

    public long Count(string table) => (long)Read($"SELECT COUNT(*) FROM {table}")!;

    /// <summary>Whether a text stands anywhere in the journal's files.</summary>
    public bool FilesHold(string text) => FilesHold(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Whether these bytes stand anywhere in the journal's files.</summary>
    public bool FilesHold(byte[] bytes)
    {
        return Directory.EnumerateFiles(Folder).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content.AsSpan().IndexOf(bytes) >= 0;
        });
    }

    public void Dispose()
    {
        foreach (var journal in _open)
        {
            journal.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
