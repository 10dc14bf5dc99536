using System.Text.Json;
using System.Text.RegularExpressions;

namespace RunwarePS.Models;

/// <summary>
/// One model's document: identity, parameters, rules and prices. It's read in the form that the API serves, as a bare schema, or in the
/// form that this module ships and caches.
/// </summary>
internal sealed partial class ModelDocument
{
    private const string TitlePrefix = "Runware API - ";

    private readonly JsonElement _root;
    private readonly JsonElement _task;
    private readonly Lazy<Schema> _schema;
    private readonly Lazy<PriceList?> _prices;

    private ModelDocument(JsonElement root, JsonElement document, JsonElement task, JsonElement own)
    {
        (_root, Source, _task, Own) = (root, document, task, own);
        _schema = new Lazy<Schema>(ReadSchema);
        _prices = new Lazy<PriceList?>(() => PriceList.Read(this));
    }

    /// <summary>The document's own description of the model.</summary>
    public JsonElement Info { get; private init; }

    /// <summary>The document as it was read.</summary>
    public JsonElement Source { get; }

    /// <summary>When Runware's list no longer had the model, as yyyy-MM-dd; null where it has it.</summary>
    public string? Gone => Day(_root.Member("gone").AsText());

    /// <summary>The entry of the content service; undefined where there is none.</summary>
    public JsonElement Entry => _root.Member("entry");

    /// <summary>What this module adds to a document that it ships.</summary>
    public JsonElement Own { get; }

    /// <summary>True where it's made from the table of keys, and no document is known.</summary>
    public bool IsKeyTable { get; init; }

    public string? Air => Info.Member("x-air-id").AsText() ?? Entry.Member("air").AsText() ?? Constant("model");

    public string? Slug => Info.Member("x-model-id").AsText() ?? Entry.Member("model").AsText();

    public string? TaskType => Constant("taskType");

    public string? Name => Entry.Member("name").AsText() ?? Info.Member("title").AsText() switch
    {
        { } title when title.StartsWith(TitlePrefix, StringComparison.Ordinal) => title[TitlePrefix.Length..],
        var title => title,
    };

    public string? Creator => Info.Member("x-creator").Member("name").AsText() ?? Entry.Member("creator").AsText();

    public string? Status => Entry.Member("status").AsText() ?? Info.Member("x-status").AsText();

    public string? Released => Day(Info.Member("x-released-at").AsText() ?? Entry.Member("releasedAt").AsText());

    /// <summary>What a request has to fit, without its explanations: two documents of the same text have the same rules.</summary>
    public string Signature => SchemaSignature.Of(_task);

    public string? ReplacedBy => Entry.Member("replacedBy").AsText();

    public string? DeactivatesAt => Day(Entry.Member("deactivatesAt").AsText());

    /// <summary>When the document was read, as yyyy-MM-dd.</summary>
    public string? AsOf => Day(_root.Member("asOf").AsText()) ?? Own.Member("asOf").AsText();

    public IEnumerable<string> Capabilities =>
        Info.Member("x-capabilities").Texts().Concat(Entry.Member("capabilities").Texts().Select(WithoutPrefix))
            .Distinct(StringComparer.Ordinal);

    public Schema Schema => _schema.Value;

    public IEnumerable<ModelLimit> Limits => ModelLimit.Read(_task.Member("x-constraints"));

    public IEnumerable<ModelMode> Modes => ModelMode.Read(Info.Member("x-modes"));

    public PriceList? Prices => _prices.Value;

    /// <summary>Reads a document.</summary>
    /// <param name="root">Any of its forms.</param>
    /// <param name="shipped">The document that it replaces: what this module itself knows of the model still holds.</param>
    /// <returns>Null where it holds no schema of a task.</returns>
    public static ModelDocument? Read(JsonElement root, ModelDocument? shipped = null)
    {
        var document = root.Member("document") is { ValueKind: JsonValueKind.Object } cached ? cached : root;
        var info = document.Member("info");
        return Task(document) is not { } task ? null
            : new ModelDocument(root, document, task, shipped?.Own ?? info.Member("x-runwareps"))
            {
                Info = info.ValueKind == JsonValueKind.Object ? info : shipped?.Info ?? default,
                IsKeyTable = root.Member("isKeyTable").ValueKind == JsonValueKind.True,
            };
    }

    /// <summary>Reads what is made from the table of keys.</summary>
    public static ModelDocument ReadKeyTable(JsonElement root) =>
        new(root, root, root.Member("requestSchema"), own: default) { IsKeyTable = true };

    /// <summary>The schema of a task, wherever a document holds it.</summary>
    private static JsonElement? Task(JsonElement document)
    {
        JsonElement[] bodies =
            [document.Member("components").Member("schemas").Member("RequestBody"), document.Member("requestSchema"), document];
        var body = Array.Find(bodies, b => b.ValueKind == JsonValueKind.Object);
        var task = body.Member("type").AsText() == JsonFacts.Array ? body.Member("items") : body;
        return task.Member("properties").ValueKind == JsonValueKind.Object ? task : null;
    }

    // Any model's name is right here, since the document was found by it, and some keys have a form that documents leave out.
    private Schema ReadSchema()
    {
        var schema = Schema.Read(_task);
        foreach (var (key, property) in schema.Properties)
        {
            switch (key)
            {
                case "model":
                    property.AllowAnyValue();
                    break;
                case "taskUUID":
                    property.AskFor(Version4());
                    break;
                case "webhookURL" or "uploadEndpoint":
                    property.AskFor(Web());
                    break;
            }
        }

        return schema;
    }

    private string? Constant(string key) => _task.Member("properties").Member(key).Member("const").AsText();

    private static string? Day(string? time) => time is { Length: >= 10 } ? time[..10] : null;

    private static string WithoutPrefix(string capability) => capability[(capability.IndexOf(':', StringComparison.Ordinal) + 1)..];

    [GeneratedRegex("^.{14}4.{4}[89abAB]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version4();

    [GeneratedRegex("^https?://[^/]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Web();
}
