using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>The tasks that generate nothing.</summary>
internal sealed class UtilityTasks(SandboxState state)
{
    private const decimal InitialBalance = 1000;

    private readonly TaskStore _store = state.Tasks;

    public static TaskError? Check(JsonObject task, string type, bool isFirst)
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
            TaskTypes.Ping when task["ping"] is null => TaskError.Missing("ping"),
            TaskTypes.Ping when task["ping"]!.GetValueKind() != JsonValueKind.True =>
                new TaskError("invalidPing", "'ping' must be true.") { Parameters = ["ping"], Type = "boolean" },
            TaskTypes.Authentication when !isFirst => new TaskError("invalidRequest", "authentication must be the first task."),
            TaskTypes.Authentication when string.IsNullOrEmpty(task.Text("apiKey")) => TaskError.Missing("apiKey"),
            TaskTypes.AccountManagement when task["operation"] is null => TaskError.Missing("operation"),
            TaskTypes.AccountManagement when task.Text("operation") != "getDetails" =>
                new TaskError("invalidOperation", "This operation is not supported.") { Parameters = ["operation"], AllowedValues = ["getDetails"] },
            _ => null,
        };
    }

    public TaskError? Answer(Guid id, JsonObject task, string type, bool isOnly, Envelope envelope)
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

    private void AddState(SandboxTask task, Envelope envelope, bool withStatus)
    {
        if (_store.IsDone(task))
        {
            task.AddResults(envelope, state.Origin, withStatus);
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
}
