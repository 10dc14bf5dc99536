using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The units in which the file keeps ids, money and time.</summary>
internal static class Sql
{
    public static string Id(Guid id) => id.ToString("D");

    public static decimal? Money(this SqliteDataReader reader, string column) => StoredMoney.ToUsd(reader.Number(column));

    public static long Time(DateTime utc) => new DateTimeOffset(utc, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static DateTime? Time(this SqliteDataReader reader, string column) =>
        reader.Number(column) is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value).UtcDateTime : null;

    public static string? Text(this SqliteDataReader reader, string column) => reader[column] as string;

    public static long? Number(this SqliteDataReader reader, string column) => reader[column] as long?;

    public static Guid Guid(this SqliteDataReader reader, string column) => System.Guid.Parse(reader.Text(column)!);
}
