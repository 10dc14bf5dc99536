namespace RunwarePS.Models;

/// <summary>What is known of a model's end.</summary>
internal static class ModelLifecycle
{
    /// <summary>The lifecycle of a model in a sentence; null if nothing is known.</summary>
    public static string? Describe(ModelInfo model) =>
        Warning(model) ?? (model.HasDocument ? model.Document?.Own.Member("lifecycle").AsText() : null);

    /// <summary>Why the model should not be used for new work; null if it can be used.</summary>
    public static string? Warning(ModelInfo model)
    {
        var replacement = model.ReplacedBy is { } successor ? $" Use '{successor}' instead." : "";
        return model.Gone is { } day ? Strings.ModelRemoved.With(model.Air, day, replacement)
            : model.DeactivatesAt is { } off ? Strings.ModelDeactivates.With(model.Air, off, replacement)
            : model.Status == "deprecated" || model.ReplacedBy is not null ? Strings.ModelDeprecated.With(model.Air, replacement)
            : null;
    }
}
