using System.Text;
using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>
/// Reads what the API stores of a task: its request, and the response that the task had.
/// Source: https://runware.ai/docs/platform/task-details.
/// </summary>
internal static class TaskDetailsReader
{
    /// <summary>The task as its own response would tell it; null where the API doesn't know the task.</summary>
    public static TaskResult? Read(TaskResponse details, Guid taskUuid, TimeProvider time)
    {
        var fields = details.Items.Find(i => i.Unknown is not null)?.Unknown;
        if (fields?.TryGetValue("response", out var stored) != true || stored.ValueKind != JsonValueKind.Object)
        {
            return fields?.ContainsKey("request") == true ? new TaskResult { IsKnown = true } : null; // not ended, or lost
        }

        var response = ResponseReader.Read(Encoding.UTF8.GetBytes(stored.GetRawText()));
        RunwareException[] errors =
        [
            .. from error in response.Errors
               let read = ErrorReader.ToException(error, status: 200, details.Secrets)
               where read.Code != RetryPolicy.Conflict // the refusal of a repeat, and not how the task ended
               select read,
        ];
        var responses = new ResponsesByTask([taskUuid], response.Items, errors, unanswered: null, details.Secrets);
        var result = ResultReader.Read(responses.Of(taskUuid), taskUuid, time);
        return result.Count > 0 ? result : new TaskResult { IsKnown = true };
    }
}
