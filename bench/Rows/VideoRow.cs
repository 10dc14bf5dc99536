namespace RunwarePS.Bench.Rows;

internal sealed class VideoRow() : Row("video of 20 MB, 2 s server", RowGroup.People)
{
    private const int ReadyMs = 2000;

    public override string Measured(Options options) => "New-RunwareVideo | Save-RunwareMedia for one prompt, warm, from its start to the saved file.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings(ReadyMs: ReadyMs, VideoBytes: 20 * 1024 * 1024));
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 1, new Entrant(
            Arena.Ours, async () => (await (await arena.OursAsync()).RunAsync(new Job("video") { Folder = arena.NewFolder() })).Ms)))[0];
        return [Compare(series.Name, "ms", series, 0, "the server's own", ReadyMs, bar: null)];
    }
}
