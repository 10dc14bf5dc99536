using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>
/// What a record holds in the API's own form. Its nested objects, and keys that no parameter takes, unfold into what a request is made of,
/// so that the API's JSON pipes in unchanged.
/// </summary>
internal sealed class RequestRow
{
    private const string AdditionalParameter = "AdditionalParameter";

    private readonly (string Key, string Parameter, IDictionary? Table)[] _nested;
    private readonly Hashtable? _inputs;

    /// <exception cref="RunwareException"><c>ParameterOutOfRange</c> for another task than an image, or a delivery that there is none of.</exception>
    public RequestRow(string? taskType = null, string? deliveryMethod = null, IDictionary? providerSettings = null, IDictionary? inputs = null, IDictionary? safety = null)
    {
        IsAsync = deliveryMethod?.ToUpperInvariant() switch
        {
            null or "SYNC" => false,
            "ASYNC" => true,
            _ => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "DeliveryMethod", $"DeliveryMethod is '{deliveryMethod}'; allowed are sync and async."),
        };
        if (taskType is not (null or TaskTypes.ImageInference))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TaskType", $"TaskType is '{taskType}'; this cmdlet makes {TaskTypes.ImageInference}.");
        }

        // The media that parameters take are read as carefully as those of the parameters; what is left goes along as it is.
        _inputs = inputs is null ? null : new Hashtable(inputs);
        References = Take("referenceImages");
        SeedImage = Take("seedImage");
        MaskImage = Take("maskImage");
        _nested = [("providerSettings", "ProviderSettings", providerSettings), ("inputs", "Inputs", _inputs), ("safety", "Safety", safety)];
    }

    /// <summary>True where it asks for a task, and not for its images.</summary>
    public bool IsAsync { get; }

    /// <summary>The reference images among its inputs, unread; null where there are none.</summary>
    public object? References { get; }

    /// <summary>The seed image among its inputs, unread; null where there is none.</summary>
    public object? SeedImage { get; }

    /// <summary>The mask image among its inputs, unread; null where there is none.</summary>
    public object? MaskImage { get; }

    /// <summary>The keys that no parameter takes, by the names of their columns. Values are text, as in CSV, or what JSON was read into.</summary>
    public IReadOnlyDictionary<string, object> Unbound { get; init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    /// <summary>The other keys of the request: those given beside the row, and what the row holds of them.</summary>
    /// <exception cref="RunwareException"><c>ParameterConflict</c> where both say the same, <c>ParameterUnreadable</c> for what has no JSON form.</exception>
    public JsonObject? Additional(IDictionary? given)
    {
        var additional = given is null ? [] : DictionaryConverter.ToObject(given, AdditionalParameter);
        foreach (var (key, parameter, table) in _nested)
        {
            if (table is { Count: > 0 })
            {
                additional.Merge(new JsonObject { [key] = DictionaryConverter.ToObject(table, parameter) }, model: null);
            }
        }

        foreach (var (column, value) in Unbound)
        {
            var (path, kind) = ApiKeys.Find(column)!.Value;
            additional.Merge(DictionaryConverter.ToObject(new Hashtable { [path] = value is string text ? Read(column, text, kind) : value }, AdditionalParameter), model: null);
        }

        return additional.Count == 0 ? null : additional;
    }

    private object? Take(string input)
    {
        var value = _inputs?[input];
        _inputs?.Remove(input);
        return value;
    }

    /// <summary>A cell of text as the value that its key takes.</summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>, with the column.</exception>
    public static object? Read(string column, string text, ApiKeyKind kind, string parameter = AdditionalParameter)
    {
        try
        {
            return kind switch
            {
                ApiKeyKind.Number => ReadValue.Number(text),
                ApiKeyKind.Flag => ReadValue.Flag(text),
                ApiKeyKind.Json => Json(text) is { } node and not JsonValue ? node : throw Unreadable(parameter, $"'{DisplayText.Cut(text, 60)}' cannot be read as a JSON object or array."),
                ApiKeyKind.Any => Json(text) ?? (object)text,
                _ => text,
            };
        }
        catch (RunwareException e)
        {
            throw Unreadable(parameter, $"Column '{column}': {e.Message}");
        }
    }

    private static RunwareException Unreadable(string parameter, string message) => RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, message);

    /// <summary>An object, array, number or Boolean; null for any other text.</summary>
    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text) is { } node && node.GetValueKind() != JsonValueKind.String ? node : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
