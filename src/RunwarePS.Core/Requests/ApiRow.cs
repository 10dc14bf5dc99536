using System.Collections;
using System.Text.Json.Nodes;

namespace RunwarePS;

/// <summary>What a record says in the API's own words. Its nested objects unfold into what a request is made of, so that the API's JSON pipes in unchanged.</summary>
internal sealed class ApiRow
{
    private const string ReferenceImages = "referenceImages";

    private readonly (string Key, string Parameter, IDictionary? Table)[] _nested;

    /// <exception cref="RunwareException"><c>ParameterOutOfRange</c> for another task than an image, or a delivery that there is none of.</exception>
    public ApiRow(string? taskType = null, string? deliveryMethod = null, IDictionary? providerSettings = null, IDictionary? inputs = null, IDictionary? safety = null)
    {
        IsAsync = deliveryMethod?.ToUpperInvariant() switch
        {
            null or "SYNC" => false,
            "ASYNC" => true,
            _ => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "DeliveryMethod", $"DeliveryMethod is '{deliveryMethod}'; allowed are sync and async."),
        };
        if (taskType is not (null or ImageRequest.TaskType))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TaskType", $"TaskType is '{taskType}'; this cmdlet makes {ImageRequest.TaskType}.");
        }

        // Its references are read as carefully as those of the parameter; what is left goes along as it is.
        var rest = inputs is null ? null : new Hashtable(inputs);
        References = rest?[ReferenceImages];
        rest?.Remove(ReferenceImages);
        _nested = [("providerSettings", "ProviderSettings", providerSettings), ("inputs", "Inputs", rest), ("safety", "Safety", safety)];
    }

    /// <summary>True where it asks for a task, and not for its images.</summary>
    public bool IsAsync { get; }

    /// <summary>The reference images among its inputs, unread; null where there are none.</summary>
    public object? References { get; }

    /// <summary>The other keys of the request: those given beside the row, and what its nested objects hold.</summary>
    /// <exception cref="RunwareException"><c>ParameterConflict</c> where both say the same, <c>ParameterUnreadable</c> for what has no JSON form.</exception>
    public JsonObject? Additional(IDictionary? given)
    {
        var additional = given is null ? [] : JsonValues.ToObject(given, "AdditionalParameter");
        foreach (var (key, parameter, table) in _nested)
        {
            if (table is { Count: > 0 })
            {
                additional.Merge(new JsonObject { [key] = JsonValues.ToObject(table, parameter) }, model: null);
            }
        }

        return additional.Count == 0 ? null : additional;
    }
}
