using RunwarePS.Bench.Peers;

namespace RunwarePS.Bench.Rows;

internal sealed class LargeDownloadRow() : Row("1 GB download saved", RowGroup.People)
{
    private const long Gigabyte = 1024L * 1024 * 1024;

    public override string Measured(Options options) =>
        "A video that is already made through Save-RunwareMedia, warm; curl, its whole process. Working set as the peak less what it was before.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings(VideoBytes: Gigabyte));
        var all = await Series.RunAsync(arena.Options.Repetitions, warmUps: 1,
            Entrant(arena, Arena.Ours, async folder =>
            {
                var result = await (await arena.OursAsync()).RunAsync(new Job("film") { Folder = folder });
                return [result.Ms, result.Detail[0]];
            }),
            Entrant(arena, "curl", folder => Task.FromResult<double[]>([Curl.DownloadOne(new Uri(arena.Server.Address, $"vi/{Guid.NewGuid()}.mp4"), Path.Combine(folder, "video.mp4"))])));
        return
        [
            Compare("ms", all[0], all[1], Bar.AtMost(1.1)),
            Compare("working set", "MB", all[0], 1, "the bar's", 64, Bar.AtMost(1)),
        ];
    }

    private static Entrant Entrant(Arena arena, string name, Func<string, Task<double[]>> download) => new(name, async () =>
    {
        var folder = arena.NewFolder();
        try
        {
            var reading = await download(folder);
            var saved = new DirectoryInfo(folder).EnumerateFiles("*.mp4").Sum(f => f.Length);
            return saved == Gigabyte ? reading : throw new InvalidOperationException($"{name} saved {saved:N0} bytes.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });
}
