namespace RunwarePS.Bench.Rows;

internal sealed class StreamRow() : Row("text stream", RowGroup.People)
{
    private const int Texts = 5;
    private const int LimitMs = 5;

    public override string Measured(Options options) =>
        $"New-RunwareText -Stream, {Texts} texts of {TextStream.Pieces} pieces, one every 20 ms. Each piece is the time at which the server sent it; "
        + "the time from there to the next command in the pipeline. The first piece of a warm session, and the median of all.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 1, new Entrant(Arena.Ours, async () =>
        {
            var result = await (await arena.OursAsync()).RunAsync(new Job("stream") { Count = Texts });
            return [result.Detail[0], result.Ms];
        })))[0];
        return
        [
            Compare("first piece", "ms", series, 0, "the bar's", LimitMs, Bar.AtMost(1)),
            Compare("median piece", "ms", series, 1, "the bar's", LimitMs, Bar.AtMost(1)),
        ];
    }
}
