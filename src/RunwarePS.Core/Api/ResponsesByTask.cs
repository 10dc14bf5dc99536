namespace RunwarePS.Api;

/// <summary>A response, sorted by the task that each part belongs to. The order in the response doesn't matter.</summary>
internal sealed class ResponsesByTask
{
    private readonly Dictionary<Guid, TaskResponse> _byTask = [];

    /// <param name="asked">The ids that the request carried.</param>
    /// <param name="items">All of <c>data</c>.</param>
    /// <param name="errors">
    /// All of <c>errors</c>. One that names another task doesn't concern the requested tasks; one without an ID concerns every
    /// task for which the response contains nothing else, and none that was acknowledged.
    /// </param>
    /// <param name="unanswered">The error of a task that the response omits; null if an omission isn't an error.</param>
    /// <param name="secrets">What no message made from the response may hold.</param>
    public ResponsesByTask(Guid[] asked, IReadOnlyList<ResultItem> items, IReadOnlyList<RunwareException> errors,
        RunwareException? unanswered, Secrets secrets)
    {
        foreach (var id in asked)
        {
            _byTask[id] = new TaskResponse { Secrets = secrets, Neighbors = asked.Length - 1 };
        }

        foreach (var item in items)
        {
            // If one task was requested, an item without an ID belongs to it.
            var id = item.TaskUuid ?? (asked.Length == 1 ? asked[0] : Guid.Empty);
            if (_byTask.TryGetValue(id, out var response))
            {
                response.Items.Add(item);
            }
        }

        errors = [.. errors.Where(e => Concerns(e, asked))];
        foreach (var error in errors)
        {
            if (error.TaskUuid is { } id)
            {
                _byTask[id].Errors.Add(error);
                _byTask[id].ErrorsNameTask = true;
            }
        }

        var isTorn = unanswered is not null;
        var isAnyAnswered = _byTask.Values.Any(r => r.Items.Count > 0);
        Busy = errors.FirstOrDefault(RetryPolicy.IsBusy);
        var general = errors.Where(e => e.TaskUuid is null).ToArray();
        foreach (var (id, response) in _byTask)
        {
            if (response.Errors.Count == 0 && response.Items.Count == 0)
            {
                response.Errors.AddRange(general.Select(e => new RunwareException(e, id)));
                response.AreNeighborsAnswered = isAnyAnswered;
                if (response.Errors.Count == 0 && unanswered is not null)
                {
                    response.Errors.Add(new RunwareException(unanswered, id));
                }
            }
            else if (asked.Length == 1 && response.Items.Exists(IsResult))
            {
                // Beside results of the only task, an error without an ID can concern nothing else. Beside its mere acknowledgment it may
                // concern anything: its polls report how the task ends.
                response.Errors.AddRange(general.Select(e => new RunwareException(e, id)));
            }

            response.IsTorn = isTorn;
        }
    }

    private static bool IsResult(ResultItem item) =>
        item.HasImage || item.ImageUuid is not null || OutputReader.Read(item, index: 0, DateTime.UnixEpoch, Secrets.None).Count > 0;

    /// <summary>The refusal that asks the whole pipeline to wait; null where there is none.</summary>
    public RunwareException? Busy { get; }

    public TaskResponse Of(Guid taskUuid) => _byTask[taskUuid];

    /// <summary>Whether an error concerns the requested tasks: false if it names another task.</summary>
    public static bool Concerns(RunwareException error, Guid[] asked) => error.TaskUuid is not { } id || asked.Contains(id);
}

/// <summary>The part of a response that belongs to one task.</summary>
internal sealed class TaskResponse
{
    public List<ResultItem> Items { get; } = [];

    public List<RunwareException> Errors { get; } = [];

    /// <summary>
    /// True where the response named this task beside an error; false where the errors may concern the request as a whole.
    /// </summary>
    public bool ErrorsNameTask { get; set; }

    /// <summary>
    /// True if the response contains results of other tasks of the same request: an error without an ID doesn't reject all of them.
    /// </summary>
    public bool AreNeighborsAnswered { get; set; }

    /// <summary>
    /// True if the response was incomplete: it may have contained more than could be read, so the task must be queried again.
    /// </summary>
    public bool IsTorn { get; set; }

    /// <summary>
    /// True if a part of a stream arrived: the API has the task, and the stream can't be read again.
    /// </summary>
    public bool HasStreamed { get; init; }

    /// <summary>How many other tasks went in the same request.</summary>
    public required int Neighbors { get; init; }

    /// <summary>What no message made from this response may hold.</summary>
    public required Secrets Secrets { get; init; }
}
