using System.Diagnostics;
using System.Globalization;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Rows;

internal sealed class ImportRow() : Row("import beyond bare pwsh", RowGroup.People)
{
    public override string Measured(Options options) =>
        $"Import-Module by a stopwatch inside, and the whole process less that of a bare pwsh; a fresh process each time, {Repetitions(options)} of each kind.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        var folder = arena.NewFolder();
        var script = Self.Extract("import.ps1", folder);
        var empty = Path.Combine(folder, "Empty");
        Run(Self.Extract("empty-module.ps1", folder), "-Folder", empty);

        // The bare process is read right beside each import, and taken away from it.
        Entrant Import(string name, string module) => new(name, () =>
        {
            var (_, bare) = Run(script);
            var (inside, whole) = Run(script, "-Module", module);
            return Task.FromResult<double[]>([Milliseconds(inside), whole - bare]);
        });
        var all = await Series.RunAsync(Repetitions(arena.Options), warmUps: 1, Import("RunwarePS", Arena.Module), Import("an empty binary module", empty));
        var (ours, peer) = (all[0], all[1]);
        return
        [
            Compare("ms", ours, peer, Bar.AtMost(1.5)),
            Compare("ms", ours, peer, bar: null, place: 1) with { Row = $"{Name}: whole process less a bare one" },
        ];
    }

    private static int Repetitions(Options options) => options.Repetitions * 2;

    private static (string Output, double Ms) Run(string script, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        var output = PowerShellEngine.Current.Run(["-File", script, .. arguments], out var exitCode);
        return exitCode == 0 ? (output, watch.Elapsed.TotalMilliseconds) : throw new InvalidOperationException($"pwsh ended with exit code {exitCode}.");
    }

    private static double Milliseconds(string output) => double.Parse(output.Trim(), CultureInfo.InvariantCulture);
}
