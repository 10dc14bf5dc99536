using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Faults;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Answers the tasks of one request, each on its own.</summary>
internal sealed class TaskProcessor(SandboxState state)
{
    private const decimal InitialBalance = 1000;

    private readonly TaskStore _store = state.Tasks;

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
            return Missing("taskType");
        }

        if (task.Text("taskType") is not { } type || !TaskTypes.All.Contains(type, StringComparer.Ordinal))
        {
            return new TaskError("unsupportedTaskType", "This taskType is not supported.")
            {
                Parameters = ["taskType"],
                AllowedValues = TaskTypes.All,
            };
        }

        var error = CheckId(task, type, seen, out var id);
        if (error is not null)
        {
            return error;
        }

        if (type == TaskTypes.ImageInference)
        {
            return Generate(id, task, outcome);
        }

        return Utility(task, type, isFirst) ?? Refused(task, type) ?? Answer(id, task, type, isOnly, outcome.Envelope);
    }

    private static TaskError? CheckId(JsonObject task, string type, HashSet<Guid> seen, out Guid id)
    {
        id = default;
        var isOptional = type is TaskTypes.Ping or TaskTypes.Authentication;
        if (task["taskUUID"] is null)
        {
            return isOptional ? null : Missing("taskUUID");
        }

        if (!TaskFields.TryReadUuid(task.Text("taskUUID"), out id))
        {
            return new TaskError("invalidTaskUUID", "'taskUUID' must be a UUID v4.") { Parameters = ["taskUUID"], Type = "string" };
        }

        return seen.Add(id)
            ? null
            : new TaskError("duplicateTaskUUID", "Another task of this request has the same taskUUID.") { Parameters = ["taskUUID"] };
    }

    private TaskError? Generate(Guid id, JsonObject request, TaskOutcome outcome)
    {
        var error = ImageTaskCheck.Check(request, out var model);
        if (error is not null)
        {
            return error;
        }

        if (_store.Find(id) is not null)
        {
            return Conflict();
        }

        if (Refused(request, TaskTypes.ImageInference) is { } refusal)
        {
            return refusal;
        }

        var subject = Subject(request);
        var failure = state.Faults.TakeForTask(SandboxFaultKind.PartialFailure, subject);
        var task = new ImageTask(id, request, model!)
        {
            Accepted = state.Time.GetTimestamp(),
            NeverFinishes = state.Faults.TakeForTask(SandboxFaultKind.NeverFinishes, subject) is not null,
            Failure = failure is null ? null : Error(failure) with { TaskType = TaskTypes.ImageInference, TaskUuid = request.Text("taskUUID") },
        };

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
            AddResults(task, outcome.Envelope, withStatus: false);
        }

        return null;
    }

    private static TaskError? Utility(JsonObject task, string type, bool isFirst)
    {
        string[] keys = type switch
        {
            TaskTypes.Ping => ["taskType", "taskUUID", "ping"],
            TaskTypes.Authentication => ["taskType", "taskUUID", "apiKey", "connectionSessionUUID"],
            TaskTypes.AccountManagement => ["taskType", "taskUUID", "operation"],
            _ => ["taskType", "taskUUID"],
        };
        if (task.FirstOrDefault(p => !keys.Contains(p.Key, StringComparer.Ordinal)).Key is { } unknown)
        {
            return new TaskError("unsupportedParameter", $"{type} has no parameter '{unknown}'.") { Parameters = [unknown], AllowedValues = keys };
        }

        return type switch
        {
            TaskTypes.Ping when task["ping"] is null => Missing("ping"),
            TaskTypes.Ping when task["ping"]!.GetValueKind() != JsonValueKind.True =>
                new TaskError("invalidPing", "'ping' must be true.") { Parameters = ["ping"], Type = "boolean" },
            TaskTypes.Authentication when !isFirst => new TaskError("invalidRequest", "authentication must be the first task."),
            TaskTypes.Authentication when string.IsNullOrEmpty(task.Text("apiKey")) => Missing("apiKey"),
            TaskTypes.AccountManagement when task["operation"] is null => Missing("operation"),
            TaskTypes.AccountManagement when task.Text("operation") != "getDetails" =>
                new TaskError("invalidOperation", "This operation is not supported.") { Parameters = ["operation"], AllowedValues = ["getDetails"] },
            _ => null,
        };
    }

    private TaskError? Answer(Guid id, JsonObject task, string type, bool isOnly, Envelope envelope)
    {
        var accepted = _store.Find(id);
        switch (type)
        {
            case TaskTypes.Ping:
                envelope.Add(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("taskType", TaskTypes.Ping);
                    json.WriteBoolean("pong", value: true);
                    json.WriteEndObject();
                });
                return null;

            case TaskTypes.Authentication when isOnly:
                envelope.Add(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("taskType", TaskTypes.Authentication);
                    json.WriteString("connectionSessionUUID", task.Text("connectionSessionUUID") ?? Guid.NewGuid().ToString());
                    json.WriteEndObject();
                });
                return null;

            case TaskTypes.AccountManagement:
                var balance = InitialBalance - _store.TotalCost();
                envelope.Add(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("taskType", TaskTypes.AccountManagement);
                    json.WriteString("taskUUID", task.Text("taskUUID"));
                    json.WriteString("operation", "getDetails");
                    json.WriteString("organizationName", "Sandbox");
                    json.WriteNumber("balance", balance);
                    json.WriteEndObject();
                });
                return null;

            // Of a task that it does not know the API says nothing, which is what it also says while one starts.
            case TaskTypes.GetResponse when accepted is not null:
                AddState(accepted, envelope, withStatus: true);
                return null;

            case TaskTypes.GetTaskDetails:
                if (accepted is null)
                {
                    return new TaskError("taskNotFound", "There is no task with this taskUUID.") { Parameters = ["taskUUID"] };
                }

                var response = new Envelope();
                AddState(accepted, response, withStatus: false);
                envelope.Add(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("taskType", TaskTypes.GetTaskDetails);
                    json.WriteString("taskUUID", task.Text("taskUUID"));
                    json.WriteStartArray("request");
                    accepted.Request.WriteTo(json);
                    json.WriteEndArray();
                    json.WritePropertyName("response");
                    response.WriteTo(json);
                    json.WriteEndObject();
                });
                return null;

            default:
                return null;
        }
    }

    private void AddState(ImageTask task, Envelope envelope, bool withStatus)
    {
        if (_store.IsDone(task))
        {
            AddResults(task, envelope, withStatus);
        }
        else if (withStatus)
        {
            var progress = task.NeverFinishes ? (int?)null : _store.Progress(task);
            for (var i = 0; i < task.Count; i++)
            {
                envelope.Add(json => task.WriteProgress(json, progress));
            }
        }
    }

    private void AddResults(ImageTask task, Envelope envelope, bool withStatus)
    {
        for (var i = 0; i < task.Successes; i++)
        {
            var index = i;
            envelope.Add(json => task.WriteResult(json, index, state.Origin, withStatus));
        }

        if (task.Failure is { } failure)
        {
            envelope.Add(failure, withStatus);
        }
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

    private static TaskError Missing(string key) =>
        new("missing" + char.ToUpperInvariant(key[0]) + key[1..], $"'{key}' is required.") { Parameters = [key] };

    private static TaskError Conflict() =>
        new("conflictTaskUUID", "A task with this taskUUID was already used.") { Parameters = ["taskUUID"] };
}
