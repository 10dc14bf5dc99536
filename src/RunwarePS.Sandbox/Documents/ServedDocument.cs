using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Documents;

/// <summary>One model as Runware's documentation and catalog describe it.</summary>
internal sealed class ServedDocument
{
    private const string TitlePrefix = "Runware API - ";

    private readonly JsonObject _info;
    private readonly JsonNode _requestSchema;
    private readonly JsonObject? _content;

    /// <param name="document">The document as it's served, or as the module keeps it: <c>{info, requestSchema}</c>.</param>
    /// <param name="content">Further fields of the catalog entry.</param>
    public ServedDocument(JsonObject document, JsonObject? content)
    {
        _info = document["info"]!.DeepClone().AsObject();
        _info.Remove("x-runwareps"); // what the module adds for itself
        _requestSchema = document["requestSchema"] ?? document.At("components.schemas.RequestBody.items")!;
        _content = content;
    }

    public string Slug => _info.Text("x-model-id")!;

    public string Air => _info.Text("x-air-id")!;

    public string Status => _info.Text("x-status") ?? "live";

    public string? Creator => _info.Text("x-creator.id");

    public string Name =>
        _info.Text("title") is { } title && title.StartsWith(TitlePrefix, StringComparison.Ordinal) ? title[TitlePrefix.Length..] : Slug;

    public string TaskType => _requestSchema.AsObject().Text("properties.taskType.const") ?? "";

    public string CreatorName => _info.Text("x-creator.name") ?? Creator ?? "";

    /// <summary>The capabilities with their prefixes.</summary>
    public string[] Capabilities => Array.ConvertAll(PlainCapabilities, ModelCapability.WithPrefix);

    private string[] PlainCapabilities => [.. (_info["x-capabilities"] as JsonArray ?? []).Select(c => (string)c!)];

    /// <summary>The document: OpenAPI 3.1 with the request as an array of tasks.</summary>
    public JsonObject OpenApi() => new()
    {
        ["openapi"] = "3.1.0",
        ["info"] = _info.DeepClone(),
        ["components"] = new JsonObject
        {
            ["schemas"] = new JsonObject
            {
                ["RequestBody"] = new JsonObject { ["type"] = "array", ["items"] = _requestSchema.DeepClone() },
                ["ResponseBody"] = ResponseSchema(),
            },
        },
    };

    /// <summary>What the schema service returns: the task itself, without the array.</summary>
    public JsonObject Resolved(Uri origin) => new()
    {
        ["requestSchema"] = WithoutIds(_requestSchema),
        ["responseSchema"] = ResponseSchema(),
        ["documentation"] = $"{origin}docs/models/{Slug}",
    };

    public JsonObject IndexEntry(Uri origin) => new()
    {
        ["id"] = Slug,
        ["air"] = Air,
        ["name"] = Name,
        ["status"] = Status,
        ["capabilities"] = List(PlainCapabilities),
        ["creator"] = Creator,
        ["schema"] = $"{origin}docs/models/{Slug}/schema.json",
    };

    /// <summary>The entry of the catalog, with prices and life cycle.</summary>
    public JsonObject CatalogEntry()
    {
        var entry = new JsonObject
        {
            ["model"] = Slug,
            ["air"] = Air,
            ["name"] = Name,
            ["creator"] = Creator,
            ["status"] = Status,
            ["releasedAt"] = _info.Text("x-released-at"),
            ["weight"] = 0,
            ["category"] = List(ModelCapability.Category(TaskType, PlainCapabilities)),
            ["capabilities"] = List(Capabilities),
        };
        foreach (var (name, value) in _info["x-pricing"] as JsonObject ?? [])
        {
            entry["pricing" + char.ToUpperInvariant(name[0]) + name[1..]] = value?.DeepClone();
        }

        foreach (var (name, value) in _content ?? [])
        {
            entry[name] = value?.DeepClone();
        }

        return entry;
    }

    private static JsonArray List(params string[] texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    // Models share the $ids of their parts, and a validator that compiles several schemas takes each $id once.
    private static JsonNode? WithoutIds(JsonNode? schema) => schema switch
    {
        JsonObject table => new JsonObject(table.Where(p => p.Key != "$id").Select(p => KeyValuePair.Create(p.Key, WithoutIds(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WithoutIds)]),
        _ => schema?.DeepClone(),
    };

    private static JsonObject ResponseSchema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["data"] = new JsonObject { ["type"] = "array" } },
    };
}
