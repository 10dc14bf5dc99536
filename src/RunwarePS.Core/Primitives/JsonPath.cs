using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Primitives;

/// <summary>Reading and writing a task on the wire by dotted paths, such as <c>providerSettings.openai.quality</c>.</summary>
internal static class JsonPath
{
    /// <summary>
    /// Keys that only the module may set: with an ID or a delivery method from the user, a task could be bought twice.
    /// </summary>
    private static readonly HashSet<string> s_ours = new(StringComparer.OrdinalIgnoreCase) { "taskUUID", "taskType", "deliveryMethod" };

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

    public static int? Integer(this JsonObject wire, string path) =>
        wire.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && (value.TryGetValue<int>(out var whole) || (value.TryGetValue<long>(out var wide) && wide == (whole = (int)wide)))
            ? whole
            : null;

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

    public static void Put(this JsonObject wire, string path, JsonNode? value)
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
                    throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "AdditionalParameter",
                        Strings.KeyIsValueAndObject.With(part, path));
                }

                target[part] = inner = [];
            }

            target = inner;
        }

        target[parts[^1]] = value;
    }

    /// <summary>Adds the keys of another object, nested ones too.</summary>
    /// <param name="wire">The task.</param>
    /// <param name="additional">What is added.</param>
    /// <param name="normalize">The API's spelling of a text, by its path; null for the text as it is.</param>
    /// <exception cref="RunwareException"><c>ParameterConflict</c> for a key that is there already, or that only the module may
    /// set.</exception>
    public static void Merge(this JsonObject wire, JsonObject additional, Func<string, string, string>? normalize)
    {
        foreach (var key in additional.Select(p => p.Key))
        {
            if (s_ours.Contains(key))
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "AdditionalParameter", Strings.KeyIsOurs.With(key));
            }
        }

        Merge(wire, additional, prefix: "", normalize);
    }

    private static void Merge(JsonObject target, JsonObject additional, string prefix, Func<string, string, string>? normalize)
    {
        foreach (var (key, value) in additional)
        {
            var path = prefix + key;
            switch (target[key], value)
            {
                case (null, JsonValue text) when text.GetValueKind() == JsonValueKind.String:
                    target[key] = normalize?.Invoke(path, text.GetValue<string>()) ?? text.GetValue<string>();
                    break;
                case (null, JsonObject inner):
                    var made = new JsonObject();
                    Merge(made, inner, path + ".", normalize);
                    target[key] = made;
                    break;
                case (null, _):
                    target[key] = value?.DeepClone();
                    break;
                case (JsonObject there, JsonObject inner):
                    Merge(there, inner, path + ".", normalize);
                    break;
                default:
                    throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "AdditionalParameter",
                        Strings.KeySpecifiedByParameterToo.With(path));
            }
        }
    }
}
