namespace RunwarePS.Journal;

/// <summary>What tells one task of a journal from another at a glance.</summary>
internal sealed record JournalHint(Guid TaskUuid, string Status, string? Prompt, DateTime SubmittedAt);
