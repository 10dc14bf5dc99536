namespace RunwarePS.Gallery;

/// <summary>What one card of a gallery tells: a picture, a failure with its reason, or work that has not ended.</summary>
internal sealed record GalleryEntry
{
    public required GalleryState State { get; init; }

    /// <summary>Prompt, model, size, cost, ids: what is known of the request and its result.</summary>
    public required GenerationMetadata Metadata { get; init; }

    /// <summary>The saved file in full, where there is one.</summary>
    public string? File { get; init; }

    /// <summary>Its length in bytes.</summary>
    public long? FileLength { get; init; }

    /// <summary>Where the picture comes from that was not saved.</summary>
    public RunwareImage? Image { get; init; }

    public RunwareFailure? Failure { get; init; }

    /// <summary>How far a task is that has neither pictures nor failures.</summary>
    public string? Status { get; init; }

    /// <summary>A picture. What the object does not say (CLIXML loses the quality, a bare file says nothing) is read out of its file.</summary>
    /// <param name="image">The picture, or an empty object for a bare file.</param>
    /// <param name="file">The saved file, if it is there.</param>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> where there is nothing to show.</exception>
    public static GalleryEntry Of(RunwareImage image, string? file)
    {
        var metadata = GenerationMetadata.Of(image);
        if (file is not null && MetadataReader.Read(file) is { } written && Agree(metadata.ImageUuid, written.ImageUuid))
        {
            metadata = metadata.MergeMissing(written);
        }

        var isNothing = file is null && image is { ImageUrl: null, Prompt: null } && metadata.ImageUuid is null && metadata.TaskUuid is null && !image.HasData;
        return isNothing
            ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", $"'{image.Path}' is no file.")
            : new GalleryEntry { State = GalleryState.Picture, Metadata = metadata, File = file, Image = image };
    }

    /// <summary>What came of a task: its pictures and failures, or the task itself while there is neither.</summary>
    /// <param name="task">The task.</param>
    /// <param name="find">Finds the saved file of a picture.</param>
    public static IEnumerable<GalleryEntry> Of(RunwareTask task, Func<RunwareImage, string?> find)
    {
        var asked = new GenerationMetadata
        {
            Prompt = task.Prompt,
            Model = task.Model,
            Tag = task.Tag,
            TaskUuid = task.TaskUuid,
            CreatedAt = task.CompletedAt ?? task.SubmittedAt,
        };
        foreach (var image in task.Image)
        {
            var entry = Of(image, find(image));
            yield return entry with { Metadata = entry.Metadata.MergeMissing(asked) };
        }

        // A sibling's picture knows what else the failed one was asked for.
        var sibling = task.Image is [var first, ..]
            ? GenerationMetadata.Of(first) with { ImageUuid = null, Seed = null, Cost = null, CreatedAt = null }
            : null;
        foreach (var failure in task.Failure)
        {
            yield return new GalleryEntry { State = GalleryState.Failure, Metadata = asked.MergeMissing(sibling), Failure = failure };
        }

        if (task.Image.Length + task.Failure.Length == 0)
        {
            var failed = task.Status == RunwareTaskStatus.Failed;
            yield return new GalleryEntry { State = failed ? GalleryState.Failure : GalleryState.Waiting, Metadata = asked, Status = task.Status };
        }
    }

    private static bool Agree(Guid? ours, Guid? theirs) => ours is null || theirs is null || ours == theirs;
}

internal enum GalleryState
{
    Picture,
    Failure,
    Waiting,
}
