namespace RunwarePS.Journal;

/// <summary>
/// A request as the journal keeps it: the exact JSON, with each image replaced by the hash of its bytes, so that an image that many
/// requests share is kept once.
/// </summary>
internal static class JournalRequest
{
    public static (JournalTask Row, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Media) ToRow(TaskRequest task, decimal? reserved)
    {
        var media = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        using var request = new PooledBuffer();
        MediaMarks.Write(task.Body, request, keys => keys, (hash, bytes) => media[hash] = bytes);
        var row = new JournalTask
        {
            TaskUuid = task.TaskUuid,
            TaskType = task.TaskType,
            Metadata = task.Metadata,
            Expected = task.Expected,
            Request = request.Written.ToArray(),
            Reserved = reserved,
            SubmittedAt = DateTime.UtcNow,
        };
        return (row, media);
    }

    /// <summary>The task as it was, under the id that it had. It may have been accepted.</summary>
    public static TaskRequest ToTask(GenerationMetadata metadata, byte[] request, IReadOnlyDictionary<string, byte[]> media) =>
        TaskRequest.Resumed(MediaMarks.Read(request, media), metadata);
}
