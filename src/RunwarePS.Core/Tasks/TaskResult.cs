namespace RunwarePS.Tasks;

/// <summary>What one reply says of one task, read: its pictures, its failures, and whether more is to come.</summary>
internal sealed class TaskResult
{
    private TaskResult(List<RunwareImage> images, List<RunwareException> failures, bool isProcessing, bool isKnown, int? progress, string? taskType, bool isTorn = false)
    {
        IsTorn = isTorn;
        Images = images;
        Failures = failures;
        IsProcessing = isProcessing;
        IsKnown = isKnown;
        Progress = progress;
        TaskType = taskType;
    }

    /// <summary>What is known of a task of which nothing was said yet.</summary>
    public static TaskResult Nothing => new([], [], isProcessing: false, isKnown: false, progress: null, taskType: null);

    public List<RunwareImage> Images { get; }

    public List<RunwareException> Failures { get; }

    public bool IsProcessing { get; }

    /// <summary>True where the reply broke off behind what could be read.</summary>
    public bool IsTorn { get; }

    /// <summary>False where the reply says nothing of the task: never seen and not yet begun look alike.</summary>
    public bool IsKnown { get; }

    /// <summary>0 to 100.</summary>
    public int? Progress { get; }

    public string? TaskType { get; }

    public string Status =>
        IsProcessing ? RunwareTaskStatus.Processing
        : Images.Count > 0 ? Failures.Count > 0 ? RunwareTaskStatus.PartiallySucceeded : RunwareTaskStatus.Succeeded
        : Failures.Count > 0 ? RunwareTaskStatus.Failed
        : IsKnown ? RunwareTaskStatus.Submitted
        : RunwareTaskStatus.Unknown;

    /// <summary>
    /// True where each image seems to carry the cost of the whole task: whether the API names it per image or per task is not known,
    /// so the images' costs are summed, and this sum stands out.
    /// </summary>
    public bool CostLooksMultiplied(ImageTask task) =>
        Images.Count > 1 && task.Forecast.Exact is { } exact && Images.Sum(i => i.Cost ?? 0) == exact * Images.Count;

    /// <summary>
    /// Whether nothing more will come. Where it is known how many results were asked for, as many must be there: one that failed says
    /// nothing of the others.
    /// </summary>
    public bool HasEnded(int? expected) =>
        !IsProcessing && (expected is { } all ? Images.Count + Failures.Count >= all : !IsTorn && Images.Count + Failures.Count > 0);

    /// <summary>Whether a reply to a submit needs no question after it: the API answers a whole request at once, its refusal too.</summary>
    public bool IsFinalAnswer(int expected) => HasEnded(expected) || (!IsProcessing && !IsTorn && Failures.Count > 0);

    /// <summary>Says that pictures are missing, where nothing else does.</summary>
    public void CloseShort(Guid taskUuid, int? expected)
    {
        if (Failures.Count == 0 && Images.Count < expected)
        {
            Failures.Add(new RunwareException(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown,
                FormattableString.Invariant($"Task {taskUuid:D} has {Images.Count} of {expected} pictures and no reason for the rest."))
            {
                TaskUuid = taskUuid,
            });
        }
    }

    public static TaskResult Read(TaskReply reply, Guid taskUuid, TimeProvider time)
    {
        var images = new List<RunwareImage>();
        var failures = new List<RunwareException>(reply.Errors);
        var isProcessing = false;
        foreach (var item in reply.Items)
        {
            if (item.ImageUuid is { } again && images.Exists(i => i.ImageUuid == again))
            {
                continue; // told twice, it is one picture all the same
            }

            if (item.HasImage)
            {
                var image = ImageReader.Read(item, images.Count, time.GetUtcNow().UtcDateTime, reply.Secrets);
                image.TaskUuid = taskUuid;
                images.Add(image);
            }
            else if (item.ImageUuid is not null && item.Error is null && (item.Status is null or "success"))
            {
                failures.Add(new RunwareException(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, $"The result {item.ImageUuid:D} has neither an address nor data that can be read.") { TaskUuid = taskUuid });
            }
            else if (item.Error is not null || item.Status == "error")
            {
                failures.Add(new RunwareException(ErrorReader.ToException(item, reply.Secrets), taskUuid));
            }
            else
            {
                isProcessing |= item.Status is "processing" or "pending" or "queued" or "scheduled" or "waiting";
            }
        }

        var progress = reply.Items.Find(i => i.Progress is not null)?.Progress;
        return new TaskResult(
            images,
            failures,
            isProcessing,
            reply.Items.Count > 0,
            progress is { } percent ? (int)Math.Clamp(percent, 0, 100) : null,
            reply.Items.Find(i => i.TaskType is not null and not "getResponse")?.TaskType,
            reply.IsTorn);
    }
}
