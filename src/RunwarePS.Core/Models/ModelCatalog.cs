using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Models;

/// <summary>The models this module knows, read from the JSON files beside this one when first asked for.</summary>
internal sealed class ModelCatalog
{
    private const string ResourcePrefix = "RunwarePS.Models.";

    private static readonly Lazy<ModelCatalog> s_default = new(Load);

    private readonly Dictionary<string, ModelInfo> _byName = new(StringComparer.OrdinalIgnoreCase);

    private ModelCatalog(List<ModelInfo> models)
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

    public static ModelCatalog Default => s_default.Value;

    public IReadOnlyList<ModelInfo> Models { get; }

    /// <summary>The model that is used where none is named.</summary>
    public ModelInfo DefaultModel => Models.Single(m => m.IsDefault);

    /// <summary>The model with this AIR or slug, in any case; null where the catalog has none, and then nothing is checked.</summary>
    public ModelInfo? Find(string? airOrSlug) => airOrSlug is not null && _byName.TryGetValue(airOrSlug, out var model) ? model : null;

    /// <summary>
    /// The model that a name outside the catalog was probably meant for; null where the name is close to none. Digits tell models apart,
    /// so a name with other digits is another model's.
    /// </summary>
    public ModelInfo? Nearest(string name)
    {
        const int ShortestPart = 5;
        var given = Letters(name);
        return (from model in Models
                from known in new[] { model.Air, model.Slug, model.Name }
                let candidate = Letters(known)
                let distance = Distance(given, candidate)
                where (given.Length >= ShortestPart && candidate.Contains(given, StringComparison.Ordinal))
                    || (distance <= Math.Max(1, candidate.Length / 5) && Digits(given).SequenceEqual(Digits(candidate)))
                orderby distance
                select model).FirstOrDefault();

        static string Letters(string text) => string.Concat(text.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

        static IEnumerable<char> Digits(string text) => text.Where(char.IsAsciiDigit);
    }

    /// <summary>How many letters must be inserted, removed or replaced to make one text of another.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }

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

    private static ModelCatalog Load()
    {
        var assembly = typeof(ModelCatalog).Assembly;
        var models = new List<ModelInfo>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            models.Add(JsonSerializer.Deserialize(stream, CatalogJson.Default.ModelInfo)!);
        }

        models.Sort((a, b) => string.CompareOrdinal(a.Slug, b.Slug));
        return new ModelCatalog(models);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class CatalogJson : JsonSerializerContext;
