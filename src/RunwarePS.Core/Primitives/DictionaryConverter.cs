using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace RunwarePS.Primitives;

/// <summary>Turns plain values, lists and tables into JSON of the same types: a number stays a number, a text stays a text.</summary>
internal static class DictionaryConverter
{
    /// <summary>The deepest nesting that a request can have.</summary>
    public const int MaxDepth = 32;

    /// <summary>Converts a table to an object. A dotted key becomes a nested one.</summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> for a value that can't be expressed in JSON.</exception>
    /// <param name="table">The table.</param>
    /// <param name="parameter">Which parameter it comes from.</param>
    /// <param name="convert">Called first: returns the JSON form of a value, or null if this class is to convert it.</param>
    public static JsonObject ToObject(IDictionary table, string parameter, Func<object, JsonNode?>? convert = null) =>
        ToObject(table, parameter, convert ?? (_ => null), depth: 0);

    private static JsonObject ToObject(IDictionary table, string parameter, Func<object, JsonNode?> convert, int depth)
    {
        var result = new JsonObject();
        foreach (DictionaryEntry entry in table)
        {
            var key = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            if (key.Split('.').Any(part => part.Length == 0))
            {
                throw Unreadable(parameter, Strings.KeyNamed.With(key));
            }

            var node = ToNode(entry.Value, parameter, convert, depth + 1);
            if (result.At(key) is not { } there)
            {
                result.Put(key, node, parameter);
            }
            else if (there is not JsonObject inner || node is not JsonObject more || !TryMerge(inner, more))
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter, Strings.KeySpecifiedTwice.With(key, parameter));
            }
        }

        return result;
    }

    /// <summary>A table can specify one part of an object by dotted keys and another by a nested table, but nothing twice.</summary>
    private static bool TryMerge(JsonObject target, JsonObject more)
    {
        foreach (var (key, value) in more.ToList())
        {
            more.Remove(key);
            if (target[key] is not { } there)
            {
                target[key] = value;
            }
            else if (there is not JsonObject inner || value is not JsonObject deeper || !TryMerge(inner, deeper))
            {
                return false;
            }
        }

        return true;
    }

    private static JsonNode? ToNode(object? value, string parameter, Func<object, JsonNode?> convert, int depth) => value switch
    {
        _ when depth > MaxDepth => throw Unreadable(parameter, Strings.ValueTooDeep),
        null => null,
        _ when convert(value) is { } converted => converted,
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        byte or sbyte or short or ushort or uint or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        float number when float.IsFinite(number) => JsonValue.Create(number), // 0.1 stays 0.1
        double number when double.IsFinite(number) => JsonValue.Create(number),
        float or double => throw Unreadable(parameter, Strings.NumberNotFinite),
        decimal number => JsonValue.Create(number),
        BigInteger number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)), // a seed may have more than 64 bits
        Guid id => JsonValue.Create(id.ToString("D")),
        Uri uri => JsonValue.Create(uri.OriginalString),
        IDictionary table => ToObject(table, parameter, convert, depth),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => ToNode(item, parameter, convert, depth + 1))]),
        _ => throw Unreadable(parameter, Strings.ValueOfType.With(value.GetType().Name)),
    };

    private static RunwareException Unreadable(string parameter, string what) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, Strings.ValueHasNoJsonForm.With(parameter, what));
}
