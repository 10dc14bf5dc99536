namespace RunwarePS.Bench.Rows;

internal sealed class TenThousandRow() : Row("10,000 prompts × 0 ms, -ThrottleLimit 16", RowGroup.Anatomy)
{
    private const int Throttle = 16;
    private const int Count = 10_000;

    /// <summary>As for <see cref="WarmCallRow"/>.</summary>
    public const int WarmUps = 10;

    public override string Measured(Options options) =>
        $"{Count:N0} prompts through one pipeline, after {WarmUps} such to warm up. Journal off is the core, for no parameter of the cmdlets turns it off; the cmdlets stand beside it with theirs on. "
        + $"ForEach-Object {{ Invoke-RestMethod }} makes {Few(options):N0}, -Parallel {Fewest(options):N0}.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var (few, fewest) = (Few(arena.Options), Fewest(arena.Options));
        var all = await Series.RunAsync(arena.Options.Repetitions, WarmUps,
            Entrant("journal off (core)", "batch", () => arena.CoreAsync(withJournal: false), Count),
            Entrant("raw HttpClient", "batch", arena.RawHttpAsync, Count),
            Entrant("ForEach-Object { Invoke-RestMethod }", "batch", arena.EngineAsync, few),
            Entrant("ForEach-Object -Parallel", "parallel", arena.EngineAsync, fewest),
            Entrant("OpenAI .NET", "batch", arena.OpenAiAsync, Count),
            Entrant($"journal on ({Arena.Ours})", "batch", arena.OursAsync, Count));
        return
        [
            Compare("pictures/s", all[0], all[1], bar: null),
            Compare("pictures/s", all[0], all[2], bar: null),
            Compare("pictures/s", all[0], all[3], bar: null),
            Compare("pictures/s", all[0], all[4], bar: null),
            Compare("pictures/s", all[5], all[1], bar: null),
            Compare("pictures/s", all[5], all[2], Bar.AtLeast(3)),
        ];
    }

    private static int Few(Options options) => options.Slow(10_000);

    private static int Fewest(Options options) => options.Slow(200);

    private static Entrant Entrant(string name, string job, Func<Task<Child>> contender, int count) =>
        new(name, async () => count * 1000.0 / (await (await contender()).RunAsync(new Job(job) { Count = count, Throttle = Throttle })).Ms);
}
