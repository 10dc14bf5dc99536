namespace RunwarePS.Models;

/// <summary>Where Runware serves model documents, and its catalog with prices and dates. No key is sent there.</summary>
internal sealed record ModelSources(Uri Documents, Uri Schemas, Uri Content)
{
    /// <summary>Names one host for all three, such as a sandbox.</summary>
    public const string Variable = "RUNWARE_MODELS_URL";

    public static ModelSources Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } host
        ? At(new Uri(host.TrimEnd('/') + "/"))
        : new ModelSources(new Uri("https://runware.ai/"), new Uri("https://schemas.runware.ai/"), new Uri("https://content.runware.ai/"));

    public static ModelSources At(Uri host) => new(host, host, host);

    /// <summary>A model's own document.</summary>
    public Uri Document(string slug) => new(Documents, $"docs/models/{Uri.EscapeDataString(slug)}/schema.json");

    /// <summary>The schema of a model by its AIR.</summary>
    public Uri Resolve(string air) => new(Schemas, "resolve/" + Uri.EscapeDataString(air));

    /// <summary>The schemas of all models.</summary>
    public Uri Bundle => new(Schemas, "releases/latest/schema-map.json");

    /// <summary>A model's entry with prices and dates.</summary>
    public Uri Entry(string name) => new(Content, "models/" + Uri.EscapeDataString(name));

    /// <summary>The entries of all models.</summary>
    public Uri Entries => new(Content, "models");
}
