namespace RunwarePS.Bench.Rows;

internal sealed class GrowthRow() : Row("1,000 → 100,000 prompts × 0 ms", RowGroup.Growth)
{
    private const int Throttle = 16;
    private const int Few = 1000;
    private const double Megabyte = 1024 * 1024;

    public override string Measured(Options options) =>
        $"{Few:N0}, then {Many(options):N0} prompts at -ThrottleLimit {Throttle} in a process that has made 10,000 before. Time per prompt of the second beside that of the first; "
        + "working set as the peak after the second less the working set before the first.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var many = Many(arena.Options);
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 0, new Entrant(Arena.Ours, async () =>
        {
            using var ours = await arena.StartOursAsync();
            await ours.RunAsync(Batch(10_000));
            var first = await ours.RunAsync(Batch(Few));
            var second = await ours.RunAsync(Batch(many));
            return [second.Ms / many, first.Ms / Few, (second.Peak - first.WorkingSet) / Megabyte];
        })))[0];
        return
        [
            new Finding($"{Name}: time per prompt at {many:N0}", "ms", series.Median(0), $"at {Few:N0}", series.Median(1), Bar.AtMost(1.15), series.Trouble)
            {
                Spread = Max(series.Spread(0), series.Spread(1)),
            },
            Compare("working set", "MB", series, 2, "the bar's", 64, Bar.AtMost(1)),
        ];
    }

    private static int Many(Options options) => options.Slow(100_000);

    private static Job Batch(int count) => new("batch") { Count = count, Throttle = Throttle };
}
