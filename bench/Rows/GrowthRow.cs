namespace RunwarePS.Bench.Rows;

internal sealed class GrowthRow() : Row("growth: 100 → 1,000 → 10,000 prompts")
{
    private const int Throttle = 16;
    private const double Megabyte = 1024 * 1024;

    private static readonly int[] s_sizes = [100, 1000, 10_000];

    public override string Measured(Options options) =>
        $"{string.Join(", then ", s_sizes.Select(s => $"{s:N0}"))} prompts at -ThrottleLimit {Throttle} in a process that has made as many as the most before. "
        + "Time per prompt beside that of the size before; working set as the peak after the largest less the working set before the smallest.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 0, new Entrant(Arena.Ours, async () =>
        {
            using var ours = await arena.StartOursAsync();
            await ours.RunAsync(new Job("batch") { Count = s_sizes[^1], Throttle = Throttle });
            var results = new List<JobResult>();
            foreach (var size in s_sizes)
            {
                results.Add(await ours.RunAsync(new Job("batch") { Count = size, Throttle = Throttle }));
            }

            return [.. results.Select((r, i) => r.Ms / s_sizes[i]), (results[^1].Peak - results[0].WorkingSet) / Megabyte];
        })))[0];
        return
        [
            Step(series, 1),
            Step(series, 2),
            Compare("working set", "MB", series, s_sizes.Length, "the bar's", 64, Bar.AtMost(1)),
        ];
    }

    private Finding Step(Series series, int to) =>
        new($"{Name}: time per prompt at {s_sizes[to]:N0}", "ms", series.Median(to), $"at {s_sizes[to - 1]:N0}", series.Median(to - 1), Bar.AtMost(1.15), series.Trouble)
        {
            Spread = Max(series.Spread(to), series.Spread(to - 1)),
        };
}
