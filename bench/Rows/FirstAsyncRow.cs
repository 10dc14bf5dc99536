namespace RunwarePS.Bench.Rows;

internal sealed class FirstAsyncRow() : Row("first async result, ready at once", RowGroup.People)
{
    public override string Measured(Options options) => "New-RunwareImage -Async for one prompt, then Receive-RunwareTask -Wait, warm, from the start of the first to the picture.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 1, new Entrant(
            Arena.Ours, async () => (await (await arena.OursAsync()).RunAsync(new Job("async"))).Ms)))[0];
        return [Compare(series.Name, "ms", series, 0, "the bar's", 300, Bar.AtMost(1))];
    }
}
