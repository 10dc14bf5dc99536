using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>
/// Uploads the local media of requests that can't be sent in them, before a task is recorded. The same content is uploaded once.
/// Source: https://runware.ai/docs/utilities/media-storage.
/// </summary>
/// <param name="answer">Sends a utility task.</param>
/// <param name="journal">Remembers the uploads of earlier sessions.</param>
internal sealed class MediaUploader(Func<TaskRequest, CancellationToken, Task<TaskResult>> answer, ConnectionJournal journal)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<StoredMedium>>> _uploads = new(StringComparer.Ordinal);

    /// <summary>Uploads the media of a request that the API doesn't store yet.</summary>
    /// <exception cref="RunwareException">An upload was refused, or a file can't be read any more.</exception>
    public async Task UploadAsync(JsonNode? node, CancellationToken cancellationToken)
    {
        switch (node)
        {
            case JsonObject table:
                foreach (var (_, value) in table)
                {
                    await UploadAsync(value, cancellationToken).ConfigureAwait(false);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    await UploadAsync(item, cancellationToken).ConfigureAwait(false);
                }

                break;
            case JsonValue value when value.TryGetValue<MediaInput>(out var media) && media is { IsUpload: true, Text: null }:
                media.Uploaded((await StoreAsync(media, cancellationToken).ConfigureAwait(false)).Uuid);
                break;
        }
    }

    /// <summary>
    /// Uploads content, or finds it where it was uploaded before. Tasks that have the same content wait for the same upload. An upload that
    /// failed is tried again by the next task, and one that ended because its own task was stopped, by a task that waits for it.
    /// </summary>
    /// <exception cref="RunwareException">The upload was refused, or a file can't be read any more.</exception>
    public async Task<StoredMedium> StoreAsync(MediaInput media, CancellationToken cancellationToken)
    {
        while (true)
        {
            var upload = _uploads.GetOrAdd(
                media.ContentHash, _ => new Lazy<Task<StoredMedium>>(() => FindOrUploadAsync(media, cancellationToken)));
            try
            {
                return await upload.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!upload.Value.IsCompleted)
            {
                throw; // this task was stopped, and the others go on
            }
            catch (Exception e)
            {
                _uploads.TryRemove(KeyValuePair.Create(media.ContentHash, upload));
                if (e is not OperationCanceledException || cancellationToken.IsCancellationRequested)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The API no longer stores a medium: its content would be uploaded again.</summary>
    public void Forget(Guid id)
    {
        foreach (var (hash, upload) in _uploads)
        {
            if (upload is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } stored } && stored.Result.Uuid == id)
            {
                _uploads.TryRemove(KeyValuePair.Create(hash, upload));
            }
        }

        journal.UploadRemoved(id);
    }

    private async Task<StoredMedium> FindOrUploadAsync(MediaInput media, CancellationToken cancellationToken)
    {
        if (await journal.FindUploadAsync(media.ContentHash, cancellationToken).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        var task = new TaskRequest(new JsonObject
        {
            ["taskType"] = TaskTypes.MediaStorage,
            ["taskUUID"] = Guid.NewGuid().ToString("D"),
            ["operation"] = "upload",
            ["media"] = new MediaInput(await ReadAsync(media, cancellationToken).ConfigureAwait(false)).ToNode(),
        });
        var result = await answer(task, cancellationToken).ConfigureAwait(false);
        var stored = result.Outputs.OfType<RunwareMediaReference>().FirstOrDefault()
            ?? throw result.Failures.FirstOrDefault() ?? RetryPolicy.MissingResponse(task.TaskUuid);
        var medium = new StoredMedium(stored.Uuid, stored.Url);
        journal.Uploaded(media.ContentHash, medium);
        return medium;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(MediaInput media, CancellationToken cancellationToken)
    {
        try
        {
            return await media.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
                Strings.UnnamedFileUnreadable.With(e.Message), e);
        }
    }
}
