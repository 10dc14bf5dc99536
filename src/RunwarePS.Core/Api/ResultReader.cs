namespace RunwarePS.Api;

/// <summary>
/// Reads the part of a response that belongs to one task. One rule serves all task types, because the fields of an item determine its kind.
/// </summary>
internal static class ResultReader
{
    public static TaskResult Read(TaskResponse reply, Guid taskUuid, TimeProvider time)
    {
        var outputs = new List<RunwareOutput>();
        var failures = new List<RunwareException>(reply.Errors);
        var isProcessing = false;
        foreach (var item in reply.Items)
        {
            if (IsInProgress(item.Status) && !item.HasImage)
            {
                isProcessing = true;
            }
            else if (!item.HasImage && (item.Error is not null || item.Status == "error"))
            {
                failures.Add(new RunwareException(ErrorReader.ToException(item, reply.Secrets), taskUuid));
            }
            else if (!item.HasImage && item.ImageUuid is { } id && item.Status is null or "success")
            {
                failures.AddRange(IsAmong(outputs, id) ? [] : [Empty(id, taskUuid)]);
            }
            else if (OutputReader.Read(item, outputs.Count, time.GetUtcNow().UtcDateTime, reply.Secrets) is { Count: > 0 } found
                && !IsAmong(outputs, IdOf(found)))
            {
                found.ForEach(output => output.TaskUuid = taskUuid);
                outputs.AddRange(found);
            }
        }

        return new TaskResult
        {
            Outputs = outputs,
            Failures = failures,
            IsProcessing = isProcessing,
            IsKnown = reply.Items.Count > 0,
            Progress = reply.Items.Find(i => i.Progress is not null)?.Progress is { } percent ? (int)Math.Clamp(percent, 0, 100) : null,
            TaskType = reply.Items.Find(i => i.TaskType is not null and not TaskTypes.GetResponse)?.TaskType,
            IsTorn = reply.IsTorn,
            HasStreamed = reply.HasStreamed,
            Raw = [.. from item in reply.Items let raw = item.Raw where raw is not null select reply.Secrets.Hide(raw)],
        };
    }

    public static bool IsInProgress(string? status) => status is "processing" or "pending" or "queued" or "scheduled" or "waiting";

    // An item that is returned twice is one result.
    private static bool IsAmong(List<RunwareOutput> outputs, Guid id) =>
        id != Guid.Empty && outputs.Exists(o => o is RunwareMedia media && media.Uuid == id);

    private static Guid IdOf(List<RunwareOutput> outputs) => (outputs[0] as RunwareMedia)?.Uuid ?? Guid.Empty;

    private static RunwareException Empty(Guid id, Guid taskUuid) =>
        new(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown,
            Strings.ResultUnreadable.With(id)) { TaskUuid = taskUuid };
}
