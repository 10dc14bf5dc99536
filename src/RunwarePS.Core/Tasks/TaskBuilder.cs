using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>Builds a task of any type from what its user gave: parameters, keys in the API's own form, and the keys of a row.</summary>
internal sealed record TaskBuilder
{
    private const string Async = "async";
    private const string Sync = "sync";
    private const string Stream = "stream";

    /// <summary>The type; null to take it from the keys, the row or the catalog.</summary>
    public string? TaskType { get; init; }

    /// <summary>AIR or slug; null to take it from the keys or the row.</summary>
    public string? Model { get; init; }

    /// <summary>The model if none is specified; null if a task of the type can do without one.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>The parameters of the cmdlet that are keys of a task, specified or not.</summary>
    public IReadOnlyList<RequestKey> Keys { get; init; } = [];

    /// <summary>The values of the cmdlet's parameters.</summary>
    public IReadOnlyList<RequestValue> Values { get; init; } = [];

    /// <summary>A size in the place of width and height.</summary>
    public string? Size { get; init; }

    /// <summary>The parameter with the prompt or text; null if there is none.</summary>
    public string? Words { get; init; }

    /// <summary>The user's own ID; null for a fresh one, or that of the keys.</summary>
    public Guid? TaskUuid { get; init; }

    /// <summary>Whether only the acceptance is waited for.</summary>
    public bool IsAsync { get; init; }

    /// <summary>Whether the text is read as it arrives.</summary>
    public bool IsStream { get; init; }

    /// <summary>The webhook of a task that doesn't name one; null for none.</summary>
    public Uri? WebhookUrl { get; init; }

    public bool NoCost { get; init; }

    public bool SkipValidation { get; init; }

    public string? Tag { get; init; }

    public int InputIndex { get; init; }

    /// <summary>The keys that were given with the command.</summary>
    public required JsonObject Given { get; init; }

    /// <summary>Which parameter gives them.</summary>
    public string GivenBy { get; init; } = "Parameter";

    /// <summary>The keys of the row. What was given with the command comes before its type, model, ID and delivery.</summary>
    public JsonObject Row { get; init; } = [];

    /// <summary>The task, and whether its user waits for its acceptance only.</summary>
    /// <exception cref="RunwareException">The first thing wrong with it, found before anything is sent.</exception>
    public (TaskRequest Task, bool IsAccepted) Build()
    {
        var named = Own("model", "Model", Model);
        var type = NormalizeCase(Own("taskType", "TaskType", TaskType)) ?? CatalogType(named);
        var id = Id(type);
        var asked = Delivery();
        var body = new JsonObject { ["taskType"] = type, ["taskUUID"] = (id ?? Guid.NewGuid()).ToString("D") };
        var name = named ?? DefaultModel;
        var model = ModelCatalog.Default.Find(name);
        if (Keys.Count > 0)
        {
            RequireModel(type, name);
        }

        RequireType(type, name, model);
        if (name is not null)
        {
            body["model"] = model?.Air ?? name;
        }

        Put(body, model, name);
        var spelling = model is null || Keys.Count == 0 ? null : (Func<string, string, string>)model.NormalizeCase;
        Merge(body, Row, spelling);
        Merge(body, Given, spelling);
        RequestSize.Put(body, Size, model);
        if (type == TaskTypes.ImageInference && Keys.Count > 0)
        {
            RequestSize.PutDefault(body, model);
        }

        // The one default that isn't the API's: JPG would lose what is asked for.
        if (type == TaskTypes.RemoveBackground && Keys.Count > 0 && !body.ContainsKey("outputFormat")
            && model?.Parameters.GetValueOrDefault("outputFormat") is { Default: null or "JPG", Allowed: { } formats }
                && formats.Contains("PNG", StringComparer.Ordinal))
        {
            body["outputFormat"] = "PNG";
        }

        var isAsyncOnly = TaskTypes.IsAsyncOnly(type, body) || model?.Parameters.GetValueOrDefault("deliveryMethod")?.Allowed is [Async];
        if (IsStream)
        {
            body["deliveryMethod"] = Stream;
        }
        else if ((asked ?? ((IsAsync || isAsyncOnly) && TaskTypes.HasDelivery(type) ? Async : null)) is { } delivery)
        {
            body["deliveryMethod"] = delivery;
        }

        AddWebhook(body, type, model);
        AddCost(body, type);
        var task = new TaskRequest(body) { Tag = Tag, InputIndex = InputIndex, IsIdGiven = id is not null };
        Check(task, name);
        return (task, IsAsync || (asked == Async && !isAsyncOnly));
    }

    private void Put(JsonObject body, ModelInfo? model, string? name)
    {
        foreach (var (key, value) in Values.Where(v => !v.IsOptional || model is null || model.PathOf(v.Key.Paths) is not null))
        {
            var path = key.PathFor(model, name);
            if (body.At(path) is not null)
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, key.Parameter,
                    Strings.PathSpecifiedTwice.With(key.Parameter, path, name ?? Strings.TheTask));
            }

            body.Put(path, key.IsMedia ? Media(key, path, value)
                : value is JsonValue text && text.TryGetValue<string>(out var spelled) ? model?.NormalizeCase(path, spelled) ?? spelled
                : value, key.Parameter);
        }
    }

    // A frame has a position only among frames.
    private static JsonNode Media(RequestKey key, string path, JsonNode value)
    {
        JsonNode[] items = value is JsonArray list ? [.. list!] : [value];
        (value as JsonArray)?.Clear();
        if (!path.EndsWith("frameImages", StringComparison.Ordinal))
        {
            items = Array.ConvertAll(items, item => item is JsonObject frame && frame.Remove("image", out var image) ? image! : item);
        }

        return path.EndsWith('s') ? new JsonArray(items)
            : items is [var only] ? only
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, key.Parameter,
                Strings.SeveralItems.With(key.Parameter, items.Length, path));
    }

    /// <summary>The specified value, else that of the row; it's removed from the keys.</summary>
    private string? Own(string key, string parameter, string? value)
    {
        var (given, row) = (Take(Given, key, parameter), Take(Row, key, parameter));
        return value is not null && given is not null
            ? throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter,
                Strings.ValueSpecifiedTwice.With(parameter, value, GivenBy, key))
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
            _ =>
                throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter,
                    Strings.KeyNotText.With(parameter, key)),
        };
    }

    private static string? NormalizeCase(string? type) =>
        type is null ? null : Array.Find(TaskTypes.All, t => t.Equals(type, StringComparison.OrdinalIgnoreCase)) ?? type;

    private static string CatalogType(string? name) =>
        ModelCatalog.Default.Find(name) is { } model ? model.TaskType
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TaskType",
                name is null ? Strings.TaskTypeMissing : Strings.TaskTypeUnknown.With(name));

    private static void RequireModel(string type, string? name)
    {
        if (name is null)
        {
            var missing = RunwareException.Invalid(ErrorCodes.ModelNotFound, "Model", Strings.ModelMissing.With(type));
            missing.AdditionalData["taskType"] = type;
            throw missing;
        }
    }

    private void RequireType(string type, string? name, ModelInfo? model)
    {
        if (!SkipValidation && !TaskTypes.IsUtility(type) && model?.TaskType is { } other && other != type)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Model",
                Keys.Count == 0 ? Strings.ModelOfOtherTypeInTask.With(name, other, type)
                    : TaskTypes.CmdletFor(other) != TaskTypes.CmdletFor(type)
                    ? Strings.ModelOfOtherType.With(name, other, type, TaskTypes.CmdletFor(other))
                    : Strings.ModelOfOtherOperation.With(name, TaskTypes.OperationFor(other), TaskTypes.OperationFor(type), type));
        }
    }

    // The ID of a row is that of an earlier task: only a question asks for it again.
    private Guid? Id(string type)
    {
        var row = Take(Row, "taskUUID", "TaskUuid");
        var given = Own("taskUUID", "TaskUuid", TaskUuid?.ToString("D")) ?? (TaskTypes.AsksForTask(type) ? row : null);
        return given is null ? null
            : ReadValue.Id(given);
    }

    // The command line takes precedence over a row.
    private string? Delivery()
    {
        if (IsStream && IsAsync)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Stream", Strings.StreamWithAsync);
        }

        var given = Take(Given, "deliveryMethod", "DeliveryMethod")?.ToLowerInvariant();
        var row = Take(Row, "deliveryMethod", "DeliveryMethod")?.ToLowerInvariant();
        return (given ?? row) switch
        {
            Sync when IsAsync && given is not null =>
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Async",
                    Strings.SyncWithAsync),
            Sync when IsAsync => Async,
            null or Sync or Async => given ?? row,
            Stream when IsStream => null,
            var other =>
                throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "DeliveryMethod",
                    Strings.DeliveryMethodUnknown.With(other)),
        };
    }

    private void Merge(JsonObject body, JsonObject keys, Func<string, string, string>? spelling, string prefix = "")
    {
        foreach (var (key, value) in keys.ToList())
        {
            var path = prefix + key;
            if (body.ContainsKey(key) && (body[key] is not JsonObject || value is not JsonObject))
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, GivenBy,
                    Strings.KeySpecifiedInRowToo.With(path, GivenBy));
            }

            keys.Remove(key);
            if (value is JsonObject more)
            {
                var inner = body[key] as JsonObject ?? [];
                body[key] = inner;
                Merge(inner, more, spelling, path + ".");
            }
            else
            {
                body[key] = spelling is not null && value is JsonValue text && text.TryGetValue<string>(out var spelled)
                    ? spelling(path, spelled)
                    : value;
            }
        }
    }

    // A utility task has no webhook, and a stream is read as it arrives.
    private void AddWebhook(JsonObject body, string type, ModelInfo? model)
    {
        if (WebhookUrl is not null && !IsStream && !TaskTypes.IsUtility(type) && !body.ContainsKey("webhookURL")
            && (model is null || model.Parameters.Count == 0 || model.Parameters.ContainsKey("webhookURL")))
        {
            body["webhookURL"] = WebhookUrl.AbsoluteUri;
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

    private void Check(TaskRequest task, string? name)
    {
        // Worked out only for what is wrong.
        var places = Keys.Select(key => (Key: key, Path: key.PathFor(task.ModelInfo, name),
            IsGiven: Values.Any(v => v.Key.Parameter == key.Parameter)));
        if (task.Body["uploadEndpoint"] is not null && task.Expected > 1)
        {
            throw RunwareException.Invalid(ErrorCodes.UploadEndpointNeedsSingleResult,
                places.Select(p => p.Key.Parameter).FirstOrDefault(p => p == "UploadEndpoint") ?? GivenBy,
                Strings.UploadEndpointForSeveral.With(task.Expected));
        }

        if (SkipValidation)
        {
            return;
        }

        if (Keys.Count > 0)
        {
            RequestSize.RequirePair(task.Body);
        }

        new ParameterCheck(task, places, GivenBy).Check(Words);
    }
}
