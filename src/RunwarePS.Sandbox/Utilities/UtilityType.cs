using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>A task type that generates nothing: it's free, its result is in the response, and its taskUUID can be used again.</summary>
internal abstract class UtilityType(string name, params string[] ownKeys) : TaskType(name)
{
    private readonly string[] _keys = ["taskType", "taskUUID", .. ownKeys];

    public override TaskError? Check(JsonObject task) => Rule.Closed(task, path: null, _keys) ?? CheckOwn(task);

    public abstract TaskError? Answer(UtilityCall call);

    protected virtual TaskError? CheckOwn(JsonObject task) => null;
}

/// <summary>One task of a utility type, and where its result goes.</summary>
/// <param name="State">The sandbox's state.</param>
/// <param name="Id">The task's ID.</param>
/// <param name="Task">A request that passed the check.</param>
/// <param name="Envelope">Takes the result.</param>
/// <param name="IsFirst">Whether it's the first task of its request.</param>
/// <param name="IsOnly">Whether its request doesn't have another task, apart from an authentication.</param>
internal sealed record UtilityCall(SandboxState State, Guid Id, JsonObject Task, Envelope Envelope, bool IsFirst, bool IsOnly)
{
    /// <summary>Adds a result: the type and ID of the task, then these fields.</summary>
    public void Add(JsonObject fields)
    {
        var item = new JsonObject { ["taskType"] = Task.Text("taskType"), ["taskUUID"] = Task.Text("taskUUID") };
        foreach (var (name, value) in fields)
        {
            item[name] = value?.DeepClone();
        }

        Envelope.Add(json => item.WriteTo(json));
    }
}
