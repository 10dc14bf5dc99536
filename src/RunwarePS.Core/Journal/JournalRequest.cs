namespace RunwarePS.Journal;

/// <summary>
/// A request as the journal keeps it: the JSON, with each medium replaced by the hash of its bytes, so that a medium that many requests
/// share is kept once. Both are sealed.
/// </summary>
internal static class JournalRequest
{
    public static (JournalTask Row, IReadOnlyDictionary<string, Func<byte[]>> Media) ToRow(
        TaskRequest task, decimal? reserved, JournalSeal seal)
    {
        var media = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal);
        using var request = new PooledBuffer();
        MediaMarks.Write(task.Body, request, keys => keys, (hash, bytes) =>
        {
            var name = seal.NameOf(hash);
            media[name] = () => seal.Close(bytes.Span, name);
        });
        var row = new JournalTask
        {
            TaskUuid = task.TaskUuid,
            TaskType = task.TaskType,
            Metadata = task.Metadata,
            Expected = task.Expected,
            Request = seal.Close(request.Written.Span, NameOf(task.TaskUuid)),
            Reserved = reserved,
            SubmittedAt = DateTime.UtcNow,
        };
        return (row, media);
    }

    /// <summary>
    /// The task as it was, under the ID that it had; null if it was sealed with another key. It may have been accepted.
    /// </summary>
    public static TaskRequest? ToTask(JournalTask row, KeptRequest kept, JournalSeal seal)
    {
        if (seal.Open(kept.Request, NameOf(row.TaskUuid)) is not { } request)
        {
            return null;
        }

        var media = kept.Media.Select(m => seal.Open(m.Value, m.Key)).OfType<byte[]>()
            .ToDictionary(bytes => new MediaInput(bytes).ContentHash, StringComparer.Ordinal);
        return TaskRequest.Resumed(MediaMarks.Read(request, media), row.Metadata);
    }

    /// <summary>A request of one journal as another keeps it; null if it was sealed with another key.</summary>
    public static KeptRequest? Reseal(Guid taskUuid, KeptRequest kept, JournalSeal from, JournalSeal to)
    {
        if (from.Open(kept.Request, NameOf(taskUuid)) is not { } request)
        {
            return null;
        }

        var media = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var bytes in kept.Media.Select(m => from.Open(m.Value, m.Key)).OfType<byte[]>())
        {
            var name = to.NameOf(new MediaInput(bytes).ContentHash);
            media[name] = to.Close(bytes, name);
        }

        return new KeptRequest(to.Close(request, NameOf(taskUuid)), media);
    }

    private static string NameOf(Guid taskUuid) => taskUuid.ToString("D");
}
