using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>A task type of the API: the keys that it takes, what a request has to keep, and what it returns.</summary>
internal abstract class TaskType(string name)
{
    /// <summary>The value of <c>taskType</c>.</summary>
    public string Name => name;

    /// <summary>Whether <c>taskUUID</c> can be omitted.</summary>
    public virtual bool IsIdOptional => false;

    /// <summary>The first thing that is wrong with the request; null if it's in order.</summary>
    public abstract TaskError? Check(JsonObject task);
}
