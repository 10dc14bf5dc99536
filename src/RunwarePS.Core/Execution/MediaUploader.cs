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

    /// <summary>
    /// Has the API fetch and store what a URL holds. That can change, so it's fetched each time. If the API returns the same URL, its query
    /// is left out: it can be a signature.
    /// </summary>
    /// <exception cref="RunwareException">The API can't fetch or store it.</exception>
    public async Task<RunwareMediaReference> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        var stored = await SendAsync(new MediaInput(url.OriginalString), cancellationToken).ConfigureAwait(false);
        if (stored.Url is { IsAbsoluteUri: true } same && Redaction.Address(same) == Redaction.Address(url))
        {
            stored.Url = new Uri(Redaction.Address(url));
        }

        return stored;
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

        var content = new MediaInput(await ReadAsync(media, cancellationToken).ConfigureAwait(false));
        if (content.ContentHash != media.ContentHash)
        {
            // The request was recorded with the content that the file had, and its upload is remembered for other requests.
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, Strings.FileChanged);
        }

        var stored = await SendAsync(content, cancellationToken).ConfigureAwait(false);
        var medium = new StoredMedium(stored.Uuid, stored.Url);
        journal.Uploaded(media.ContentHash, medium);
        return medium;
    }

    private async Task<RunwareMediaReference> SendAsync(MediaInput media, CancellationToken cancellationToken)
    {
        var task = new TaskRequest(new JsonObject
        {
            ["taskType"] = TaskTypes.MediaStorage,
            ["taskUUID"] = Guid.NewGuid().ToString("D"),
            ["operation"] = "upload",
            ["media"] = media.ToNode(),
        });
        var result = await answer(task, cancellationToken).ConfigureAwait(false);
        return result.Outputs.OfType<RunwareMediaReference>().FirstOrDefault()
            ?? throw result.Failures.FirstOrDefault() ?? RetryPolicy.MissingResponse(task.TaskUuid);
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
