using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>A parameter of a cmdlet as a part of requests.</summary>
/// <param name="Parameter">Its name.</param>
/// <param name="Paths">The keys that can take it, the usual one first. In a key, <c>*</c> stands for the provider of the model.</param>
/// <param name="IsMedia">Whether its values are media. A key in the plural takes a list of them, any other takes one.</param>
internal sealed record RequestKey(string Parameter, string[] Paths, bool IsMedia = false)
{
    /// <summary>
    /// The key that takes the value: for a model in the catalog, the first that the model takes, else one that the model's rules then refuse;
    /// for any other model, the usual one. Of options, the last is refused, since its name is the one that users know.
    /// </summary>
    public string PathFor(ModelInfo? model, string? name) =>
        model?.PathOf(Paths) ?? Paths[model is null || IsMedia ? 0 : ^1].Replace("*", Provider(model?.Air ?? name), StringComparison.Ordinal);

    // The part of an AIR before the colon names the provider whose settings the model reads.
    private static string Provider(string? air) => air?.Split(':')[0] is { Length: > 0 } provider ? provider : "*";
}

/// <summary>The keys of a request that a parameter of a cmdlet sets.</summary>
/// <param name="Key">The parameter.</param>
/// <param name="Value">The value as it goes over the wire.</param>
internal sealed record RequestValue(RequestKey Key, JsonNode Value)
{
    /// <summary>Whether the value is left out for a model that doesn't take it.</summary>
    public bool IsOptional { get; init; }
}
