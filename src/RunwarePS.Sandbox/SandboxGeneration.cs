namespace RunwarePS.Sandbox;

/// <summary>Images that a sandbox generated for one task: what the API would have charged for.</summary>
public sealed class SandboxGeneration
{
    internal SandboxGeneration(DateTime at, string taskUuid, string model, int count, decimal? cost)
    {
        At = at;
        TaskUuid = taskUuid;
        Model = model;
        Count = count;
        Cost = cost;
    }

    /// <summary>When the task was accepted (UTC).</summary>
    public DateTime At { get; }

    /// <summary>The task's id, as it was sent.</summary>
    public string TaskUuid { get; }

    /// <summary>The model's AIR.</summary>
    public string Model { get; }

    /// <summary>How many images.</summary>
    public int Count { get; }

    /// <summary>The price of all of them in USD; null where the catalog has none.</summary>
    public decimal? Cost { get; }

    /// <summary>The task and its count.</summary>
    public override string ToString() => FormattableString.Invariant($"{TaskUuid} x{Count}");
}
