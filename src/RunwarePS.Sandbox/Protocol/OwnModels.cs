using System.Collections.Concurrent;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Models that the catalog doesn't have: those of the community, and those that were trained or uploaded here.</summary>
internal sealed class OwnModels
{
    private readonly ConcurrentDictionary<string, OwnModel> _models = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<OwnModel> All => _models.Values;

    /// <summary>Adds a model, or replaces the one with the same AIR.</summary>
    public void Add(OwnModel model) => _models[model.Air] = model;

    public bool Contains(string air) => air.StartsWith("civitai:", StringComparison.OrdinalIgnoreCase) || _models.ContainsKey(air);
}

internal sealed record OwnModel(string Air, string Name, string Category, string? Architecture);
