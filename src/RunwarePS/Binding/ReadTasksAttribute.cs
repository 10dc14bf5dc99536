using System.Collections;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>Tasks in any form: live objects, those that came back from CLIXML, remoting or a job, property bags, ids and their text.</summary>
internal sealed class ReadTasksAttribute : ReadAttribute
{
    protected override object? Read(object? value) => Items(value) is { Length: > 0 } tasks ? tasks : null;

    public static RunwareTask[] Items(object? value)
    {
        var tasks = new List<RunwareTask>();
        Collect(value, tasks);
        return tasks.ToArray();
    }

    private static void Collect(object? value, List<RunwareTask> tasks)
    {
        var plain = PropertyBag.Unwrap(value);
        switch (plain)
        {
            case null or "":
                return;
            case RunwareTask task:
                tasks.Add(task);
                return;
            case Guid or string:
                tasks.Add(new RunwareTask { TaskUuid = ReadValue.Id(plain)!.Value });
                return;
            case IEnumerable list and not IDictionary:
                foreach (var item in list)
                {
                    Collect(item, tasks);
                }

                return;
        }

        tasks.Add(BagReader.Task(PropertyBag.Lookup(value!))
            ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Task", $"This {value!.GetType().Name} is no task: it has no TaskUuid."));
    }
}

/// <summary>The ids of tasks, in any of those forms.</summary>
internal sealed class ReadTaskIdsAttribute : ReadAttribute
{
    protected override object? Read(object? value) =>
        ReadTasksAttribute.Items(value) is { Length: > 0 } tasks ? Array.ConvertAll(tasks, t => t.TaskUuid) : null;
}
