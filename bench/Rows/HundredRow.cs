namespace RunwarePS.Bench.Rows;

internal sealed class HundredRow() : Row("100 prompts × 500 ms server, -ThrottleLimit 100", RowGroup.People)
{
    private const int Count = 100;
    private const int LatencyMs = 500;

    public override string Measured(Options options) => "One pipeline of 100 prompts, warm, from its start to its last picture; the peers with 100 at a time too.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings(LatencyMs));
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 1,
            Entrant(Arena.Ours, "batch", arena.OursAsync),
            Entrant("raw HttpClient", "batch", arena.RawHttpAsync),
            Entrant("ForEach-Object -Parallel", "parallel", arena.EngineAsync),
            Entrant("sdk-js", "batch", arena.SdkJsAsync),
            Entrant("OpenAI .NET", "batch", arena.OpenAiAsync));
        return
        [
            Compare(all[0].Name, "ms", all[0], 0, "the server's own", LatencyMs, Bar.AtMost(1.05)),
            .. all.Skip(1).Select(peer => Compare("ms", all[0], peer, bar: null)),
        ];
    }

    private static Entrant Entrant(string name, string job, Func<Task<Child>> contender) =>
        new(name, async () => (await (await contender()).RunAsync(new Job(job) { Count = Count, Throttle = Count })).Ms);
}
