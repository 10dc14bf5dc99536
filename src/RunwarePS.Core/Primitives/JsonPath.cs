using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Primitives;

/// <summary>Reading and writing a task on the wire by dotted paths, such as <c>providerSettings.openai.quality</c>.</summary>
internal static class JsonPath
{
    private const long Punctuation = 6;

    public static JsonNode? At(this JsonObject wire, string path)
    {
        if (!path.Contains('.', StringComparison.Ordinal))
        {
            return wire[path]; // most are: nothing need be cut up for them
        }

        JsonNode? node = wire;
        foreach (var part in path.Split('.'))
        {
            node = (node as JsonObject)?[part];
        }

        return node;
    }

    public static string? Text(this JsonObject wire, string path) =>
        wire.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A whole number, of whatever type: a cell of CSV is a decimal, and 4.0 of a script is a double.</summary>
    public static int? Integer(this JsonObject wire, string path) =>
        wire.Number(path) is { } number && decimal.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue ? (int)number : null;

    /// <summary>A number as it is written, such as 0.29, which no binary number is.</summary>
    public static decimal? Number(this JsonObject wire, string path) =>
        wire.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>About how many bytes a task takes in a request.</summary>
    public static long SizeOnWire(this JsonNode? node) => node switch
    {
        JsonObject table => table.Sum(p => p.Key.Length + Punctuation + p.Value.SizeOnWire()),
        JsonArray list => list.Sum(item => Punctuation + item.SizeOnWire()),
        JsonValue value when value.TryGetValue<IMediaValue>(out var media) => media.SizeOnWire,
        JsonValue value when value.TryGetValue<string>(out var text) =>
            System.Text.Encoding.UTF8.GetByteCount(text) + text.Count(c => c is < ' ' or '"' or '\\') * 5L,
        _ => Punctuation * 3,
    };

    /// <param name="wire">The task.</param>
    /// <param name="path">The key.</param>
    /// <param name="value">What it gets.</param>
    /// <param name="parameter">The parameter that errors name.</param>
    /// <exception cref="RunwareException"><c>ParameterConflict</c>: a part of the path is a value.</exception>
    public static void Put(this JsonObject wire, string path, JsonNode? value, string parameter)
    {
        if (!path.Contains('.', StringComparison.Ordinal))
        {
            wire[path] = value;
            return;
        }

        var parts = path.Split('.');
        var target = wire;
        foreach (var part in parts[..^1])
        {
            if (target[part] is not JsonObject inner)
            {
                if (target[part] is not null)
                {
                    throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter,
                        Strings.KeyIsValueAndObject.With(part, path));
                }

                target[part] = inner = [];
            }

            target = inner;
        }

        target[parts[^1]] = value;
    }
}
