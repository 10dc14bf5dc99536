using System.Text;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>Values as the database keeps them.</summary>
internal static class Sql
{
    /// <summary>A name as SQL, whatever it contains.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text that a column can keep: it has neither null characters nor half characters.</summary>
    public static string? Text(string? text) => text is null
        ? null
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD')));
}
