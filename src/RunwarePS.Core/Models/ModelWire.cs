using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>Reading and writing a task on the wire as a model takes it.</summary>
internal static class ModelWire
{
    /// <summary>An option such as <c>quality</c>, from where the model takes it.</summary>
    public static string? Option(this JsonObject wire, ModelInfo model, string name) =>
        model.PathOf(name) is { } path ? wire.Text(path) : null;

    /// <summary>Adds the keys of another object in the model's spelling.</summary>
    /// <inheritdoc cref="JsonPath.Merge(JsonObject, JsonObject, Func{string, string, string})"/>
    public static void Merge(this JsonObject wire, JsonObject additional, ModelInfo? model) =>
        wire.Merge(additional, normalize: model is null ? null : model.NormalizeCase);
}
