using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Documents;

/// <summary>
/// Serves model documents and the catalog under the paths that Runware's hosts have: runware.ai/docs, schemas.runware.ai, and
/// content.runware.ai. Each response has an ETag.
/// </summary>
internal sealed class DocumentService(SandboxState state)
{
    private const string ShippedDocuments = "RunwarePS.Models.Documents.";
    private const string ContentSuffix = ".content.json";

    private static readonly string[] s_folders =
        ["/docs/models/", "/resolve/", "/registry.json", "/releases/", "/models", "/creators", "/capabilities", "/collections"];
    private static readonly string[] s_architectures =
    [
        "exactly-illustrative", "flux-1-dev", "flux-1-kontext-dev", "flux-1-schnell", "illustrious", "noobai", "pony", "sd-1-5",
        "sdxl", "sdxl-lightning", "sdxl-turbo", "z-image", "z-image-turbo",
    ];

    private static readonly (string, string)[] s_modalities =
    [
        ("image", TaskTypes.ImageInference), ("video", TaskTypes.VideoInference), ("audio", TaskTypes.AudioInference),
        ("text", TaskTypes.TextInference), ("3d", TaskTypes.Inference3D),
    ];

    private static readonly Lazy<ServedDocument[]> s_shipped = new(() => [.. ReadShipped().Concat(ReadTable())]);

    public static bool Serves(string path) => Array.Exists(s_folders, f => path.StartsWith(f, StringComparison.Ordinal));

    public HttpResponse? Find(HttpRequest request)
    {
        var parts = request.Target.Split('?');
        var path = Array.ConvertAll(parts[0].Trim('/').Split('/'), Uri.UnescapeDataString);
        return Content(path, Query(parts.ElementAtOrDefault(1))) is { } content ? Respond(content, request) : null;
    }

    private JsonNode? Content(string[] path, Dictionary<string, string> query) => path switch
    {
        ["docs", "models", "index.json"] => List(Documents().Select(d => d.IndexEntry(state.Origin))),
        ["docs", "models", var slug, "schema.json"] => Document(slug)?.OpenApi(),
        ["resolve", var air] => Document(air)?.Resolved(state.Origin),
        ["registry.json"] => Registry(),
        ["releases", _, "schema-map.json"] => SchemaMap(),
        ["models"] => Catalog().Models(query),
        ["models", var name] => Entry(name),
        ["models", var name, "pricing"] => Entry(name),
        ["models", var name, "examples" or "guides"] when Entry(name) is not null => new JsonArray(),
        ["capabilities"] => Catalog().Capabilities(),
        ["creators"] => Catalog().Creators(),
        ["creators", var id] => Catalog().Creator(id),
        ["collections"] => new JsonArray(),
        _ => null,
    };

    private JsonObject Registry()
    {
        var models = state.DocumentPath is null
            ? ModelCatalog.Default.Models.Where(m => m.Gone is null).Select(m => (m.Air, m.Slug, m.TaskType))
            : Documents().Select(d => (d.Air, d.Slug, d.TaskType));
        return new JsonObject
        {
            ["version"] = "sandbox",
            ["models"] = new JsonObject(models.Select(m =>
                KeyValuePair.Create(m.Air, (JsonNode?)new JsonObject { ["taskType"] = m.TaskType, ["id"] = m.Slug }))),
            ["architectureTaskTypes"] = Map(s_architectures.Select(a => (a, TaskTypes.ImageInference))),
            ["modalityTaskTypes"] = Map(s_modalities),
        };
    }

    /// <summary>The release bundle: all schemas in one file.</summary>
    private JsonObject SchemaMap() => new()
    {
        ["inference"] = List(Documents().Select(d =>
        {
            var entry = d.Resolved(state.Origin);
            (entry["slug"], entry["air"]) = (d.Slug, d.Air);
            return entry;
        })),
        ["architectures"] = new JsonObject(),
        ["modalities"] = new JsonObject(),
        ["operations"] = new JsonObject(),
        ["utilities"] = new JsonArray(),
    };

    private JsonObject? Entry(string name) => Document(name)?.CatalogEntry();

    private ServedDocument? Document(string name) => Array.Find(Documents(), d =>
        d.Slug.Equals(name, StringComparison.OrdinalIgnoreCase) || d.Air.Equals(name, StringComparison.OrdinalIgnoreCase));

    private ServedDocument[] Documents() => state.DocumentPath is { } folder ? ReadFolder(folder) : s_shipped.Value;

    private static ServedDocument[] ReadShipped()
    {
        var assembly = typeof(ModelCatalog).Assembly;
        var names = assembly.GetManifestResourceNames().Where(n => n.StartsWith(ShippedDocuments, StringComparison.Ordinal));
        return [.. names.Order(StringComparer.Ordinal).Select(Read)];

        ServedDocument Read(string name)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            return new ServedDocument(JsonNode.Parse(stream)!.AsObject(), content: null);
        }
    }

    // A document with the keys that the module's own table has, for each model without a shipped document.
    private static IEnumerable<ServedDocument> ReadTable() =>
        from model in ModelCatalog.Load(folder: null, TimeProvider.System).Models
        where model.Knowledge != ModelKnowledge.Full && model.Gone is null
        let schema = model.Document?.Source.Member("requestSchema") is { ValueKind: JsonValueKind.Object } keys
            ? JsonObject.Create(keys)!
            : new JsonObject { ["properties"] = new JsonObject { ["taskType"] = new JsonObject { ["const"] = model.TaskType } } }
        select new ServedDocument(
            new JsonObject
            {
                ["info"] = new JsonObject { ["x-air-id"] = model.Air, ["x-model-id"] = model.Slug },
                ["requestSchema"] = schema,
            },
            content: null);

    private static ServedDocument[] ReadFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.json").Where(f => !f.EndsWith(ContentSuffix, StringComparison.Ordinal));
        return [.. files.Order(StringComparer.Ordinal).Select(Read)];

        static ServedDocument Read(string file)
        {
            var content = Path.ChangeExtension(file, null) + ContentSuffix;
            return new ServedDocument(Parse(file), File.Exists(content) ? Parse(content) : null);
        }

        static JsonObject Parse(string file) => JsonNode.Parse(File.ReadAllBytes(file))!.AsObject();
    }

    private static HttpResponse Respond(JsonNode content, HttpRequest request)
    {
        var body = Encoding.UTF8.GetBytes(content.ToJsonString());
        var tag = $"\"{Convert.ToHexString(SHA256.HashData(body), 0, 8)}\"";
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["ETag"] = tag };
        return request.Headers.GetValueOrDefault("If-None-Match") == tag
            ? new HttpResponse { Status = 304, Headers = headers }
            : new HttpResponse { ContentType = MediaTypeNames.Application.Json, Headers = headers, Body = body };
    }

    private ContentCatalog Catalog() => new(Documents());

    private static JsonObject Map(IEnumerable<(string Key, string Value)> pairs) =>
        new(pairs.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value))));

    private static JsonArray List(IEnumerable<JsonObject> items) => new([.. items]);

    private static Dictionary<string, string> Query(string? text) =>
        (text ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2))
            .GroupBy(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p.ElementAtOrDefault(1) ?? ""), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
}
