using System.Text.Json.Nodes;

namespace RunwarePS.Delivery;

/// <summary>What became of one image task: its good results and its failures, either of which may be empty.</summary>
internal sealed record ImageOutcome(IReadOnlyList<RunwareImage> Images, IReadOnlyList<RunwareException> Failures);

/// <summary>
/// Brings one task from its request to its results. The only place that may ever repeat a submit; today it sends each task once,
/// under the one id it has, and an unclear end names that id.
/// </summary>
internal sealed class ImageDelivery(RunwareClient client, TimeProvider time)
{
    /// <summary>Sends a checked request and reads what it made.</summary>
    public async Task<ImageOutcome> RunAsync(ImageRequest request, JsonObject wire, CancellationToken cancellationToken)
    {
        var replies = await client.ImageInferenceAsync([wire], cancellationToken).ConfigureAwait(false);
        var reply = replies.Of(request.TaskUuid);
        var (images, failures) = Sort(reply);
        foreach (var image in images)
        {
            image.TaskUuid = request.TaskUuid;
            image.Prompt = request.Prompt;
            image.Model = request.Model;
            image.Width = request.Width;
            image.Height = request.Height;
            image.OutputFormat = wire["outputFormat"]?.GetValue<string>() ?? Models.ModelCatalogue.Default.Find(request.Model)?.Parameters["outputFormat"].Default;
            image.InputIndex = request.InputIndex;
            image.Tag = request.Tag;
        }

        if (images.Count + failures.Count < request.Expected && !request.Async)
        {
            failures.Add(new RunwareException(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown,
                FormattableString.Invariant($"The reply to task {request.TaskUuid:D} holds {images.Count} of {request.Expected} pictures and no reason."))
            {
                TaskUuid = request.TaskUuid,
            });
        }

        return new ImageOutcome(images, failures);
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

        var (images, failures) = Sort(reply);
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

    private (List<RunwareImage> Images, List<RunwareException> Failures) Sort(TaskReply reply)
    {
        var images = new List<RunwareImage>();
        var failures = new List<RunwareException>(reply.Errors);
        foreach (var item in reply.Items)
        {
            if (item.HasImage)
            {
                images.Add(ImageReader.Read(item, images.Count, time.GetUtcNow().UtcDateTime, client.Settings.Key));
            }
            else if (item.Error is not null || item.Status == "error")
            {
                failures.Add(ErrorReader.ToException(item, client.Settings.Key));
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
