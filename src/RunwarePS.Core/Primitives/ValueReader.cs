using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Primitives;

/// <summary>Turns JSON that the module does not know into the plain types that survive serialization.</summary>
internal static class ValueReader
{
    public static Hashtable ToHashtable(Dictionary<string, JsonElement>? fields, Func<string, string> hide)
    {
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in fields ?? [])
        {
            table[hide(name)] = value.ValueKind == JsonValueKind.String
                ? Redaction.Field(name, hide(value.GetString()!))
                : ToPlain(value, hide);
        }

        return table;
    }

    /// <summary>Any JSON that holds no secrets any more.</summary>
    public static object? ToValue(JsonElement value) => ToPlain(value, hide: text => text);

    /// <summary>An object that holds no secrets any more.</summary>
    public static Hashtable ToHashtable(JsonElement value) => ToHashtable(Fields(value), hide: text => text);

    private static Dictionary<string, JsonElement> Fields(JsonElement value) =>
        value.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);

    private static object? ToPlain(JsonElement value, Func<string, string> hide) => value.ValueKind switch
    {
        JsonValueKind.String => hide(value.GetString()!),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.TryGetDecimal(out var number) ? number : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => value.EnumerateArray().Select(item => ToPlain(item, hide)).ToArray(),
        JsonValueKind.Object => ToHashtable(Fields(value), hide),
        _ => null,
    };

    /// <summary>The same JSON again, of a table that was read from JSON.</summary>
    public static JsonObject ToJson(IDictionary table)
    {
        var result = new JsonObject();
        foreach (DictionaryEntry entry in table)
        {
            result[(string)entry.Key] = ToNode(entry.Value);
        }

        return result;
    }

    /// <summary>The same for one value: a table, a list, a text, a number or a Boolean.</summary>
    public static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        bool flag => JsonValue.Create(flag),
        int whole => JsonValue.Create(whole),
        long whole => JsonValue.Create(whole),
        decimal number => JsonValue.Create(number),
        // was beyond every type
        double number => double.IsFinite(number) ? JsonValue.Create(number) : JsonNode.Parse(number > 0 ? "1e999" : "-1e999"),
        IDictionary table => ToJson(table),
        IEnumerable list and not string => new JsonArray([.. list.Cast<object?>().Select(ToNode)]),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
