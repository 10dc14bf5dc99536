using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>Rows to keep, and whose they are.</summary>
internal static class Rows
{
    public static readonly IReadOnlyDictionary<string, Func<byte[]>> NoPictures = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal);

    public static readonly JournalScope Mine = new("https://api.example/v1", "ACCOUNT");

    public static JournalTask Task(Guid? id = null, decimal? reserved = Some.Price, DateTime? at = null, string? tag = null, int expected = 1) => new()
    {
        TaskUuid = id ?? Guid.NewGuid(),
        TaskType = "imageInference",
        Metadata = new GenerationMetadata
        {
            Model = "openai:1@1",
            Prompt = "A fox in the snow",
            Tag = tag,
            Width = 1536,
            Height = 1024,
            OutputFormat = "PNG",
            Quality = "high",
            Background = "opaque",
            InputIndex = 7,
            RequestHash = "HASH",
        },
        Expected = expected,
        Request = "{\"a\":1}"u8.ToArray(),
        Reserved = reserved,
        SubmittedAt = at ?? DateTime.UtcNow,
    };

    public static async Task<JournalTask> BegunAsync(this TestJournal journal, JournalTask? task = null, JournalScope? scope = null)
    {
        task ??= Task();
        (await journal.BeginAsync(scope ?? Mine, task, NoPictures, dailyCap: null)).ShouldBeOfType<BeginOutcome.Booked>();
        return task;
    }

    public static Task EndedAsync(this TestJournal journal, JournalTask task, params RunwareImage[] images) =>
        journal.EndedAsync(Mine, task.TaskUuid, RunwareTaskStatus.Succeeded, images, [], DateTime.UtcNow);

    public static RunwareImage Image(JournalTask task, int index = 0, decimal? cost = Some.Price) => new()
    {
        TaskUuid = task.TaskUuid,
        ImageUuid = Say.PictureId(task.TaskUuid, index),
        ImageUrl = new Uri($"https://im.example/{task.TaskUuid:D}-{index}.png"),
        Index = index,
        Cost = cost,
        Seed = 4_000_000_000 + index,
        NsfwContent = index % 2 == 0,
        CreatedAt = new DateTime(2026, 3, 1, 12, 0, 0, 250, DateTimeKind.Utc),
    };
}
