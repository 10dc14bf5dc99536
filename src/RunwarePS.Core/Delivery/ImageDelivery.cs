namespace RunwarePS.Delivery;

/// <summary>What became of one image task: its good results and its failures, either of which may be empty.</summary>
internal sealed record ImageOutcome(IReadOnlyList<RunwareImage> Images, IReadOnlyList<RunwareException> Failures)
{
    /// <summary>
    /// True where each image seems to carry the cost of the whole task: whether the API names it per image or per task is not known,
    /// so the images' costs are summed, and this sum stands out.
    /// </summary>
    public bool CostLooksMultiplied(ImageTask task) =>
        Images.Count > 1 && task.Forecast.Exact is { } exact && Images.Sum(i => i.Cost ?? 0) == exact * Images.Count;
}

/// <summary>
/// Brings one task from its request to its results. The only place that may ever repeat a submit; today it sends each task once,
/// under the one id it has, and an unclear end names that id.
/// </summary>
internal sealed class ImageDelivery(RunwareClient client, TimeProvider time)
{
    /// <summary>Sends a task and reads what it made.</summary>
    public async Task<ImageOutcome> RunAsync(ImageTask task, CancellationToken cancellationToken)
    {
        var replies = await client.ImageInferenceAsync([task.Wire], cancellationToken).ConfigureAwait(false);
        var reply = replies.Of(task.TaskUuid);
        var (images, failures) = Sort(reply, replies.Secrets);
        foreach (var image in images)
        {
            image.TaskUuid = task.TaskUuid;
            image.Prompt = task.Request.Prompt;
            image.Model = task.Model;
            image.Width = task.Wire.Integer("width");
            image.Height = task.Wire.Integer("height");
            image.OutputFormat = task.OutputFormat;
            image.InputIndex = task.Request.InputIndex;
            image.Tag = task.Request.Tag;
        }

        if (images.Count + failures.Count < task.Expected)
        {
            failures.Add(new RunwareException(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown,
                FormattableString.Invariant($"The reply to task {task.TaskUuid:D} holds {images.Count} of {task.Expected} pictures and no reason."))
            {
                TaskUuid = task.TaskUuid,
            });
        }

        return new ImageOutcome(images, failures);
    }

    /// <summary>Sends a task that is to be asked for later, and returns once the API has accepted it.</summary>
    /// <exception cref="RunwareException">The API refused it, or whether it accepted it is not clear.</exception>
    public async Task<RunwareTask> SubmitAsync(ImageTask task, CancellationToken cancellationToken)
    {
        var submitted = time.GetUtcNow().UtcDateTime;
        var replies = await client.ImageInferenceAsync([task.Wire], cancellationToken).ConfigureAwait(false);
        var reply = replies.Of(task.TaskUuid);
        var (images, failures) = Sort(reply, replies.Secrets);
        if (failures.Count > 0 && images.Count == 0)
        {
            throw failures[0];
        }

        if (reply.Items.Count == 0)
        {
            throw new RunwareException(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, $"The reply says nothing about task {task.TaskUuid:D}.") { TaskUuid = task.TaskUuid };
        }

        return new RunwareTask
        {
            TaskUuid = task.TaskUuid,
            TaskType = ImageRequest.TaskType,
            Status = StatusOf(reply, images.Count, failures.Count),
            Expected = task.Expected,
            Image = [.. images],
            Failure = [.. failures.Select(ToFailure)],
            Model = task.Model,
            Prompt = task.Request.Prompt,
            Tag = task.Request.Tag,
            SubmittedAt = submitted,
        };
    }

    /// <summary>Asks once for the present state of a task.</summary>
    /// <exception cref="RunwareException">The question was refused, which says nothing about the task.</exception>
    public async Task<RunwareTask> GetTaskAsync(Guid taskUuid, CancellationToken cancellationToken)
    {
        var replies = await client.GetResponseAsync([taskUuid], cancellationToken).ConfigureAwait(false);
        var reply = replies.Of(taskUuid);
        if (reply.Errors.Find(e => !reply.ErrorsNameTask || e.Category is RunwareErrorCategory.Authentication or RunwareErrorCategory.RateLimit) is { } refused)
        {
            throw refused;
        }

        var (images, failures) = Sort(reply, replies.Secrets);
        var status = StatusOf(reply, images.Count, failures.Count);
        return new RunwareTask
        {
            TaskUuid = taskUuid,
            TaskType = reply.Items.Find(i => i.TaskType is not null and not "getResponse")?.TaskType,
            Status = status,
            Progress = reply.Items.Find(i => i.Progress is not null)?.Progress is { } progress ? (int)Math.Clamp(progress, 0, 100) : null,
            Image = [.. images],
            Failure = [.. failures.Select(ToFailure)],
            Cost = images.Exists(i => i.Cost is not null) ? images.Sum(i => i.Cost ?? 0) : null,
        };
    }

    private (List<RunwareImage> Images, List<RunwareException> Failures) Sort(TaskReply reply, Secrets secrets)
    {
        var images = new List<RunwareImage>();
        var failures = new List<RunwareException>(reply.Errors);
        foreach (var item in reply.Items)
        {
            if (item.HasImage)
            {
                images.Add(ImageReader.Read(item, images.Count, time.GetUtcNow().UtcDateTime, secrets));
            }
            else if (item.Error is not null || item.Status == "error")
            {
                failures.Add(ErrorReader.ToException(item, secrets));
            }
        }

        return (images, failures);
    }

    private static string StatusOf(TaskReply reply, int images, int failures) =>
        reply.Items.Exists(i => i.Status is "processing" or "pending" or "queued" or "scheduled" or "waiting") ? RunwareTaskStatus.Processing
        : images > 0 ? failures > 0 ? RunwareTaskStatus.PartiallySucceeded : RunwareTaskStatus.Succeeded
        : failures > 0 ? RunwareTaskStatus.Failed
        : reply.Items.Count > 0 ? RunwareTaskStatus.Submitted
        : RunwareTaskStatus.Unknown;

    private static RunwareFailure ToFailure(RunwareException e) => new()
    {
        Code = e.Code,
        Category = e.Category.ToString(),
        Message = e.Message,
        Parameter = e.Parameter,
    };
}
