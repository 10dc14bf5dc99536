namespace RunwarePS.Api;

/// <summary>
/// Reads the part of a response that belongs to one task. One rule serves all task types, because the fields of an item determine its kind.
/// </summary>
internal static class ResultReader
{
    public static TaskResult Read(TaskResponse response, Guid taskUuid, TimeProvider time)
    {
        var outputs = new List<RunwareOutput>();
        var failures = new List<RunwareException>(response.Errors);
        var isProcessing = false;
        foreach (var item in response.Items)
        {
            if (IsInProgress(item.Status) && !item.HasImage)
            {
                isProcessing = true;
            }
            else if (!item.HasImage && (item.Error is not null || item.Status == "error"))
            {
                failures.Add(new RunwareException(ErrorReader.ToException(item, response.Secrets), taskUuid));
            }
            else if (!item.HasImage && item.ImageUuid is { } id && item.Status is null or "success")
            {
                failures.AddRange(IsAmong(outputs, id) ? [] : [Empty(id, taskUuid)]);
            }
            else if (OutputReader.Read(item, outputs.Count, time.GetUtcNow().UtcDateTime, response.Secrets) is { Count: > 0 } found
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
            IsKnown = response.Items.Count > 0,
            Progress = response.Items.Find(i => i.Progress is not null)?.Progress is { } percent ? (int)Math.Clamp(percent, 0, 100) : null,
            TaskType = response.Items.Find(i => i.TaskType is not null and not TaskTypes.GetResponse)?.TaskType,
            IsTorn = response.IsTorn,
            HasStreamed = response.HasStreamed,
            Raw = [.. from item in response.Items let raw = item.Raw where raw is not null select response.Secrets.Hide(raw)],
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
