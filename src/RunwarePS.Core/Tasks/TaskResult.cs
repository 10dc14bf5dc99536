namespace RunwarePS.Tasks;

/// <summary>The result of one task in a response: its outputs, its failures, and whether more results are expected.</summary>
internal sealed class TaskResult
{
    private bool _isClosed;

    /// <summary>The state of a task before the first response.</summary>
    public static TaskResult Nothing => new();

    public List<RunwareOutput> Outputs { get; init; } = [];

    /// <summary>Those of the outputs that are images.</summary>
    public IReadOnlyList<RunwareImage> Images => [.. Outputs.OfType<RunwareImage>()];

    public List<RunwareException> Failures { get; init; } = [];

    public bool IsProcessing { get; init; }

    /// <summary>True if the response was incomplete.</summary>
    public bool IsTorn { get; init; }

    /// <summary>True where it came as a stream.</summary>
    public bool HasStreamed { get; init; }

    /// <summary>False if the response doesn't contain the task: an unknown task and one that hasn't started look alike.</summary>
    public bool IsKnown { get; init; }

    /// <summary>0 to 100.</summary>
    public int? Progress { get; init; }

    public string? TaskType { get; init; }

    /// <summary>The items of the response as they came, where that was asked for.</summary>
    public IReadOnlyList<string> Raw { get; init; } = [];

    public string Status =>
        IsProcessing ? RunwareTaskStatus.Processing
        : Outputs.Count > 0 ? Failures.Count > 0 ? RunwareTaskStatus.PartiallySucceeded : RunwareTaskStatus.Succeeded
        : Failures.Count > 0 ? RunwareTaskStatus.Failed
        : IsKnown ? RunwareTaskStatus.Submitted
        : RunwareTaskStatus.Unknown;

    /// <summary>The sum of the costs of the outputs in USD; null if none is known.</summary>
    public decimal? Cost => Outputs.Exists(o => o.Cost is not null) ? Outputs.Sum(o => o.Cost ?? 0) : null;

    /// <summary>Whether the cost of each result is known.</summary>
    public bool IsCostKnown => Outputs.TrueForAll(o => o.IsPart || o.Cost is not null);

    /// <summary>How many results there are, good and bad. One result can have several outputs.</summary>
    public int Count => Outputs.Count(o => !o.IsPart) + Failures.Count;

    /// <summary>
    /// True where each image seems to carry the cost of the whole task: whether the API names it per image or per task is not known,
    /// so the images' costs are summed, and this sum is noticeable.
    /// </summary>
    public bool CostLooksMultiplied(TaskRequest task) =>
        Outputs.Count > 1 && task.Forecast.Exact is { } exact && Outputs.Sum(o => o.Cost ?? 0) == exact * Outputs.Count;

    /// <summary>
    /// Whether nothing more will come. Where it is known how many results were asked for, as many must be there: one that failed states
    /// nothing of the others.
    /// </summary>
    public bool HasEnded(int? expected) =>
        _isClosed || (!IsProcessing && (expected is { } all ? Count >= all : !IsTorn && Count > 0));

    /// <summary>
    /// Whether the response to a submission is final, so that the task isn't polled: the API accepts or refuses a request as a whole.
    /// </summary>
    public bool IsFinalAnswer(int expected) => HasEnded(expected) || (!IsProcessing && !IsTorn && Failures.Count > 0);

    /// <summary>Nothing more will come. Adds a failure for missing results, if the response doesn't contain one.</summary>
    public void CloseShort(Guid taskUuid, int? expected)
    {
        _isClosed = true;
        if (Failures.Count == 0 && Count < expected)
        {
            Failures.Add(new RunwareException(
                ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, Strings.ResultsMissing.With(taskUuid, Count, expected))
            {
                TaskUuid = taskUuid,
            });
        }
    }
}
