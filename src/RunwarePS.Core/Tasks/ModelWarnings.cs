namespace RunwarePS.Tasks;

/// <summary>What a user should know of a task's model before the task is sent, although nothing forbids to send it.</summary>
internal static class ModelWarnings
{
    public static IEnumerable<string> Of(TaskRequest task, bool skipValidation)
    {
        if (task.ModelInfo is not { } model)
        {
            return task.Model is { } name && ModelCatalog.Default.Nearest(name) is { } nearest
                ? [Strings.ModelNotInCatalog.With(name, nearest.Air, nearest.Slug)]
                : [];
        }

        var doubts = skipValidation
            ? []
            : model.Warnings(task.Body)
            .Select(f =>
                Strings.CatalogIncomplete.With(f.Message, model.AsOf, model.Air));
        return ModelLifecycle.Warning(model) is { } warning ? doubts.Prepend(warning) : doubts;
    }
}
