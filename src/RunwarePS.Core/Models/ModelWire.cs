using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>Reading a task on the wire as a model takes it.</summary>
internal static class ModelWire
{
    /// <summary>An option such as <c>quality</c>, from where the model takes it.</summary>
    public static string? Option(this JsonObject wire, ModelInfo model, string name) =>
        model.PathOf(name) is { } path ? wire.Text(path) : null;
}
