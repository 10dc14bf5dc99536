using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Faults;
using RunwarePS.Sandbox.Inference;
using RunwarePS.Sandbox.Utilities;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Processes the tasks of one request, each on its own.</summary>
internal sealed class TaskProcessor(SandboxState state)
{
    private readonly TaskStore _store = state.Tasks;

    /// <summary>Checks and accepts what can be; the results of sync tasks are still to be waited for.</summary>
    public TaskOutcome Process(IReadOnlyList<JsonObject> tasks)
    {
        var outcome = new TaskOutcome();
        var seen = new HashSet<Guid>();
        var isOnly = tasks.Count == 1;
        for (var i = 0; i < tasks.Count; i++)
        {
            if (Process(tasks[i], isFirst: i == 0, isOnly, seen, outcome) is { } error)
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

    /// <summary>What faults are held against. A task that refers to an accepted one has the prompt of that.</summary>
    public FaultSubject Subject(JsonObject task) =>
        new(task.Text("taskType"), task.Prompt() ?? _store.Find(task.Text("taskUUID"))?.Prompt);

    private TaskError? Process(JsonObject task, bool isFirst, bool isOnly, HashSet<Guid> seen, TaskOutcome outcome)
    {
        if (task["taskType"] is null)
        {
            return TaskError.Missing("taskType");
        }

        if (TaskTypeTable.Find(task.Text("taskType"), out var error) is not { } type
            || (error = CheckId(task, type, seen, out var id)) is not null)
        {
            return error;
        }

        if (type is not InferenceType inference)
        {
            return type.Check(task) ?? Refused(task)
                ?? ((UtilityType)type).Answer(new UtilityCall(state, id, task, outcome.Envelope, isFirst, isOnly));
        }

        error = Generate(id, task, inference, isOnly, outcome);
        if (error is not null)
        {
            state.Errors.Add((state.Now, task.Text("model"), error.Status));
        }

        return error;
    }

    private static TaskError? CheckId(JsonObject task, TaskType type, HashSet<Guid> seen, out Guid id)
    {
        id = default;
        if (task["taskUUID"] is null)
        {
            return type.IsIdOptional ? null : TaskError.Missing("taskUUID");
        }

        if (!TaskFields.TryReadUuid(task.Text("taskUUID"), out id))
        {
            return TaskError.Invalid("taskUUID", "must be a UUID v4") with { Type = "string" };
        }

        return seen.Add(id)
            ? null
            : new TaskError("duplicateTaskUUID", "Another task of this request has the same taskUUID.") { Parameters = ["taskUUID"] };
    }

    private TaskError? Generate(Guid id, JsonObject request, InferenceType type, bool isOnly, TaskOutcome outcome)
    {
        var error = TaskCheck.Check(request, type, state, out var model)
            ?? (request.Text("deliveryMethod") == "stream" && !isOnly
                ? new TaskError("invalidRequest", "A streamed task must be the only one of its request.") : null)
            ?? (_store.Find(id) is null ? null : Conflict())
            ?? Refused(request);
        if (error is not null)
        {
            return error;
        }

        var task = Create(id, request, type, model);
        if (!_store.TryAccept(task))
        {
            return Conflict();
        }

        KeepModel(task);
        var delivery = state.Delivery.Begin(task);
        if (task.WebhookFault(SandboxFaultKind.WebhookEarly) is not null)
        {
            outcome.EarlyCalls.Add(delivery);
        }

        if (task.IsAsync)
        {
            outcome.Envelope.Add(task.WriteAcknowledgment);
        }
        else if (task.IsStream)
        {
            outcome.Stream = task;
        }
        else
        {
            outcome.Waiting.Add(task);
            task.AddResults(outcome.Envelope, withStatus: false);
        }

        return null;
    }

    private SandboxTask Create(Guid id, JsonObject request, InferenceType type, ModelInfo? model)
    {
        var subject = Subject(request);
        var failure = state.Faults.TakeForTask(SandboxFaultKind.PartialFailure, subject);
        return new SandboxTask(id, type, request, model, state.Origin)
        {
            Accepted = state.Time.GetTimestamp(),
            NeverFinishes = state.Faults.TakeForTask(SandboxFaultKind.NeverFinishes, subject) is not null,
            WebhookFaults = request.Text("webhookURL") is null ? [] : WebhookFaults(subject),
            FileSize = state.Faults.TakeForTask(SandboxFaultKind.LargeFile, subject)?.Size,
            Failure = failure is null ? null : Error(failure) with { TaskType = type.Name, TaskUuid = request.Text("taskUUID") },
        };
    }

    private SandboxFault[] WebhookFaults(FaultSubject subject) =>
    [
        .. from kind in Enum.GetValues<SandboxFaultKind>()
           where kind >= SandboxFaultKind.WebhookLost
           let fault = state.Faults.TakeForTask(kind, subject)
           where fault is not null
           select fault,
    ];

    /// <summary>A model that was trained or uploaded can be used from here on.</summary>
    private void KeepModel(SandboxTask task)
    {
        var request = task.Request;
        if (task.Type is Training)
        {
            var import = request["importModel"]!.AsObject();
            state.Models.Add(new OwnModel(
                import.Text("air")!, import.Text("name")!, import.Text("category") ?? "lora", import.Text("architecture")));
        }
        else if (task.Type is ModelUpload)
        {
            state.Models.Add(new OwnModel(
                ModelUpload.Air(task), request.Text("name")!, request.Text("category")!, request.Text("architecture")));
        }
    }

    private TaskError? Refused(JsonObject task)
    {
        var fault = state.Faults.TakeForTask(SandboxFaultKind.Refusal, Subject(task));
        return fault is null ? null : Error(fault);
    }

    private static TaskError Error(SandboxFault fault) =>
        new(fault.Code ?? "invalidProviderContent", fault.Message ?? "The provider refused this content.")
        {
            Status = fault.StatusCode ?? 400,
        };

    private static TaskError Conflict() =>
        new("conflictTaskUUID", "A task with this taskUUID was already used.") { Parameters = ["taskUUID"] };
}
