namespace RunwarePS.Journal;

/// <summary>Opens journals. Implemented in an assembly of its own, which is loaded when the first task is journaled.</summary>
internal interface ITaskJournalFactory
{
    /// <summary>Opens a journal, and makes it where it is absent.</summary>
    /// <exception cref="RunwareException"><c>JournalUnavailable</c>.</exception>
    ITaskJournal Open(string path);
}

/// <summary>
/// What was asked for, what was accepted, what came of it, what was saved, and what it cost; for all processes of a machine.
/// Reads see every write that was begun before them. Writes that nobody waits for are committed in their order, together; who continues on them
/// does so on the writing thread, before a later flush is complete, and must be brief.
/// </summary>
internal interface ITaskJournal : IDisposable
{
    /// <summary>Random bytes of this journal, so that a fingerprint of a key says nothing elsewhere.</summary>
    byte[] Salt { get; }

    /// <summary>Complete once the journal holds what processes that are gone had begun, when it was last read; failed where not.</summary>
    Task TakeOver { get; }

    /// <summary>Books a task before it is sent; it is durable when this returns.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="task">The task with its exact request.</param>
    /// <param name="pictures">The pictures that the request holds, by content hash.</param>
    /// <param name="dailyCap">What all tasks of this scope and day may cost in USD, this one's reservation included.</param>
    Task<BeginOutcome> BeginAsync(JournalScope scope, JournalTask task, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> pictures, decimal? dailyCap);

    /// <summary>Books a task under an id that was made for it: a note of it is durable when this returns, and its row follows.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="task">The task with its exact request, which holds no pictures.</param>
    /// <param name="committed">Complete once its row is committed.</param>
    /// <returns>False where it cannot be done so, and <see cref="BeginAsync"/> must.</returns>
    bool TryAnnounce(JournalScope scope, JournalTask task, out Task committed);

    /// <summary>The API has it: its request is no longer needed and goes, with whatever it held.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="taskUuid">Which it is.</param>
    /// <param name="isWaitedFor">True where this process goes on working on it; otherwise anybody may take it up.</param>
    Task AcceptedAsync(JournalScope scope, Guid taskUuid, bool isWaitedFor);

    /// <summary>It has ended, in <see cref="RunwareTaskStatus"/>'s words, with these results and failures; nobody works on it any more.</summary>
    Task EndedAsync(JournalScope scope, Guid taskUuid, string status, IReadOnlyList<RunwareOutput> outputs, IReadOnlyList<RunwareFailure> failures, DateTime at);

    /// <summary>Nobody works on it any more.</summary>
    Task ReleasedAsync(JournalScope scope, Guid taskUuid);

    /// <summary>This process takes it up; false where another living one has it.</summary>
    Task<bool> ClaimAsync(JournalScope scope, Guid taskUuid);

    /// <summary>One of its pictures lies safe on disk.</summary>
    Task SavedAsync(JournalScope scope, RunwareImage image, string path);

    /// <summary>The tasks of a scope, oldest first; with ids, only these.</summary>
    Task<IReadOnlyList<JournalTask>> ListAsync(JournalScope scope, IReadOnlyCollection<Guid>? taskUuids);

    /// <summary>The request of a task that was never accepted, with its pictures; null where there is none.</summary>
    Task<(byte[] Request, IReadOnlyDictionary<string, byte[]> Pictures)?> RequestAsync(JournalScope scope, Guid taskUuid);

    /// <summary>Forgets tasks. What they cost stays in the ledger.</summary>
    Task RemoveAsync(JournalScope scope, IReadOnlyCollection<Guid> taskUuids);

    /// <summary>Complete once everything asked for before it is committed.</summary>
    Task FlushAsync();

    /// <summary>What was charged, oldest first. Times are UTC.</summary>
    Task<IReadOnlyList<RunwareSpend>> SpendAsync(JournalScope scope, DateTime? since, DateTime? until);
}

/// <summary>Whose rows: those of one endpoint and one key, which is known only by its fingerprint.</summary>
internal sealed record JournalScope(string Endpoint, string Account)
{
    /// <summary>Short and unique: the same task id may stand in a journal once for each scope.</summary>
    public string Id { get; } = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Endpoint}\n{Account}")))[..12];

    /// <summary>The scope of a connection in the journal that has this salt.</summary>
    public static JournalScope Of(ConnectionSettings settings, byte[] salt) =>
        new(Redaction.Address(settings.Endpoint).TrimEnd('/'), settings.Key is { } key ? Convert.ToHexString(key.Hash(salt))[..16] : "none");
}

internal enum BeginResult
{
    /// <summary>Booked, and to be sent.</summary>
    Booked,

    /// <summary>The journal holds this id already, in this scope: an earlier send may have been accepted.</summary>
    Held,

    /// <summary>The journal holds this id for another request; nothing was booked.</summary>
    OfAnother,

    /// <summary>It could pass the cap; nothing was booked.</summary>
    OverBudget,
}

/// <param name="Result">What became of it.</param>
/// <param name="BookedToday">What this scope and day had booked before, in USD.</param>
internal sealed record BeginOutcome(BeginResult Result, decimal BookedToday);

/// <summary>A row of the journal.</summary>
internal sealed class JournalTask
{
    public required Guid TaskUuid { get; init; }

    /// <summary>In <see cref="RunwareTaskStatus"/>'s words.</summary>
    public string Status { get; set; } = RunwareTaskStatus.Pending;

    public string? TaskType { get; init; }

    public required ImageFacts Facts { get; init; }

    public int Expected { get; init; } = 1;

    /// <summary>The exact request, its pictures by their hash; only until it is accepted.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The most it can cost in USD, as far as that is known.</summary>
    public decimal? Reserved { get; init; }

    public DateTime SubmittedAt { get; init; }

    public DateTime? CompletedAt { get; init; }

    /// <summary>True where a process that is alive works on it.</summary>
    public bool IsOwned { get; init; }

    public List<RunwareImage> Images { get; } = [];

    public List<RunwareFailure> Failures { get; } = [];

    public bool HasEnded => Status is RunwareTaskStatus.Succeeded or RunwareTaskStatus.PartiallySucceeded or RunwareTaskStatus.Failed;

    /// <summary>How many outputs it has, of every kind. Only images are kept here: the server has the rest.</summary>
    public int OutputCount { get; init; }

    /// <summary>What it cost in USD; null where that is not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>True where it has ended and its results can be had without asking the server.</summary>
    public bool IsWhole => HasEnded && Images.Count >= OutputCount && Images.TrueForAll(i => i.ImageUrl is not null);
}
