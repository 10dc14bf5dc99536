using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Journal.Sqlite;

/// <summary>The JSON in the file.</summary>
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class RowJson : JsonSerializerContext
{
    /// <summary>An object with the properties that are written.</summary>
    public static string Write(Action<Utf8JsonWriter> properties)
    {
        using var text = new PooledBuffer();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            properties(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.Written.Span);
    }

    public static T Read<T>(string text, Func<JsonElement, T> read)
    {
        using var json = JsonDocument.Parse(text);
        return read(json.RootElement);
    }
}
