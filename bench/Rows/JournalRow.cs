namespace RunwarePS.Bench.Rows;

internal sealed class JournalRow() : Row("journal on against off", RowGroup.Anatomy)
{
    public override string Measured(Options options) =>
        "The core with its SQLite journal beside the core without one: 10,000 × 0 ms at 16 at a time, warmed up as above, and 100 × 500 ms at 100 at a time.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena) =>
    [
        await CompareAsync(arena, new Job("batch") { Count = 10_000, Throttle = 16 }, latencyMs: 0, TenThousandRow.WarmUps, "10,000 × 0 ms", bar: null),
        await CompareAsync(arena, new Job("batch") { Count = 100, Throttle = 100 }, latencyMs: 500, warmUps: 1, "100 × 500 ms", Bar.AtMost(1.02)),
    ];

    private async Task<Finding> CompareAsync(Arena arena, Job job, int latencyMs, int warmUps, string what, Bar? bar)
    {
        await arena.Server.SetAsync(new ServerSettings(latencyMs));
        Entrant Entrant(string name, bool withJournal) => new(name, async () => (await (await arena.CoreAsync(withJournal)).RunAsync(job)).Ms);
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps, Entrant("on", withJournal: true), Entrant("off", withJournal: false));
        return Compare("ms", all[0], all[1], bar) with { Row = $"{Name}: {what}" };
    }
}
