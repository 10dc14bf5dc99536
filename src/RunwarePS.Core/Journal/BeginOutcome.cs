namespace RunwarePS.Journal;

/// <summary>What became of the request to record a task before it is sent.</summary>
internal abstract record BeginOutcome
{
    private BeginOutcome()
    {
    }

    /// <summary>Recorded, and to be sent.</summary>
    public sealed record Booked(TaskLease Lease) : BeginOutcome;

    /// <summary>The journal has the task already, and no process works on it: an earlier request may have been accepted.</summary>
    public sealed record Held(TaskLease Lease) : BeginOutcome;

    /// <summary>The journal has the task already, and another process or pipeline works on it.</summary>
    public sealed record InProgress : BeginOutcome;

    /// <summary>The journal has the task already, and it ended with results.</summary>
    public sealed record Ended : BeginOutcome;

    /// <summary>It could pass the cap; nothing was recorded.</summary>
    /// <param name="BookedToday">What this scope and day had booked before, in USD.</param>
    public sealed record OverBudget(decimal BookedToday) : BeginOutcome;

    /// <summary>The journal has this ID for another request; nothing was recorded.</summary>
    public sealed record DifferentRequest : BeginOutcome;
}
