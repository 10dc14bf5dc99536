namespace RunwarePS.Tasks;

/// <summary>
/// Rules between the tasks of one pipeline: an ID can be used for one task, and an upload URL for one result.
/// </summary>
internal sealed class TaskBatch
{
    private readonly HashSet<string> _uploads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeterministicTaskId> _keys = new(StringComparer.Ordinal);

    /// <param name="task">What a record asks for.</param>
    /// <param name="key">What the id is derived from, where it is.</param>
    /// <exception cref="RunwareException">What is wrong with the record beside those before it, found before anything is sent.</exception>
    public TaskRequest Prepare(TaskRequest task, string? key = null)
    {
        if (task is { IsIdGiven: true, InputIndex: > 0, IsUtility: false })
        {
            throw RunwareException.Invalid(ErrorCodes.TaskUuidReused, "TaskUuid",
                Strings.TaskUuidReused.With(task.TaskUuid));
        }

        if (task.IsIdGiven && key is not null)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "TaskUuid",
                Strings.TaskUuidWithIdempotencyKey);
        }

        if (task.Body.Text("uploadEndpoint") is { } address && !_uploads.Add(address))
        {
            throw RunwareException.Invalid(ErrorCodes.UploadEndpointNeedsSingleResult, "UploadEndpoint",
                Strings.UploadEndpointReused);
        }

        return key is null ? task : task.WithId(IdOf(key));
    }

    private DeterministicTaskId IdOf(string key)
    {
        if (!_keys.TryGetValue(key, out var id))
        {
            _keys[key] = id = new DeterministicTaskId(key);
        }

        return id;
    }
}
