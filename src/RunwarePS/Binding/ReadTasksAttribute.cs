namespace RunwarePS.Binding;

/// <summary>Tasks in any form: live objects, those that came back from CLIXML, remoting or a job, property bags, ids and their text.</summary>
internal sealed class ReadTasksAttribute : ReadAttribute
{
    public override object? Read(object? value) => Items(value) is { Length: > 0 } tasks ? tasks : null;

    public static RunwareTask[] Items(object? value) => [.. PropertyBag.Each(value).Select(Task).OfType<RunwareTask>()];

    /// <summary>A task out of its bag, with its images and failures; null where it is none.</summary>
    public static RunwareTask? WithResults(Lookup bag)
    {
        if (bag("Status", "TaskType") is null || BagReader.Task(bag) is not { } task)
        {
            return null;
        }

        task.Image = [.. from image in Items("Image") select image as RunwareImage ?? BagReader.Image(PropertyBag.Lookup(image!)) into read where read is not null select read];
        task.Output = [.. from output in Items("Output") select output as RunwareOutput ?? ReadBagAttribute.Plain(output) as RunwareOutput into read where read is not null select read];
        task.Output = task.Output.Length > 0 ? task.Output : task.Image;
        task.Failure = [.. from failure in Items("Failure") select failure as RunwareFailure ?? BagReader.Failure(PropertyBag.Lookup(failure!))];
        return task;

        // Formats of text alone, such as CSV, leave the name of a type in the place of a list: that is no result.
        IEnumerable<object?> Items(string name) =>
            from item in PropertyBag.Each(bag(name) ?? Array.Empty<object>())
            let plain = PropertyBag.Unwrap(item)
            where plain is not (null or string)
            select plain is RunwareOutput or RunwareFailure ? plain : item;
    }

    private static RunwareTask? Task(object? item)
    {
        var plain = PropertyBag.Unwrap(item);
        return plain switch
        {
            null or "" => null,
            RunwareTask task => task,
            Guid or string => new RunwareTask { TaskUuid = ReadValue.Id(plain)!.Value },
            _ => BagReader.Task(PropertyBag.Lookup(item!))
                ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Task", $"This {plain.GetType().Name} is no task: it has no TaskUuid."),
        };
    }
}

/// <summary>The ids of tasks, in any of those forms.</summary>
internal sealed class ReadTaskIdsAttribute : ReadAttribute
{
    public override object? Read(object? value) =>
        ReadTasksAttribute.Items(value) is { Length: > 0 } tasks ? Array.ConvertAll(tasks, t => t.TaskUuid) : null;
}
