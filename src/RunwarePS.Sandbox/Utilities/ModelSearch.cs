using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Documents;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>
/// Searches the models: those of the catalog, a few of a community that the sandbox makes up, and the user's own. As in the API, the
/// total is unreliable: it alternates between the catalog's count and the full one. Only a short page shows the end.
/// </summary>
internal sealed class ModelSearch() : UtilityType(
    "modelSearch", "search", "source", "category", "architecture", "capabilities", "visibility", "limit", "offset", "sort")
{
    private const int DefaultLimit = 20;
    private const int LargestLimit = 500;
    private const int CommunityModels = 250;

    private static readonly string[] s_sorts = ["popularity", "name", "addedUnixTimestamp", "updatedDateUnixTimestamp"];

    private int _searches;

    public override TaskError? Answer(UtilityCall call)
    {
        var task = call.Task;
        var all = Models(call.State).ToList();
        var found = Sort(all.Where(m => Matches(m, task)), task.Text("sort") ?? "popularity").ToList();
        var curated = found.Count(m => m.Text("source") == "curated");
        var page = found.Skip(task.Integer("offset") ?? 0).Take(task.Integer("limit") ?? DefaultLimit);
        call.Add(new JsonObject
        {
            ["results"] = new JsonArray([.. page.Select(m => m.DeepClone())]),
            ["totalResults"] = Interlocked.Increment(ref _searches) % 2 == 0 ? curated : found.Count,
        });
        return null;
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Among(task, "source", "featured", "curated", "community", "merged")
        ?? Rule.Among(task, "category", "checkpoint", "lora", "lycoris", "vae", "embeddings", "controlnet")
        ?? Rule.Among(task, "visibility", "public", "private", "favorite", "owned", "all")
        ?? Rule.Among(task, "sort", [.. s_sorts, .. s_sorts.Select(s => "-" + s)])
        ?? Rule.Texts(task, "capabilities")
        ?? Rule.Whole(task, "limit", 1, LargestLimit)
        ?? Rule.Whole(task, "offset", 0, int.MaxValue);

    private static IEnumerable<JsonObject> Models(SandboxState state) =>
    [
        .. ModelCatalog.Default.Models.Select(m => Entry(m.Air, m.Name, Category(m), architecture: null, "curated",
            Array.ConvertAll(m.Capabilities, ModelCapability.WithPrefix))),
        .. Enumerable.Range(1, CommunityModels).Select(n => Entry(
            FormattableString.Invariant($"civitai:{100_000 + n}@{200_000 + n}"), FormattableString.Invariant($"Community style {n}"),
                "lora", "sdxl", "community", [])),
        .. state.Models.All.OrderBy(m => m.Air, StringComparer.Ordinal).Select(m =>
            Entry(m.Air, m.Name, m.Category, m.Architecture, "community", [], isPrivate: true)),
    ];

    /// <summary>Models that make images have a category of weights; the others have that of what they make.</summary>
    private static string Category(ModelInfo model) => ModelCapability.Category(model.TaskType, model.Capabilities) switch
    {
        "image" => "checkpoint",
        "3d" => "others",
        var kind => kind,
    };

    private static JsonObject Entry(string air, string name, string category, string? architecture, string source, string[] capabilities,
        bool isPrivate = false) => new()
    {
        ["air"] = air,
        ["name"] = name,
        ["category"] = category,
        ["architecture"] = architecture,
        ["capabilities"] = new JsonArray([.. capabilities.Select(c => JsonValue.Create(c))]),
        ["source"] = source,
        ["private"] = isPrivate,
        ["heroImage"] = null,
    };

    private static bool Matches(JsonObject model, JsonObject task) =>
        (task.Text("search") is not { } search
            || model.Text("name")!.Contains(search, StringComparison.OrdinalIgnoreCase)
                || model.Text("air")!.Contains(search, StringComparison.OrdinalIgnoreCase))
        && (task.Text("source") is not { } source || source == "merged"
            || model.Text("source") == (source == "featured" ? "curated" : source))
        && (task.Text("category") is not { } category || model.Text("category") == category)
        && (task.Text("architecture") is not { } architecture
            || string.Equals(model.Text("architecture"), architecture, StringComparison.OrdinalIgnoreCase))
        && (task.Text("visibility") is not { } visibility || visibility == "all"
            || (bool)model["private"]! == (visibility is "private" or "owned"))
        && (task["capabilities"] is not JsonArray wanted
            || wanted.All(w => model["capabilities"]!.AsArray().Any(c => (string?)c == (string?)w)));

    // The order of the list is that of popularity; a minus reverses an order.
    private static IEnumerable<JsonObject> Sort(IEnumerable<JsonObject> models, string sort)
    {
        var sorted = sort.TrimStart('-') == "name" ? models.OrderBy(m => m.Text("name"), StringComparer.OrdinalIgnoreCase) : models;
        return sort.StartsWith('-') ? sorted.Reverse() : sorted;
    }
}
