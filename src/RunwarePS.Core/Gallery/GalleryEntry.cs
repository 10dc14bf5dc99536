namespace RunwarePS.Gallery;

/// <summary>What one card of a gallery shows: a result, a failure with its reason, or a task that hasn't ended.</summary>
internal sealed record GalleryEntry
{
    public required GalleryState State { get; init; }

    /// <summary>What is known of the request and its result.</summary>
    public required GenerationMetadata Metadata { get; init; }

    /// <summary>The full path of the saved file; null if there is none.</summary>
    public string? File { get; init; }

    /// <summary>Its length in bytes.</summary>
    public long? FileLength { get; init; }

    /// <summary>The result itself; null for a failure and a task.</summary>
    public RunwareOutput? Output { get; init; }

    public RunwareFailure? Failure { get; init; }

    /// <summary>The status of a task that has neither results nor failures.</summary>
    public string? Status { get; init; }

    /// <summary>A result. What the object doesn't have (CLIXML loses the quality, a bare file has nothing) is read from its file.</summary>
    /// <param name="output">The result, or an empty object for a bare file.</param>
    /// <param name="file">The saved file, if it exists.</param>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> if there is nothing to show.</exception>
    public static GalleryEntry Of(RunwareOutput output, string? file)
    {
        var metadata = GenerationMetadata.Of(output);
        if (file is not null && MetadataReader.Read(file) is { } written && Agree(metadata.MediaUuid, written.MediaUuid))
        {
            metadata = metadata.MergeMissing(written);
        }

        var isNothing = file is null && output is RunwareMedia { Url: null, Prompt: null, HasData: false }
            && metadata.MediaUuid is null && metadata.TaskUuid is null;
        return isNothing
            ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                Strings.FileNotFound.With(((RunwareMedia)output).Path))
            : new GalleryEntry { State = GalleryState.Result, Metadata = metadata, File = file, Output = output };
    }

    /// <summary>What came of a task: its results and failures, or the task itself while there is neither.</summary>
    /// <param name="task">The task.</param>
    /// <param name="find">Finds the saved file of a result.</param>
    public static IEnumerable<GalleryEntry> Of(RunwareTask task, Func<RunwareOutput, string?> find)
    {
        var asked = new GenerationMetadata
        {
            Prompt = task.Prompt,
            Model = task.Model,
            Tag = task.Tag,
            TaskUuid = task.TaskUuid,
            CreatedAt = task.CompletedAt ?? task.SubmittedAt,
        };
        RunwareOutput[] outputs = task.Output.Length > 0 ? task.Output : task.Image;
        foreach (var output in outputs)
        {
            var entry = Of(output, find(output));
            yield return entry with { Metadata = entry.Metadata.MergeMissing(asked) };
        }

        // Another result of the task has the rest of what was requested of the failed one.
        var sibling = outputs is [var first, ..]
            ? GenerationMetadata.Of(first) with { ImageUuid = null, Uuid = null, Seed = null, Cost = null, CreatedAt = null }
            : null;
        foreach (var failure in task.Failure)
        {
            yield return new GalleryEntry { State = GalleryState.Failure, Metadata = asked.MergeMissing(sibling), Failure = failure };
        }

        if (outputs.Length + task.Failure.Length == 0)
        {
            var failed = task.Status == RunwareTaskStatus.Failed;
            var state = failed ? GalleryState.Failure : GalleryState.Waiting;
            yield return new GalleryEntry { State = state, Metadata = asked, Status = task.Status };
        }
    }

    private static bool Agree(Guid? ours, Guid? theirs) => ours is null || theirs is null || ours == theirs;
}

internal enum GalleryState
{
    Result,
    Failure,
    Waiting,
}
