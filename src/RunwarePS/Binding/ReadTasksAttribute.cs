namespace RunwarePS.Binding;

/// <summary>Tasks in any form: live objects, those that came back from CLIXML, remoting or a job, property bags, ids and their text.</summary>
internal sealed class ReadTasksAttribute : ReadAttribute
{
    protected override object? Read(object? value) => Items(value) is { Length: > 0 } tasks ? tasks : null;

    public static RunwareTask[] Items(object? value) => [.. PropertyBag.Each(value).Select(Task).OfType<RunwareTask>()];

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
    protected override object? Read(object? value) =>
        ReadTasksAttribute.Items(value) is { Length: > 0 } tasks ? Array.ConvertAll(tasks, t => t.TaskUuid) : null;
}
