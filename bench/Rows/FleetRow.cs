using RunwarePS.Bench.Peers;

namespace RunwarePS.Bench.Rows;

/// <summary>Several processes on one journal: a file, or a database.</summary>
internal sealed class FleetRow(string journal, Func<Arena, IJournalSource> open) : Row($"1, 4 and 16 processes on one journal, {journal}", RowGroup.Growth)
{
    private const int Tasks = 100;
    private const int LatencyMs = 100;
    private const int Throttle = 5;

    private static readonly int[] s_sizes = [1, 4, 16];

    public override string Measured(Options options) =>
        $"{Tasks} tasks × {LatencyMs} ms at -ThrottleLimit {Throttle} in each of 1, 4 and 16 processes at the same time, warm; until the last has finished.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        using var source = open(arena);
        await arena.Server.SetAsync(new ServerSettings(LatencyMs));
        var fleet = new List<Child>();
        try
        {
            while (fleet.Count < s_sizes[^1])
            {
                fleet.Add(await arena.StartOursAsync(source.Journal));
            }

            var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 15,
                [.. s_sizes.Select(size => new Entrant($"{size} processes", () => RunAsync(fleet.Take(size))))]);
            return [.. all.Skip(1).Select(a => Compare("ms", a, all[0], Bar.AtMost(1.25)) with { Against = "1 process" })];
        }
        finally
        {
            fleet.ForEach(child => child.Dispose());
        }
    }

    private static async Task<double> RunAsync(IEnumerable<Child> fleet) =>
        (await Task.WhenAll(fleet.Select(child => child.RunAsync(new Job("batch") { Count = Tasks, Throttle = Throttle })))).Max(r => r.Ms);
}
