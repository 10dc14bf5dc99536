namespace RunwarePS.Journal;

internal enum BeginResult
{
    /// <summary>Booked, and to be sent.</summary>
    Booked,

    /// <summary>The journal holds this id already, in this scope: an earlier send may have been accepted.</summary>
    AlreadyExists,

    /// <summary>The journal holds this id for another request; nothing was booked.</summary>
    DifferentRequest,

    /// <summary>It could pass the cap; nothing was booked.</summary>
    OverBudget,
}

/// <param name="Result">What became of it.</param>
/// <param name="BookedToday">What this scope and day had booked before, in USD.</param>
internal sealed record BeginOutcome(BeginResult Result, decimal BookedToday);
