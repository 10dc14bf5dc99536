namespace RunwarePS.Tasks;

/// <summary>Brings together what a task was asked for and what came of it.</summary>
internal static class TaskView
{
    /// <summary>The task as its user sees it.</summary>
    public static RunwareTask Of(TaskRequest task, TaskResult result)
    {
        result.Outputs.ForEach(task.Metadata.ApplyTo);
        var view = Of(task.TaskUuid, result);
        view.TaskType = task.TaskType;
        view.Expected = task.Expected;
        view.Model = task.Model;
        view.Prompt = task.Prompt;
        view.Tag = task.Tag;
        if (!result.IsKnown)
        {
            view.Status = RunwareTaskStatus.Submitted; // accepted by an earlier try, whose response was lost
        }

        return view;
    }

    /// <summary>A task of which only the response is known.</summary>
    public static RunwareTask Of(Guid taskUuid, TaskResult result) => new()
    {
        TaskUuid = taskUuid,
        TaskType = result.TaskType,
        Status = result.Status,
        Progress = result.Progress,
        Image = [.. result.Images],
        Output = [.. result.Outputs],
        Failure = [.. result.Failures.Select(RunwareFailure.From)],
        Cost = result.Cost,
    };

    /// <summary>The error for a task without images, with the reason and how to get them.</summary>
    public static RunwareException NoImages(RunwareTask task) => NoResults(task, "images");

    /// <summary>The error for a task without results, with the reason and how to get them.</summary>
    public static RunwareException NoResults(RunwareTask task, string noun = "results")
    {
        var name = task.Prompt is null ? $"Task {task.TaskUuid:D}" : $"Task {task.TaskUuid:D} ({DisplayText.Line(task.Prompt, 40)})";
        var id = task.TaskUuid.ToString("D");
        var reason = task.Failure is { Length: > 0 } failures
            ? failures.SelectMany(failure => new[] { failure.Message, failure.Code }).FirstOrDefault(r => !string.IsNullOrEmpty(r))
            : null;
        var why = task.Status switch
        {
            _ when reason is not null => Strings.TaskWithoutResults.With(name, noun, reason),
            RunwareTaskStatus.Failed => Strings.TaskFailedWithoutReason.With(name, id),
            RunwareTaskStatus.Succeeded or RunwareTaskStatus.PartiallySucceeded => Strings.TaskResultsOmitted.With(name, noun, id),
            _ => Strings.TaskNotEnded.With(name, task.Status, noun, id),
        };
        return new RunwareException(ErrorCodes.ParameterUnreadable, RunwareErrorCategory.Validation, why)
        { Parameter = "InputObject", TaskUuid = task.TaskUuid };
    }
}
