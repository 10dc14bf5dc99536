namespace RunwarePS.Bench.Rows;

internal sealed class Base64Row() : Row("20 × 4 MB pictures as base64, made and saved", RowGroup.People)
{
    private const int Count = 20;
    private const int PictureBytes = 4 * 1024 * 1024;
    private const int Throttle = 5;
    private const double Megabyte = 1024 * 1024;

    public override string Measured(Options options) =>
        $"New-RunwareImage -OutputType Base64Data | Save-RunwareImage at -ThrottleLimit {Throttle}, in a fresh process that has saved small pictures before; "
        + "the reference reads the reply whole, decodes and writes, as many at a time, in a fresh process too. Working set as its peak less what it was before.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 0,
            Entrant(arena, Arena.Ours, arena.StartOursAsync),
            Entrant(arena, "raw read + decode + write", arena.StartRawHttpAsync));
        return
        [
            Compare("working set", "MB", all[0], 1, "decoded bytes", Count * PictureBytes / Megabyte, Bar.AtMost(1.5)),
            Compare("ms", all[0], all[1], Bar.AtMost(1.3)),
            Compare("MB", all[0], all[1], bar: null, place: 1) with { Row = $"{Name}: working set" },
        ];
    }

    private static Entrant Entrant(Arena arena, string name, Func<Task<Child>> start) => new(name, async () =>
    {
        using var contender = await start();
        await arena.Server.SetAsync(new ServerSettings());
        await contender.RunAsync(Save(arena, 200));
        await arena.Server.SetAsync(new ServerSettings(PictureBytes: PictureBytes));
        var job = Save(arena, Count);
        var result = await contender.RunAsync(job);
        Directory.Delete(job.Folder!, recursive: true);
        return [result.Ms, (result.Peak - result.WorkingSet) / Megabyte];
    });

    private static Job Save(Arena arena, int count) => new("save") { Count = count, Throttle = Throttle, Folder = arena.NewFolder() };
}
