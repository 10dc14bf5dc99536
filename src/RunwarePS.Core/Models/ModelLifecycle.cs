namespace RunwarePS.Models;

/// <summary>What is known of a model's end.</summary>
internal static class ModelLifecycle
{
    /// <summary>What there is to say of a model's life, in a sentence; null where there is nothing to say.</summary>
    public static string? Describe(ModelInfo model) =>
        Warning(model) ?? (model.HasDocument ? model.Document?.Own.Member("lifecycle").AsText() : null);

    /// <summary>Why the model should not be used for new work; null where nothing says so.</summary>
    public static string? Warning(ModelInfo model)
    {
        var replacement = model.ReplacedBy is { } successor ? $" Use '{successor}' instead." : "";
        return model.Gone is { } day ? Strings.ModelRemoved.With(model.Air, day, replacement)
            : model.DeactivatesAt is { } off ? Strings.ModelDeactivates.With(model.Air, off, replacement)
            : model.Status == "deprecated" || model.ReplacedBy is not null ? Strings.ModelDeprecated.With(model.Air, replacement)
            : null;
    }
}
