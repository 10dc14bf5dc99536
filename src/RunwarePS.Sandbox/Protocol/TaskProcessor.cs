using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Faults;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Answers the tasks of one request, each on its own.</summary>
internal sealed class TaskProcessor(SandboxState state)
{
    private readonly TaskStore _store = state.Tasks;
    private readonly UtilityTasks _utilities = new(state);

    /// <summary>The task types that a sandbox knows.</summary>
    public static string[] Types { get; } =
    [
        TaskTypes.ImageInference, TaskTypes.GetResponse, TaskTypes.GetTaskDetails, TaskTypes.AccountManagement, TaskTypes.Ping, TaskTypes.Authentication,
        .. MediaTask.Types,
    ];

    /// <summary>Checks and accepts what can be; the images of sync tasks are still to be waited for.</summary>
    public TaskOutcome Process(IReadOnlyList<JsonObject> tasks)
    {
        var outcome = new TaskOutcome();
        var seen = new HashSet<Guid>();
        for (var i = 0; i < tasks.Count; i++)
        {
            if (Process(tasks[i], isFirst: i == 0, isOnly: tasks.Count == 1, seen, outcome) is { } error)
            {
                outcome.Envelope.Add(error with
                {
                    TaskType = tasks[i].Text("taskType"),
                    TaskUuid = tasks[i].Text("taskUUID"),
                    Documentation = error.Documentation ?? "https://runware.ai/docs/platform/errors",
                });
            }
        }

        return outcome;
    }

    private TaskError? Process(JsonObject task, bool isFirst, bool isOnly, HashSet<Guid> seen, TaskOutcome outcome)
    {
        if (task["taskType"] is null)
        {
            return TaskError.Missing("taskType");
        }

        if (task.Text("taskType") is not { } type || !Types.Contains(type, StringComparer.Ordinal))
        {
            return new TaskError("unsupportedTaskType", "This taskType is not supported.")
            {
                Parameters = ["taskType"],
                AllowedValues = Types,
            };
        }

        var error = CheckId(task, type, seen, out var id);
        if (error is not null)
        {
            return error;
        }

        if (type == TaskTypes.ImageInference || MediaTask.Types.Contains(type, StringComparer.Ordinal))
        {
            return Generate(id, task, type, outcome);
        }

        return UtilityTasks.Check(task, type, isFirst) ?? Refused(task, type) ?? _utilities.Answer(id, task, type, isOnly, outcome.Envelope);
    }

    private static TaskError? CheckId(JsonObject task, string type, HashSet<Guid> seen, out Guid id)
    {
        id = default;
        var isOptional = type is TaskTypes.Ping or TaskTypes.Authentication;
        if (task["taskUUID"] is null)
        {
            return isOptional ? null : TaskError.Missing("taskUUID");
        }

        if (!TaskFields.TryReadUuid(task.Text("taskUUID"), out id))
        {
            return new TaskError("invalidTaskUUID", "'taskUUID' must be a UUID v4.") { Parameters = ["taskUUID"], Type = "string" };
        }

        return seen.Add(id)
            ? null
            : new TaskError("duplicateTaskUUID", "Another task of this request has the same taskUUID.") { Parameters = ["taskUUID"] };
    }

    private TaskError? Generate(Guid id, JsonObject request, string type, TaskOutcome outcome)
    {
        var error = TaskCheck.Check(request, out var model);
        if (error is not null)
        {
            return error;
        }

        if (_store.Find(id) is not null)
        {
            return Conflict();
        }

        if (Refused(request, type) is { } refusal)
        {
            return refusal;
        }

        var subject = Subject(request);
        var failure = state.Faults.TakeForTask(SandboxFaultKind.PartialFailure, subject);
        var (accepted, neverFinishes) = (state.Time.GetTimestamp(), state.Faults.TakeForTask(SandboxFaultKind.NeverFinishes, subject) is not null);
        var reason = failure is null ? null : Error(failure) with { TaskType = type, TaskUuid = request.Text("taskUUID") };
        SandboxTask task = type == TaskTypes.ImageInference
            ? new ImageTask(id, request, model!) { Accepted = accepted, NeverFinishes = neverFinishes, Failure = reason }
            : new MediaTask(id, request) { Accepted = accepted, NeverFinishes = neverFinishes, Failure = reason };
        if (!_store.TryAccept(task))
        {
            return Conflict();
        }

        state.Delivery.Begin(task);
        if (task.IsAsync)
        {
            outcome.Envelope.Add(task.WritePlaceholder);
        }
        else
        {
            outcome.Waiting.Add(task);
            task.AddResults(outcome.Envelope, state.Origin, withStatus: false);
        }

        return null;
    }

    private TaskError? Refused(JsonObject task, string type)
    {
        var fault = state.Faults.TakeForTask(SandboxFaultKind.Refusal, Subject(task) with { TaskType = type });
        return fault is null ? null : Error(fault);
    }

    /// <summary>What faults are held against. A task that refers to an accepted one has the prompt of that.</summary>
    public FaultSubject Subject(JsonObject task) =>
        new(task.Text("taskType"), task.Text("positivePrompt") ?? _store.Find(task.Text("taskUUID"))?.Prompt);

    private static TaskError Error(SandboxFault fault) =>
        new(fault.Code ?? "invalidProviderContent", fault.Message ?? "The provider refused this content.") { Status = fault.StatusCode ?? 400 };

    private static TaskError Conflict() =>
        new("conflictTaskUUID", "A task with this taskUUID was already used.") { Parameters = ["taskUUID"] };
}
