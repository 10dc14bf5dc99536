namespace RunwarePS.Bench.Rows;

internal sealed class WarmCallRow() : Row("warm call, 0 ms server", RowGroup.Anatomy)
{
    // sdk-js looks for its result ten times a second: a few calls tell as much as many.
    private const int SdkJsCalls = 10;
    private const int Calls = 1000;

    // A call takes several times as long.
    private const int PsOpenAiCalls = 100;

    /// <summary>Until the runtime has compiled what is called often: fewer, and it is the compiler that is measured.</summary>
    private const int WarmUps = 12;

    public override string Measured(Options options) =>
        $"One call after another in a loop, {Calls:N0} a repetition ({SdkJsCalls} of sdk-js, {PsOpenAiCalls} of PSOpenAI), per call, after {WarmUps:N0} repetitions to warm up. Ours with its journal, which is written before each request leaves. "
        + "Then what is in it: the core alone, with and without the journal, and a cmdlet that sends nothing (Get-RunwareModel).";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var all = await Series.RunAsync(arena.Options.Repetitions, WarmUps,
            Entrant(Arena.Ours, arena.OursAsync, Calls),
            Entrant("raw HttpClient", arena.RawHttpAsync, Calls),
            Entrant("Invoke-RestMethod", arena.EngineAsync, Calls),
            Entrant("sdk-js", arena.SdkJsAsync, SdkJsCalls),
            Entrant("OpenAI .NET", arena.OpenAiAsync, Calls),
            Entrant("core without journal", () => arena.CoreAsync(withJournal: false), Calls),
            Entrant("core with journal", () => arena.CoreAsync(withJournal: true), Calls),
            Entrant("a cmdlet that sends nothing", arena.OursAsync, Calls, "idle"),
            Entrant("PSOpenAI", arena.PsOpenAiAsync, PsOpenAiCalls));
        return
        [
            Compare("ms", all[0], all[1], bar: null),
            Compare("ms", all[0], all[2], Bar.AtMost(1)),
            Compare("ms", all[0], all[3], bar: null),
            Compare("ms", all[0], all[4], bar: null),
            Compare("ms", all[0], all[8], bar: null),
            Compare("ms", all[5], all[1], bar: null),
            Compare("ms", all[6], all[1], bar: null),
            Compare("ms", all[7], all[1], bar: null),
        ];
    }

    private static Entrant Entrant(string name, Func<Task<Child>> contender, int calls, string job = "calls") =>
        new(name, async () => (await (await contender()).RunAsync(new Job(job) { Count = calls })).Ms / calls);
}
