using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>
/// What a request can break. Each rule returns the API's error, or null if the request keeps it. A key that is absent breaks only the
/// rules that require it.
/// </summary>
internal static class Rule
{
    /// <summary>The object at the path has these keys only.</summary>
    public static TaskError? Closed(JsonObject task, string? path, IEnumerable<string> keys)
    {
        if ((path is null ? task : task.At(path)) is not JsonObject table
            || table.FirstOrDefault(p => !keys.Contains(p.Key, StringComparer.Ordinal)).Key is not { } unknown)
        {
            return null;
        }

        var name = path is null ? unknown : $"{path}.{unknown}";
        var message = $"{task.Text("taskType")} doesn't have the parameter '{name}'.";
        return new TaskError("unsupportedParameter", message) { Parameters = [name], AllowedValues = [.. keys] };
    }

    public static TaskError? Required(JsonObject task, params string[] paths) =>
        Array.Find(paths, p => task.At(p) is null) is { } path ? TaskError.Missing(path) : null;

    /// <summary>At least one of the keys is given.</summary>
    public static TaskError? AnyOf(JsonObject task, params string[] paths) =>
        Array.Exists(paths, p => task.At(p) is not null) ? null : TaskError.Missing(paths[0]);

    /// <summary>Exactly one of the keys is given.</summary>
    public static TaskError? OneOf(JsonObject task, params string[] paths) =>
        AnyOf(task, paths) ?? Exclusive(task, paths);

    /// <summary>No two of the keys are given.</summary>
    public static TaskError? Exclusive(JsonObject task, params string[] paths)
    {
        var given = Array.FindAll(paths, p => task.At(p) is not null);
        return given.Length < 2 ? null
            : new TaskError("incompatibleParameters", $"'{given[0]}' and '{given[1]}' can't be used together.") { Parameters = given };
    }

    /// <summary>Both keys are given, or neither.</summary>
    public static TaskError? Pair(JsonObject task, string first, string second) =>
        (task.At(first) is null) == (task.At(second) is null) ? null : TaskError.Missing(task.At(first) is null ? first : second);

    public static TaskError? Whole(JsonObject task, string path, int min, int max) =>
        !Has(task, path) || (task.Integer(path) is { } value && value >= min && value <= max) ? null
            : TaskError.Invalid(path, string.Create(CultureInfo.InvariantCulture, $"must be an integer from {min} to {max}"))
                with { Type = "integer", Min = min, Max = max };

    public static TaskError? Number(JsonObject task, string path, decimal min, decimal max) =>
        !Has(task, path)
            || (task.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
                && value.TryGetValue<double>(out var number)
                && number >= (double)min && number <= (double)max) ? null
            : TaskError.Invalid(path, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"))
                with { Type = "number", Min = min, Max = max };

    public static TaskError? Boolean(JsonObject task, params string[] paths) =>
        Array.Find(paths, p => Has(task, p) && task.At(p)?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)) is { } path
            ? TaskError.Invalid(path, "must be of type boolean") with { Type = "boolean" }
            : null;

    public static TaskError? Text(JsonObject task, params string[] paths) =>
        Array.Find(paths, p => Has(task, p) && string.IsNullOrEmpty(task.Text(p))) is { } path
            ? TaskError.Invalid(path, "must be a string that isn't empty") with { Type = "string" }
            : null;

    public static TaskError? Object(JsonObject task, params string[] paths) =>
        Array.Find(paths, p => Has(task, p) && task.At(p) is not JsonObject) is { } path
            ? TaskError.Invalid(path, "must be of type object") with { Type = "object" }
            : null;

    public static TaskError? Texts(JsonObject task, string path) =>
        !Has(task, path) || (task.At(path) is JsonArray list && list.All(i => i?.GetValueKind() == JsonValueKind.String)) ? null
            : TaskError.Invalid(path, "must be an array of strings") with { Type = "array" };

    public static TaskError? Among(JsonObject task, string path, params string[] allowed) =>
        !Has(task, path) || allowed.Contains(task.Text(path), StringComparer.Ordinal) ? null
            : TaskError.Invalid(path, "must be one of the allowed values: " + string.Join(", ", allowed)) with { AllowedValues = allowed };

    // A key with the value null is present, and null is of no type.
    private static bool Has(JsonObject task, string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 ? task.ContainsKey(path) : task.At(path[..dot]) is JsonObject table && table.ContainsKey(path[(dot + 1)..]);
    }
}
