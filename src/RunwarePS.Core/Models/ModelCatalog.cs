using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>The models this module knows: the list and the documents that are shipped, and over them what the user has updated.</summary>
internal sealed class ModelCatalog
{
    private const string List = "RunwarePS.Models.catalog.json";
    private const string Documents = "RunwarePS.Models.Documents.";

    private static readonly string[] s_common = ["taskType", "taskUUID", "model", "webhookURL", "deliveryMethod", "includeCost"];

    private static volatile Lazy<ModelCatalog> s_default = new(LoadUsers);

    private readonly Dictionary<string, ModelInfo> _byName = new(StringComparer.OrdinalIgnoreCase);

    // Each name is compared with all models once, however many records have it.
    private readonly ConcurrentDictionary<string, ModelInfo?> _nearest = new(StringComparer.Ordinal);

    private ModelCatalog(List<ModelInfo> models)
    {
        models.Sort((a, b) => string.CompareOrdinal(a.Air, b.Air));
        Models = models;
        foreach (var model in models)
        {
            _byName.TryAdd(model.Slug, model);
        }

        foreach (var model in models)
        {
            _byName[model.Air] = model;
        }
    }

    public static ModelCatalog Default
    {
        get => s_default.Value;
        set => s_default = new Lazy<ModelCatalog>(value);
    }

    public IReadOnlyList<ModelInfo> Models { get; }

    /// <summary>The model that is used where none is named.</summary>
    public ModelInfo DefaultModel => Models.Single(m => m.IsDefault);

    /// <summary>The catalog with what is cached in a folder.</summary>
    /// <param name="folder">The folder of the cache; null for the shipped data alone.</param>
    /// <param name="clock">Tells how old data is.</param>
    public static ModelCatalog Load(string? folder, TimeProvider clock)
    {
        using var stream = Open(List);
        var list = JsonDocument.Parse(stream).RootElement;
        var shipped = typeof(ModelCatalog).Assembly.GetManifestResourceNames().ToHashSet(StringComparer.Ordinal);
        var cache = new ModelCache(folder);
        var models = new List<ModelInfo>();
        var asOf = list.Member("asOf").AsText();
        foreach (var row in list.Member("models").Items())
        {
            var (air, slug) = (row.Member("air").AsText()!, row.Member("slug").AsText()!);
            var isFull = shipped.Contains(Documents + slug + ".json");
            var shape = row.Member("shape").AsNumber();
            string[] inputs = [.. row.Member("inputs").Texts()];
            var own = new Lazy<ModelDocument?>(() => isFull
                ? Read(slug)
                : shape is { } index ? KeyTable(list, row.Member("taskType").AsText()!, (int)index, inputs)
                : null);
            var isCached = cache.Holds(air);
            ModelDocument? Newest() => Cached(cache, air, isFull ? own.Value : null) ?? own.Value;
            models.Add(new ModelInfo(air, slug, row.Member("taskType").AsText()!, Newest, clock)
            {
                HasDocument = isFull || isCached,
                HasKeys = shape is not null,
                Inputs = inputs,
                KeysAsOf = shape is null ? null : asOf,
                IsDefault = row.Member("isDefault").ValueKind == JsonValueKind.True,
                Gone = row.Member("gone").AsText(),
            });
        }

        foreach (var air in cache.Airs.Except(models.Select(m => m.Air), StringComparer.OrdinalIgnoreCase).ToArray())
        {
            if (cache.Read(air) is { } file && file.Member("taskType").AsText() is { } type)
            {
                var name = file.Member("air").AsText() ?? air;
                models.Add(new ModelInfo(name, file.Member("slug").AsText() ?? name, type, () => Cached(cache, air, shipped: null), clock));
            }
        }

        return new ModelCatalog(models);
    }

    /// <summary>Reads the user's documents again when the catalog is next used.</summary>
    public static void Reload() => s_default = new Lazy<ModelCatalog>(LoadUsers);

    private static ModelCatalog LoadUsers() => Load(ModelCache.UserFolder, TimeProvider.System);

    /// <summary>The model with this AIR or slug, in any case; null where the catalog has none, and then nothing is checked.</summary>
    public ModelInfo? Find(string? airOrSlug) => airOrSlug is not null && _byName.TryGetValue(airOrSlug, out var model) ? model : null;

    /// <summary>
    /// The model that a name outside the catalog was probably meant for; null where the name is close to none. Digits tell models apart,
    /// so a name with other digits is another model's.
    /// </summary>
    public ModelInfo? Nearest(string name) => _nearest.GetOrAdd(name, FindNearest);

    private ModelInfo? FindNearest(string name)
    {
        const int ShortestPart = 5;
        var given = Letters(name);
        return (from model in Models
                from known in new[] { model.Air, model.Slug, model.Name }
                let candidate = Letters(known)
                let distance = EditDistance.Between(given, candidate)
                where (given.Length >= ShortestPart && candidate.Contains(given, StringComparison.Ordinal))
                    || (distance <= Math.Max(1, candidate.Length / 5) && Digits(given).SequenceEqual(Digits(candidate)))
                orderby distance
                select model).FirstOrDefault();

        static string Letters(string text) => string.Concat(text.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

        static IEnumerable<char> Digits(string text) => text.Where(char.IsAsciiDigit);
    }

    private static Stream Open(string resource) => typeof(ModelCatalog).Assembly.GetManifestResourceStream(resource)!;

    private static ModelDocument? Cached(ModelCache cache, string air, ModelDocument? shipped) =>
        cache.Read(air) is { } file ? ModelDocument.Read(file, shipped) : null;

    private static ModelDocument? Read(string slug)
    {
        using var stream = Open(Documents + slug + ".json");
        return ModelDocument.Read(JsonDocument.Parse(stream).RootElement);
    }

    /// <summary>A document with the keys of the table and nothing else: they are all that is known of the model.</summary>
    private static ModelDocument KeyTable(JsonElement list, string taskType, int shape, string[] inputs)
    {
        var enums = list.Member("enums");
        var properties = new JsonObject { ["taskType"] = new JsonObject { ["const"] = taskType } };
        foreach (var key in s_common.Skip(1))
        {
            properties[key] = new JsonObject();
        }

        var required = new JsonArray("taskType", "taskUUID", "model");
        foreach (var key in list.Member("shapes")[shape].Member("keys").EnumerateObject())
        {
            var type = key.Value.GetString()!;
            if (type.EndsWith('!'))
            {
                required.Add(key.Name);
            }

            properties[key.Name] = KeySchema(type.TrimEnd('!'), enums);
        }

        if (properties["inputs"] is JsonObject media)
        {
            media["properties"] = new JsonObject(inputs.Select(key =>
                KeyValuePair.Create(key, (JsonNode?)new JsonObject { ["type"] = key.EndsWith('s') ? "array" : "string" })));
        }

        var schema = new JsonObject { ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false };
        var root = new JsonObject { ["asOf"] = list.Member("asOf").AsText(), ["requestSchema"] = schema };
        return ModelDocument.ReadKeyTable(JsonSerializer.SerializeToElement(root, CatalogJson.Default.JsonObject));
    }

    private static JsonObject KeySchema(string type, JsonElement enums)
    {
        const string ListOf = "array of ";
        const string Enum = "enum:";
        if (type.StartsWith(ListOf, StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "array", ["items"] = KeySchema(type[ListOf.Length..], enums) };
        }

        if (type.StartsWith(Enum, StringComparison.Ordinal))
        {
            var index = int.Parse(type[Enum.Length..], System.Globalization.CultureInfo.InvariantCulture);
            return new JsonObject { ["enum"] = JsonArray.Create(enums[index]) };
        }

        return new JsonObject { ["type"] = type };
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class CatalogJson : System.Text.Json.Serialization.JsonSerializerContext;
