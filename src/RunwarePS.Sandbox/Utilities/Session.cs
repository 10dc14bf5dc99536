using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>Asks whether the API is there.</summary>
internal sealed class Ping() : UtilityType(TaskTypes.Ping, "ping")
{
    public override bool IsIdOptional => true;

    public override TaskError? Answer(UtilityCall call)
    {
        call.Envelope.Add(json => new JsonObject { ["taskType"] = TaskTypes.Ping, ["pong"] = true }.WriteTo(json));
        return null;
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "ping")
        ?? (task["ping"]!.GetValueKind() == JsonValueKind.True ? null
            : TaskError.Invalid("ping", "must be true") with { Type = "boolean" });
}

/// <summary>The key in place of a header: the first task of a request. The sandbox takes any key.</summary>
internal sealed class Authentication() : UtilityType(TaskTypes.Authentication, "apiKey", "connectionSessionUUID")
{
    public override bool IsIdOptional => true;

    public override TaskError? Answer(UtilityCall call)
    {
        if (!call.IsFirst)
        {
            return new TaskError("invalidRequest", "authentication must be the first task.");
        }

        if (call.IsOnly)
        {
            var session = call.Task.Text("connectionSessionUUID") ?? Guid.NewGuid().ToString();
            call.Envelope.Add(json =>
                new JsonObject { ["taskType"] = TaskTypes.Authentication, ["connectionSessionUUID"] = session }.WriteTo(json));
        }

        return null;
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        string.IsNullOrEmpty(task.Text("apiKey")) ? TaskError.Missing("apiKey") : null;
}
