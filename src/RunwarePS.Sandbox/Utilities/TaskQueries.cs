using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>Asks for the results of a task, by the ID of that task.</summary>
internal sealed class GetResponse() : UtilityType(TaskTypes.GetResponse)
{
    public override TaskError? Answer(UtilityCall call)
    {
        // For a task that it doesn't know, the API returns nothing, as it does while one starts.
        if (call.State.Tasks.Find(call.Id) is { } task)
        {
            Add(task, call.State.Tasks, call.Envelope);
        }

        return null;
    }

    private static void Add(SandboxTask task, TaskStore tasks, Envelope envelope)
    {
        for (var i = 0; i < task.Count; i++)
        {
            if (!tasks.IsDone(task, i))
            {
                var progress = task.NeverFinishes ? (int?)null : tasks.Progress(task, i);
                envelope.Add(json => task.WriteProgress(json, progress));
            }
            else if (i < task.Successes)
            {
                task.AddResult(envelope, i, withStatus: true);
            }
            else
            {
                task.AddFailure(envelope, withStatus: true);
            }
        }
    }
}

/// <summary>Asks for the request and the response of a task. The response is null while the task is unfinished.</summary>
internal sealed class GetTaskDetails() : UtilityType(TaskTypes.GetTaskDetails)
{
    public override TaskError? Answer(UtilityCall call)
    {
        if (call.State.Tasks.Find(call.Id) is not { } task)
        {
            return new TaskError("taskNotFound", "There is no task with this taskUUID.") { Parameters = ["taskUUID"] };
        }

        Envelope? response = null;
        if (call.State.Tasks.IsDone(task))
        {
            response = new Envelope();
            task.AddResults(response, withStatus: false);
        }

        call.Add(new JsonObject
        {
            ["request"] = new JsonArray(task.Request.DeepClone()),
            ["response"] = response is null ? null : JsonNode.Parse(response.ToJson().Span),
        });
        return null;
    }
}
