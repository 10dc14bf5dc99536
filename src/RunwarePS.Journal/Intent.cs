using System.Text.Json.Serialization;

namespace RunwarePS.Journal;

/// <summary>A line of the <see cref="IntentLog"/>: a task that is about to be sent.</summary>
internal sealed record Intent(
    string Endpoint, string Account, Guid TaskUuid, string? TaskType, int Expected, ImageFacts Facts, byte[]? Request, decimal? Reserved, DateTime SubmittedAt)
{
    public static Intent Of(JournalScope scope, JournalTask task) =>
        new(scope.Endpoint, scope.Account, task.TaskUuid, task.TaskType, task.Expected, task.Facts, task.Request, task.Reserved, task.SubmittedAt);

    [JsonIgnore]
    public JournalScope Scope => new(Endpoint, Account);

    public JournalTask ToTask() => new()
    {
        TaskUuid = TaskUuid,
        TaskType = TaskType,
        Facts = Facts,
        Expected = Expected,
        Request = Request,
        Reserved = Reserved,
        SubmittedAt = SubmittedAt,
    };
}

[JsonSerializable(typeof(Intent))]
internal sealed partial class IntentJson : JsonSerializerContext;
