namespace RunwarePS.Tasks;

/// <summary>What a user should know of a task's model before the task is sent, although nothing forbids to send it.</summary>
internal static class ModelWarnings
{
    public static IEnumerable<string> Of(TaskRequest task, bool skipValidation)
    {
        if (task.ModelInfo is not { } model)
        {
            return task.Model is { } name && ModelCatalog.Default.Nearest(name) is { } nearest
                ? [$"Model '{name}' isn't in the catalog, so the request isn't validated. Did you mean '{nearest.Air}' ({nearest.Slug})?"]
                : [];
        }

        var doubts = skipValidation
            ? []
            : model.Warnings(task.Body)
            .Select(f =>
                $"{f.Message} The catalog's data of {model.AsOf} can be incomplete, so the request is sent. To get the current document, run Update-RunwareModel {model.Air}.");
        return ModelLifecycle.Warning(model) is { } warning ? doubts.Prepend(warning) : doubts;
    }
}
