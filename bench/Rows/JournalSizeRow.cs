using RunwarePS.Bench.Ours;

namespace RunwarePS.Bench.Rows;

internal sealed class JournalSizeRow() : Row("journal of 1,000 → 1,000,000 rows", RowGroup.Growth)
{
    private const int LimitMs = 200;

    private static readonly string[] s_ways = ["first Resume-RunwareTask", "-Pending", "-Newest 10", "by tag", "by ID", "first row of all"];

    public override string Measured(Options options) =>
        $"Reads in a fresh session, the median of five each after a first one, of a journal with {string.Join(", ", Sizes(options).Select(s => $"{s:N0}"))} finished tasks. By tag and the first row of all with Select-Object -First. "
        + "The whole list through the pipeline: working set beyond the start.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings(KnowsAll: true));
        var sizes = Sizes(arena.Options);
        var journals = new List<string>();
        foreach (var size in sizes)
        {
            journals.Add(await FilledAsync(arena, size));
        }

        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 1,
            [.. journals.Select((journal, i) => new Entrant($"{sizes[i]:N0} rows", () => ReadAsync(arena, journal)))]);
        var list = (await Series.RunAsync(arena.Options.Quick ? 1 : 5, warmUps: 0, new Entrant("list", () => ListAsync(arena, journals[^1], sizes[^1]))))[0];
        return
        [
            .. s_ways.SelectMany((way, place) => Findings(way, place, all)),
            Compare("all rows through the pipeline, working set", "MB", list, 0, "the bar's", 64, Bar.AtMost(1)),
        ];
    }

    private static int[] Sizes(Options options) => options.Quick ? [1000, 100_000] : [1000, 100_000, 1_000_000];

    private IEnumerable<Finding> Findings(string way, int place, IReadOnlyList<Series> all)
    {
        foreach (var larger in all.Skip(1))
        {
            yield return Compare("ms", larger, all[0], Bar.AtMost(1.5), place) with { Row = $"{Name}: {way} at {larger.Name}" };
        }

        yield return Compare($"{way} at {all[^1].Name}", "ms", all[^1], place, "the bar's", LimitMs, Bar.Below(1));
    }

    // One task that was really generated, and its copies.
    private static async Task<string> FilledAsync(Arena arena, int rows)
    {
        var journal = arena.NewJournal();
        using (var ours = await arena.StartOursAsync(journal))
        {
            await ours.RunAsync(new Job("calls"));
        }

        JournalFiller.Run(journal, rows - 1);
        return journal;
    }

    private static async Task<double[]> ReadAsync(Arena arena, string journal)
    {
        using var ours = await arena.StartOursAsync(journal);
        var resume = await ours.RunAsync(new Job("resume"));
        return [resume.Ms, .. (await ours.RunAsync(new Job("read"))).Detail];
    }

    private static async Task<double[]> ListAsync(Arena arena, string journal, int rows)
    {
        using var ours = await arena.StartOursAsync(journal);
        return (await ours.RunAsync(new Job("list") { Count = rows })).Detail;
    }
}
