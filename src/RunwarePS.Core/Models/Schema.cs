using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunwarePS.Models;

/// <summary>
/// A JSON schema with the keywords that model documents use, and its verdict on a value. A keyword that isn't known here is counted and
/// makes the verdict unknown where it matters: a rule that can't be read never refuses a request.
/// </summary>
internal sealed class Schema
{
    private static readonly TimeSpan s_patternTimeout = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<string, Regex> s_patterns = new(StringComparer.Ordinal);

    private int _unread;

    private Schema()
    {
    }

    /// <summary>True for the schema <c>false</c>, which no value fits.</summary>
    public bool IsNever { get; private set; }

    public string[] Types { get; private set; } = [];

    /// <summary>The only values, from <c>enum</c> or <c>const</c>; null for any.</summary>
    public IReadOnlyList<JsonNode?>? Values { get; private set; }

    public string? Format { get; private set; }

    public Regex? Pattern { get; private set; }

    /// <summary>The bounds of a number.</summary>
    public Bounds Range { get; private set; } = Bounds.None;

    public decimal? MultipleOf { get; private set; }

    /// <summary>The bounds of a text's length in characters.</summary>
    public Bounds Length { get; private set; } = Bounds.None;

    /// <summary>The bounds of a list's number of items.</summary>
    public Bounds Count { get; private set; } = Bounds.None;

    public Schema? Items { get; private set; }

    public Schema? Contains { get; private set; }

    public IReadOnlyDictionary<string, Schema> Properties { get; private set; } = new Dictionary<string, Schema>(StringComparer.Ordinal);

    public string[] Required { get; private set; } = [];

    /// <summary>What the keys have to fit that aren't in <see cref="Properties"/>; null for anything.</summary>
    public Schema? Additional { get; private set; }

    /// <summary>Whether there can't be other keys than those of <see cref="Properties"/>.</summary>
    public bool IsClosed => Additional?.IsNever == true;

    /// <summary>Keys that a key requires.</summary>
    public IReadOnlyDictionary<string, string[]> DependentRequired { get; private set; } =
        new Dictionary<string, string[]>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Schema> DependentSchemas { get; private set; } =
        new Dictionary<string, Schema>(StringComparer.Ordinal);

    public IReadOnlyList<Schema> AllOf { get; private set; } = [];

    public IReadOnlyList<Schema> AnyOf { get; private set; } = [];

    public IReadOnlyList<Schema> OneOf { get; private set; } = [];

    public Schema? Not { get; private set; }

    public Schema? If { get; private set; }

    public Schema? Then { get; private set; }

    public Schema? Else { get; private set; }

    public JsonNode? Default { get; private set; }

    public string? Title { get; private set; }

    /// <summary>The rules that this module can't check, here and below.</summary>
    public int Unread => _unread + Parts.Sum(p => p.Unread);

    private IEnumerable<Schema> Parts => new[] { Items, Contains, Additional, Not, If, Then, Else }.OfType<Schema>()
        .Concat(Properties.Values).Concat(DependentSchemas.Values).Concat(AllOf).Concat(AnyOf).Concat(OneOf);

    public static Schema Read(JsonElement element)
    {
        var schema = new Schema { IsNever = element.ValueKind == JsonValueKind.False };
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var keyword in element.EnumerateObject())
            {
                if (!schema.Take(keyword.Name, keyword.Value))
                {
                    schema._unread++;
                }
            }
        }
        else if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            schema._unread++;
        }

        return schema;
    }

    /// <summary>Allows any value, which <c>const</c> would not: a model is found by its slug too.</summary>
    public void AllowAnyValue() => Values = null;

    /// <summary>Asks for a form that the document leaves out.</summary>
    public void AskFor(Regex pattern) => Pattern ??= pattern;

    /// <summary>Whether a value fits; null where the schema holds something unread that decides it.</summary>
    public bool? Accepts(JsonNode? value)
    {
        if (IsNever || !FitsItself(value))
        {
            return false;
        }

        bool? verdict = _unread > 0 ? null : true;
        foreach (var part in Verdicts(value))
        {
            if (part is false)
            {
                return false;
            }

            verdict &= part;
        }

        return verdict;
    }

    public bool HasType(JsonNode? value) =>
        Types.Length == 0 || JsonFacts.TypeOf(value) is var type
            && (Types.Contains(type, StringComparer.Ordinal)
                || (type == JsonFacts.Integer && Types.Contains(JsonFacts.Number, StringComparer.Ordinal)));

    public bool HasValue(JsonNode? value) => Values is null || Values.Any(v => JsonFacts.AreEqual(v, value));

    /// <summary>Whether a number, a text's length or a list's count is within its bounds.</summary>
    public bool HasMeasure(JsonNode? value) =>
        value.AsNumber() is { } number ? Range.Hold(number) && !(MultipleOf is { } step && step != 0 && number % step != 0)
        : value is JsonArray list ? Count.Hold(list.Count)
        : Length == Bounds.None || value.AsText() is not { } text || Length.Hold(CountCharacters(text));

    /// <summary>Whether a text has the form asked for. Media given as bytes has any.</summary>
    public bool HasForm(JsonNode? value)
    {
        if ((Format is null && Pattern is null) || value.AsText() is not { } text)
        {
            return true;
        }

        try
        {
            return Pattern?.IsMatch(text) != false && (Format is null || TextFormat.Fits(Format, text));
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    public static int CountCharacters(string text) => text.Length - text.Count(char.IsLowSurrogate);

    private bool FitsItself(JsonNode? value) => HasType(value) && HasValue(value) && HasMeasure(value) && HasForm(value);

    private IEnumerable<bool?> Verdicts(JsonNode? value)
    {
        foreach (var verdict in value switch { JsonObject table => OfKeys(table), JsonArray list => OfItems(list), _ => [] })
        {
            yield return verdict;
        }

        foreach (var part in AllOf)
        {
            yield return part.Accepts(value);
        }

        if (AnyOf.Count > 0)
        {
            yield return Any(AnyOf, value);
        }

        if (OneOf.Count > 0)
        {
            var verdicts = OneOf.Select(part => part.Accepts(value)).ToArray();
            yield return verdicts.Count(v => v is true) > 1 || Array.TrueForAll(verdicts, v => v is false) ? false
                : Array.Exists(verdicts, v => v is null) ? null : true;
        }

        if (Not is not null)
        {
            yield return !Not.Accepts(value);
        }

        if (If is not null)
        {
            yield return If.Accepts(value) switch
            {
                true => Then?.Accepts(value) ?? true,
                false => Else?.Accepts(value) ?? true,
                null => null,
            };
        }
    }

    private IEnumerable<bool?> OfKeys(JsonObject table)
    {
        yield return Array.TrueForAll(Required, table.ContainsKey);
        foreach (var (key, value) in table)
        {
            if (Properties.TryGetValue(key, out var property))
            {
                yield return property.Accepts(value);
            }
            else if (Additional is not null)
            {
                yield return Additional.Accepts(value);
            }

            if (DependentRequired.TryGetValue(key, out var required))
            {
                yield return Array.TrueForAll(required, table.ContainsKey);
            }

            if (DependentSchemas.TryGetValue(key, out var dependent))
            {
                yield return dependent.Accepts(table);
            }
        }
    }

    private IEnumerable<bool?> OfItems(JsonArray list)
    {
        if (Items is not null)
        {
            foreach (var item in list)
            {
                yield return Items.Accepts(item);
            }
        }

        if (Contains is not null)
        {
            yield return list.Select(Contains.Accepts).Aggregate((bool?)false, (found, verdict) => found | verdict);
        }
    }

    private static bool? Any(IReadOnlyList<Schema> parts, JsonNode? value)
    {
        bool? found = false;
        foreach (var part in parts)
        {
            found |= part.Accepts(value);
            if (found is true)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Takes one keyword; false where it or its value isn't understood.</summary>
    private bool Take(string keyword, JsonElement value) => keyword switch
    {
        "type" => Keep(value.ValueKind == JsonValueKind.String ? [value.GetString()!] : Texts(value), v => Types = v),
        "const" => Keep(new[] { ToNode(value) }, v => Values = v),
        "enum" => Keep(value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(ToNode).ToArray() : null, v => Values ??= v),
        "format" => Keep(AsText(value), v => Format = v),
        "pattern" => Keep(ToRegex(AsText(value)), v => Pattern = v),
        "minimum" => Keep(value.AsNumber(), v => Range = Range with { Min = v }),
        "maximum" => Keep(value.AsNumber(), v => Range = Range with { Max = v }),
        "exclusiveMinimum" => Keep(value.AsNumber(), v => Range = Range with { Above = v }),
        "exclusiveMaximum" => Keep(value.AsNumber(), v => Range = Range with { Below = v }),
        "multipleOf" => Keep(value.AsNumber(), v => MultipleOf = v),
        "minLength" => Keep(value.AsNumber(), v => Length = Length with { Min = v }),
        "maxLength" => Keep(value.AsNumber(), v => Length = Length with { Max = v }),
        "minItems" => Keep(value.AsNumber(), v => Count = Count with { Min = v }),
        "maxItems" => Keep(value.AsNumber(), v => Count = Count with { Max = v }),
        "required" => Keep(Texts(value), v => Required = v),
        "additionalProperties" => Keep(Read(value), v => Additional = v),
        "default" => Keep(new[] { ToNode(value) }, v => Default = v[0]),
        "title" => Keep(AsText(value), v => Title = v),
        "dependentRequired" => Keep(Table(value, Texts), v => DependentRequired = v),
        "items" => Keep(Read(value), v => Items = v),
        "contains" => Keep(Read(value), v => Contains = v),
        "properties" => Keep(Table(value, Read), v => Properties = v),
        "dependentSchemas" => Keep(Table(value, Read), v => DependentSchemas = v),
        "allOf" => Keep(List(value), v => AllOf = v),
        "anyOf" => Keep(List(value), v => AnyOf = v),
        "oneOf" => Keep(List(value), v => OneOf = v),
        "not" => Keep(Read(value), v => Not = v),
        "if" => Keep(Read(value), v => If = v),
        "then" => Keep(Read(value), v => Then = v),
        "else" => Keep(Read(value), v => Else = v),
        "description" or "examples" or "deprecated" or "readOnly" or "writeOnly" => true,
        _ =>
            keyword.StartsWith('$')
                ? keyword is "$id" or "$schema" or "$comment" or "$defs"
                : keyword.StartsWith("x-", StringComparison.Ordinal),
    };

    private static bool Keep<T>(T? value, Action<T> keep)
        where T : class
    {
        if (value is not null)
        {
            keep(value);
        }

        return value is not null;
    }

    private static bool Keep(decimal? value, Action<decimal> keep)
    {
        if (value is { } known)
        {
            keep(known);
        }

        return value is not null;
    }

    private static string? AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)] : null;

    private static IReadOnlyList<Schema>? List(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Read)] : null;

    private static Dictionary<string, T>? Table<T>(JsonElement value, Func<JsonElement, T?> read)
        where T : class
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var table = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (read(property.Value) is not { } known)
            {
                return null;
            }

            table[property.Name] = known;
        }

        return table;
    }

    private static JsonNode? ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value.Clone()),
        JsonValueKind.Array => JsonArray.Create(value.Clone()),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value.Clone()),
    };

    private static Regex? ToRegex(string? pattern)
    {
        try
        {
            return pattern is null
                ? null
                : s_patterns.GetOrAdd(pattern, static p => new Regex(AtTheVeryEnd(p), RegexOptions.CultureInvariant, s_patternTimeout));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // A pattern's $ is the very end in JavaScript, but can stand before a last line feed in .NET.
    private static string AtTheVeryEnd(string pattern) =>
        pattern.EndsWith('$') && !pattern.EndsWith("\\$", StringComparison.Ordinal) ? pattern[..^1] + "\\z" : pattern;
}

/// <summary>The bounds of a measure, each of which can be missing.</summary>
internal sealed record Bounds(decimal? Min, decimal? Max)
{
    public static readonly Bounds None = new(Min: null, Max: null);

    /// <summary>A bound that the measure has to be above.</summary>
    public decimal? Above { get; init; }

    /// <summary>A bound that the measure has to be below.</summary>
    public decimal? Below { get; init; }

    public bool Hold(decimal measure) => !(measure < Min) && !(measure > Max) && !(measure <= Above) && !(measure >= Below);

    /// <summary>The bounds in words, such as <c>1 to 20 items</c>.</summary>
    public string ToString(string unit)
    {
        var text = (Min ?? Above, Max ?? Below) switch
        {
            ({ } least, { } most) when least == most => FormattableString.Invariant($"exactly {least} {Unit(least)}"),
            ({ } least, { } most) =>
                FormattableString.Invariant(
                    $"{Exclusive(Min, Above, "more than ")}{least} to {Exclusive(Max, Below, "less than ")}{most} {unit}"),
            ({ } least, null) =>
                Min is null
                    ? FormattableString.Invariant($"more than {least} {Unit(least)}")
                    : FormattableString.Invariant($"at least {least} {Unit(least)}"),
            (null, { } most) =>
                Max is null
                    ? FormattableString.Invariant($"less than {most} {Unit(most)}")
                    : FormattableString.Invariant($"at most {most} {Unit(most)}"),
            _ => "any",
        };
        return text.TrimEnd();

        string Unit(decimal count) => count == 1 && unit.EndsWith('s') ? unit[..^1] : unit;
    }

    private static string Exclusive(decimal? inclusive, decimal? exclusive, string words) =>
        inclusive is null && exclusive is not null ? words : "";
}
