using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Documents;

/// <summary>The catalog as the content service lists it: models, capabilities, and creators.</summary>
internal sealed class ContentCatalog(ServedDocument[] documents)
{
    private const int DefaultLimit = 20;

    /// <summary>An array, or with paginate=true one page of it.</summary>
    public JsonNode Models(Dictionary<string, string> query)
    {
        var found = Sort(Entries().Where(e => Matches(e, query)), query).ToList();
        if (query.GetValueOrDefault("paginate") != "true")
        {
            return List(found);
        }

        var (limit, offset) = (Number("limit") ?? DefaultLimit, Number("offset") ?? 0);
        var items = List(found.Skip(offset).Take(limit));
        return new JsonObject { ["total"] = found.Count, ["limit"] = limit, ["offset"] = offset, ["items"] = items };

        int? Number(string key) =>
            int.TryParse(query.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public JsonArray Capabilities() => List(documents.SelectMany(d => d.Capabilities).Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal)
        .Select(c => new JsonObject { ["id"] = c, ["label"] = c[(c.IndexOf(':', StringComparison.Ordinal) + 1)..] }));

    public JsonArray Creators() => List(documents.Select(d => d.Creator).OfType<string>().Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal).Select(Creator).OfType<JsonObject>());

    public JsonObject? Creator(string id) => Array.Find(documents, d => d.Creator == id) is not { } one ? null : new JsonObject
    {
        ["id"] = id,
        ["name"] = one.CreatorName,
        ["models"] = List(Entries().Where(e => e.Text("creator") == id)),
    };

    private static JsonArray List(IEnumerable<JsonObject> items) => new([.. items]);

    private IEnumerable<JsonObject> Entries() => documents.Select(d => d.CatalogEntry());

    private static bool Matches(JsonObject entry, Dictionary<string, string> query) =>
        (!query.TryGetValue("status", out var status) || entry.Text("status") == status)
        && (!query.TryGetValue("creator", out var creator) || entry.Text("creator") == creator)
        && (!query.TryGetValue("category", out var category) || entry["category"]!.AsArray().Any(c => (string?)c == category))
        && (!query.TryGetValue("capability", out var capability) || entry["capabilities"]!.AsArray().Any(c => (string?)c == capability))
        && (!query.TryGetValue("q", out var text)
            || $"{entry.Text("model")} {entry.Text("air")} {entry.Text("name")}".Contains(text, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<JsonObject> Sort(IEnumerable<JsonObject> entries, Dictionary<string, string> query)
    {
        var sort = query.GetValueOrDefault("sort");
        var key = sort switch
        {
            "newest" or "releasedAt" => "releasedAt",
            "alpha" or "name" => "name",
            "creator" => "creator",
            _ => null,
        };
        var isDescending = query.TryGetValue("order", out var order) ? order == "desc" : sort == "newest";
        return key is null ? entries
            : isDescending ? entries.OrderByDescending(e => e.Text(key), StringComparer.Ordinal)
            : entries.OrderBy(e => e.Text(key), StringComparer.Ordinal);
    }
}
