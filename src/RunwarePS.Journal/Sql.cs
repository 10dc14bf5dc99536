using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>Short forms for commands, and the units in which the file keeps money and time.</summary>
internal static class Sql
{
    private const decimal Billionth = 1_000_000_000m;

    public static int Execute(this SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    public static object? Scalar(this SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>The key of a task within its scope, and the task's own id out of it.</summary>
    public static string Key(JournalScope scope, Guid taskUuid) => $"{taskUuid:D}@{scope.Id}";

    public static Guid TaskUuid(string key) => System.Guid.ParseExact(key.AsSpan(0, 36), "D");

    public static long? Money(decimal? usd) => usd is { } value ? (long)decimal.Round(value * Billionth) : null;

    public static decimal? Money(this SqliteDataReader reader, string column) => reader.Number(column) is { } value ? value / Billionth : null;

    public static decimal ToUsd(long billionths) => billionths / Billionth;

    public static long Time(DateTime utc) => new DateTimeOffset(utc, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static DateTime? Time(this SqliteDataReader reader, string column) =>
        reader.Number(column) is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value).UtcDateTime : null;

    public static string? Text(this SqliteDataReader reader, string column) => reader[column] as string;

    public static long? Number(this SqliteDataReader reader, string column) => reader[column] as long?;

    public static Guid Guid(this SqliteDataReader reader, string column) => System.Guid.Parse(reader.Text(column)!);

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue("$" + name, value ?? DBNull.Value);
        }

        return command;
    }
}
