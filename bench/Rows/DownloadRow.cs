using RunwarePS.Bench.Peers;

namespace RunwarePS.Bench.Rows;

internal sealed class DownloadRow() : Row("200 × 2 MB downloads saved", RowGroup.People)
{
    private const int Count = 200;
    private const int PictureBytes = 2 * 1024 * 1024;
    private const int Parallel = 16;

    public override string Measured(Options options) =>
        $"{Count} pictures that are already made through Save-RunwareImage -ThrottleLimit {Parallel}, warm; curl with --parallel-max {Parallel}, its whole process.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings(PictureBytes: PictureBytes));
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 1,
            Entrant(arena, Arena.Ours, folder => DownloadAsync(arena.OursAsync, folder)),
            Entrant(arena, "curl --parallel", folder => Task.FromResult(Curl.Download(arena.Server.Address, Count, Parallel, folder))),
            Entrant(arena, "raw HttpClient", folder => DownloadAsync(arena.RawHttpAsync, folder)));
        return [Compare("ms", all[0], all[1], Bar.AtMost(1.15)), Compare("ms", all[0], all[2], bar: null)];
    }

    private static async Task<double> DownloadAsync(Func<Task<Child>> contender, string folder) =>
        (await (await contender()).RunAsync(new Job("download") { Count = Count, Throttle = Parallel, Folder = folder })).Ms;

    private static Entrant Entrant(Arena arena, string name, Func<string, Task<double>> download) => new(name, async () =>
    {
        var folder = arena.NewFolder();
        try
        {
            return await download(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });
}
