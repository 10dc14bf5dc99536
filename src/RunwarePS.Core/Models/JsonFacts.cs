using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>What a JSON value is, without writing out the media in it.</summary>
internal static class JsonFacts
{
    public const string Array = "array";
    public const string Boolean = "boolean";
    public const string Integer = "integer";
    public const string Null = "null";
    public const string Number = "number";
    public const string Object = "object";
    public const string String = "string";

    /// <summary>Media in the request; its JSON kind is a string, but asking for that would write all its bytes out.</summary>
    public static IMediaValue? AsMedia(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<IMediaValue>(out var media) ? media : null;

    /// <summary>The name of a value's type in JSON schemas.</summary>
    public static string TypeOf(JsonNode? node) => node switch
    {
        null => Null,
        JsonObject => Object,
        JsonArray => Array,
        _ when node.AsMedia() is not null => String,
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => String,
            JsonValueKind.Number => AsNumber(node) is { } number && decimal.IsInteger(number) ? Integer : Number,
            JsonValueKind.Null => Null,
            _ => Boolean,
        },
    };

    /// <summary>A text; null for other values and for media given as bytes.</summary>
    public static string? AsText(this JsonNode? node) =>
        node.AsMedia() is { } media ? media.Text
        : node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A number, by its text: decimals keep 0.07 a multiple of 0.01. Numbers beyond the range of decimals are cut to it.</summary>
    public static decimal? AsNumber(this JsonNode? node) =>
        node is JsonValue value && value.AsMedia() is null && value.GetValueKind() == JsonValueKind.Number
            ? ToDecimal(value.ToJsonString())
            : null;

    public static decimal? AsNumber(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number ? ToDecimal(element.GetRawText()) : null;

    /// <summary>Whether two values are the same in JSON's sense: 1 and 1.0 are.</summary>
    public static bool AreEqual(JsonNode? left, JsonNode? right) =>
        left.AsMedia() is null && right.AsMedia() is null
            && (left.AsNumber() is { } number ? right.AsNumber() == number : JsonNode.DeepEquals(left, right));

    /// <summary>A member of an object; an undefined element where there is none.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    public static string? AsText(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<string> Texts(this JsonElement element) => element.Items().Select(AsText).OfType<string>();

    private static decimal ToDecimal(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : text.StartsWith('-') ? decimal.MinValue : decimal.MaxValue;
}
