namespace RunwarePS.Bench.Rows;

internal sealed class CsvRow() : Row("CSV of 10,000 rows, 0 ms server", RowGroup.People)
{
    private const int Count = 10_000;
    private const int Throttle = 16;

    public override string Measured(Options options) =>
        $"Import-Csv | New-RunwareImage -ThrottleLimit {Throttle}, {Count:N0} rows, with the journal; against Import-Csv | ForEach-Object {{ Invoke-RestMethod }}, {Few(options):N0} rows. Images per second.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 2,
            Entrant(arena, Arena.Ours, arena.OursAsync, Count),
            Entrant(arena, "ForEach-Object { Invoke-RestMethod }", arena.EngineAsync, Few(arena.Options)));
        return [Compare("images/s", all[0], all[1], Bar.AtLeast(3))];
    }

    private static int Few(Options options) => options.Slow(10_000);

    private static Entrant Entrant(Arena arena, string name, Func<Task<Child>> contender, int count) => new(name, async () =>
        count * 1000.0 / (await (await contender()).RunAsync(new Job("csv") { Count = count, Throttle = Throttle, Folder = arena.NewFolder() })).Ms);
}
