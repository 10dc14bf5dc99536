namespace RunwarePS.Binding;

/// <summary>
/// Tasks in any form: live objects, those that came back from CLIXML, remoting or a job, custom objects, ids and their text.
/// </summary>
internal sealed class TasksTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) => Items(value) is { Length: > 0 } tasks ? tasks : null;

    public static RunwareTask[] Items(object? value) => [.. PropertyReader.Each(value).Select(Task).OfType<RunwareTask>()];

    /// <summary>A task from its properties, with its images and failures; null where it is none.</summary>
    public static RunwareTask? WithResults(Lookup lookup)
    {
        if (lookup("Status", "TaskType") is null || ObjectReader.Task(lookup) is not { } task)
        {
            return null;
        }

        task.Image = [.. from image in Items("Image")
                         select image as RunwareImage ?? ObjectReader.Image(PropertyReader.Lookup(image!)) into read
                         where read is not null
                         select read];
        task.Output = [.. from output in Items("Output")
                          select output as RunwareOutput ?? MediaTransformationAttribute.Output(output!) into read
                          where read is not null
                          select read];
        task.Output = task.Output.Length > 0 ? task.Output : task.Image;
        task.Failure = [.. from failure in Items("Failure")
                           select failure as RunwareFailure ?? ObjectReader.Failure(PropertyReader.Lookup(failure!))];
        return task;

        // Formats of text alone, such as CSV, contain the name of a type in place of a list: that isn't a result.
        IEnumerable<object?> Items(string name) =>
            from item in PropertyReader.Each(lookup(name) ?? Array.Empty<object>())
            let plain = PropertyReader.Unwrap(item)
            where plain is not (null or string)
            select plain is RunwareOutput or RunwareFailure ? plain : item;
    }

    private static RunwareTask? Task(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        return plain switch
        {
            null or "" => null,
            RunwareTask task => task,
            Guid or string => new RunwareTask { TaskUuid = ReadValue.Id(plain)!.Value },
            _ => ObjectReader.Task(PropertyReader.Lookup(item!))
                ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Task",
                    Strings.NotATask.With(plain.GetType().Name)),
        };
    }
}

/// <summary>The ids of tasks, in any of those forms.</summary>
internal sealed class TaskIdsTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) =>
        TasksTransformationAttribute.Items(value) is { Length: > 0 } tasks ? Array.ConvertAll(tasks, t => t.TaskUuid) : null;
}
