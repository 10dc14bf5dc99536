namespace RunwarePS.Bench.Rows;

internal sealed class AsyncRow() : Row("async, 500 tasks × 2 s server", RowGroup.People)
{
    private const int Count = 500;
    private const int ReadyMs = 2000;
    private const int Throttle = 5;

    public override string Measured(Options options) =>
        $"New-RunwareImage -Async for {Count} prompts, then Receive-RunwareTask -Wait; time from the last submit that the server saw to the last picture. "
        + "All HTTP requests of both.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        var series = (await Series.RunAsync(arena.Options.Repetitions, warmUps: 1, new Entrant(Arena.Ours, async () =>
        {
            await arena.Server.SetAsync(new ServerSettings(ReadyMs: ReadyMs));
            var result = await (await arena.OursAsync()).RunAsync(new Job("async") { Count = Count, Throttle = Throttle });
            var counts = await arena.Server.CountsAsync();
            return [result.EndedAt - counts.LastSubmit, counts.Requests];
        })))[0];
        return
        [
            Compare("received after the last submit", "ms", series, 0, "the server's own", ReadyMs, Bar.AtMost(1.15)),
            Compare("HTTP requests in all", "requests", series, 1, "the bar's", 200, Bar.Below(1)),
        ];
    }
}
