using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>Builds a task of any type from what its user gave: parameters, keys in the API's own form, and the keys of a row.</summary>
internal sealed record TaskBuilder
{
    private const string Async = "async";
    private const string Sync = "sync";

    /// <summary>The type; null to take it from the keys, the row or the catalog.</summary>
    public string? TaskType { get; init; }

    /// <summary>AIR or slug; null to take it from the keys or the row.</summary>
    public string? Model { get; init; }

    /// <summary>The user's own ID; null for a fresh one, or that of the keys.</summary>
    public Guid? TaskUuid { get; init; }

    /// <summary>Whether only the acceptance is waited for.</summary>
    public bool IsAsync { get; init; }

    public bool NoCost { get; init; }

    public bool SkipValidation { get; init; }

    public string? Tag { get; init; }

    public int InputIndex { get; init; }

    /// <summary>The keys that were given with the command.</summary>
    public required JsonObject Given { get; init; }

    /// <summary>The keys of the row. What was given with the command comes before its type, model, ID and delivery.</summary>
    public JsonObject Row { get; init; } = [];

    /// <summary>The task, and whether its user waits for its acceptance only.</summary>
    /// <exception cref="RunwareException">The first thing wrong with it, found before anything is sent.</exception>
    public (TaskRequest Task, bool IsAccepted) Build()
    {
        var type = NormalizeCase(Own("taskType", "TaskType", TaskType)) ?? CatalogType();
        var id = Id(type);
        var delivery = Delivery(type);
        var body = new JsonObject { ["taskType"] = type, ["taskUUID"] = (id ?? Guid.NewGuid()).ToString("D") };
        if (Own("model", "Model", Model) is { } model)
        {
            body["model"] = ModelCatalog.Default.Find(model)?.Air ?? model;
        }

        Merge(body, Row);
        Merge(body, Given);
        if (delivery is not null)
        {
            body["deliveryMethod"] = delivery;
        }

        AddCost(body, type);
        var task = new TaskRequest(body) { Tag = Tag, InputIndex = InputIndex, IsIdGiven = id is not null };
        Check(task);
        return (task, IsAsync || (delivery == Async && !TaskTypes.IsAsyncOnly(type)));
    }

    /// <summary>What was given, else what the row says; the keys don't hold it any more.</summary>
    private string? Own(string key, string parameter, string? value)
    {
        var (given, row) = (Take(Given, key, parameter), Take(Row, key, parameter));
        return value is not null && given is not null
            ? throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter, $"{parameter} is '{value}', and Parameter contains '{key}', too. Specify one of them.")
            : value ?? given ?? row;
    }

    private static string? Take(JsonObject keys, string key, string parameter)
    {
        var name = keys.Select(p => p.Key).FirstOrDefault(k => k.Equals(key, StringComparison.OrdinalIgnoreCase));
        var value = name is null ? null : keys[name];
        if (name is not null)
        {
            keys.Remove(name);
        }

        return value switch
        {
            null => null,
            JsonValue text when text.TryGetValue<string>(out var read) => ReadValue.Text(read),
            _ => throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, $"{parameter}: '{key}' isn't a text. Specify it as a text."),
        };
    }

    private static string? NormalizeCase(string? type) =>
        type is null ? null : Array.Find(TaskTypes.All, t => t.Equals(type, StringComparison.OrdinalIgnoreCase)) ?? type;

    private string CatalogType()
    {
        var name = Model ?? Given.Text("model") ?? Row.Text("model");
        return ModelCatalog.Default.Find(name) is { } model ? model.TaskType
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TaskType",
                $"The task type is missing, and {(name is null ? "no model is specified" : $"model '{name}' isn't in the catalog")}, so it isn't known. Specify TaskType, for example {TaskTypes.VideoInference}.");
    }

    // The ID of a row is that of an earlier task: only a question asks for it again.
    private Guid? Id(string type)
    {
        var row = Take(Row, "taskUUID", "TaskUuid");
        var given = Own("taskUUID", "TaskUuid", TaskUuid?.ToString("D")) ?? (TaskTypes.AsksForTask(type) ? row : null);
        return given is null ? null
            : ReadValue.Id(given);
    }

    private string? Delivery(string type)
    {
        var given = Own("deliveryMethod", "DeliveryMethod", value: null)?.ToLowerInvariant();
        return given switch
        {
            null when IsAsync || TaskTypes.IsAsyncOnly(type) => TaskTypes.HasDelivery(type) ? Async : null,
            Sync when IsAsync => throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Async", "Async is specified, and deliveryMethod is 'sync'. Specify one of them."),
            null or Sync or Async => given,
            _ => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "DeliveryMethod", $"DeliveryMethod is '{given}'; allowed are sync and async."),
        };
    }

    private static void Merge(JsonObject body, JsonObject keys)
    {
        foreach (var (key, value) in keys.ToList())
        {
            if (body.ContainsKey(key) && (body[key] is not JsonObject there || value is not JsonObject))
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Parameter", $"'{key}' is specified twice: in Parameter, and in the row or by another parameter. Specify it once.");
            }

            keys.Remove(key);
            if (body[key] is JsonObject inner)
            {
                Merge(inner, (JsonObject)value!);
            }
            else
            {
                body[key] = value;
            }
        }
    }

    private void AddCost(JsonObject body, string type)
    {
        if (NoCost)
        {
            body.Remove("includeCost"); // off is how the API behaves without the key
        }
        else if (!TaskTypes.IsUtility(type) && !body.ContainsKey("includeCost"))
        {
            body["includeCost"] = true;
        }
    }

    private void Check(TaskRequest task)
    {
        if (task.Body["uploadEndpoint"] is not null && task.Expected > 1)
        {
            throw RunwareException.Invalid(ErrorCodes.UploadEndpointNeedsSingleResult, "Parameter",
                FormattableString.Invariant($"'uploadEndpoint' is specified with {task.Expected} results: each result would overwrite the last. Ask for one result."));
        }

        if (!SkipValidation && task.ModelInfo?.Check(task.Body).FirstOrDefault() is { } finding)
        {
            var parameter = finding.Path switch { "model" => "Model", "taskType" => "TaskType", "taskUUID" => "TaskUuid", _ => "Parameter" };
            throw new RunwareException(ErrorCodes.ParameterOutOfRange, RunwareErrorCategory.Validation, finding.Message)
            {
                Parameter = parameter,
                AdditionalData = ImageRequestCheck.Facts(finding),
            };
        }
    }
}
