using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Models;

/// <summary>The models this module knows, read from the JSON files beside this one when first asked for.</summary>
internal sealed class ModelCatalogue
{
    private const string ResourcePrefix = "RunwarePS.Models.";

    private static readonly Lazy<ModelCatalogue> s_default = new(Load);

    private readonly Dictionary<string, ModelInfo> _byName = new(StringComparer.OrdinalIgnoreCase);

    private ModelCatalogue(List<ModelInfo> models)
    {
        Models = models;
        foreach (var model in models)
        {
            _byName[model.Air] = model;
            _byName[model.Slug] = model;
        }

        var complete = new HashSet<ModelInfo>();
        models.ForEach(model => Complete(model, complete));
    }

    public static ModelCatalogue Default => s_default.Value;

    public IReadOnlyList<ModelInfo> Models { get; }

    /// <summary>The model that is used where none is named.</summary>
    public ModelInfo DefaultModel => Models.Single(m => m.IsDefault);

    /// <summary>The model with this AIR or slug, in any case; null where the catalog has none, and then nothing is checked.</summary>
    public ModelInfo? Find(string? airOrSlug) => airOrSlug is not null && _byName.TryGetValue(airOrSlug, out var model) ? model : null;

    // A parent comes first, since it may have one itself.
    private void Complete(ModelInfo model, HashSet<ModelInfo> complete)
    {
        if (!complete.Add(model))
        {
            return;
        }

        if (model.Extends is { } parent)
        {
            Complete(_byName[parent], complete);
            model.Inherit(_byName[parent]);
        }

        foreach (var path in model.Parameters.Where(p => p.Value is null).Select(p => p.Key).ToArray())
        {
            model.Parameters.Remove(path);
        }
    }

    private static ModelCatalogue Load()
    {
        var assembly = typeof(ModelCatalogue).Assembly;
        var models = new List<ModelInfo>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            models.Add(JsonSerializer.Deserialize(stream, CatalogueJson.Default.ModelInfo)!);
        }

        models.Sort((a, b) => string.CompareOrdinal(a.Slug, b.Slug));
        return new ModelCatalogue(models);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
