using System.Diagnostics;
using RunwarePS.Bench.Peers;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Rows;

internal sealed class ColdRunRow() : Row("cold run to a saved image", RowGroup.People)
{
    // As a user starts it: the profile of hot code isn't turned off, as it is for the other child processes.
    private static readonly Dictionary<string, string?> s_environment = new(StringComparer.Ordinal) { ["DOTNET_TieredPGO"] = null };

    public override string Measured(Options options) =>
        $"pwsh -File of a script that imports the module, generates one image and saves it, against a script of Invoke-RestMethod and Invoke-WebRequest; "
        + $"the whole process, {Repetitions(options)} times each. PSOpenAI on the OpenAI route, and a bare pwsh, beside them.";

    protected override async Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        await arena.Server.SetAsync(new ServerSettings());
        var scripts = arena.NewFolder();
        var (ours, rest, openAi, bare) = (
            Self.Extract("cold.ps1", scripts), Self.Extract("cold-rest.ps1", scripts), Self.Extract("cold-psopenai.ps1", scripts), Self.Extract("import.ps1", scripts));
        var endpoint = arena.Server.Endpoint.ToString();
        var all = await Series.RunAsync(Repetitions(arena.Options), warmUps: 1,
            new Entrant("RunwarePS", () => SavedAsync(arena, folder =>
                [ours, "-Module", Arena.Module, "-Endpoint", endpoint, "-Journal", Path.Combine(folder, "journal.db"), "-Folder", folder])),
            new Entrant("Invoke-RestMethod and Invoke-WebRequest", () => SavedAsync(arena, folder => [rest, "-Endpoint", endpoint, "-Folder", folder])),
            new Entrant("PSOpenAI", () => SavedAsync(arena, folder => [openAi, "-Module", PsOpenAi.Manifest, "-Endpoint", endpoint, "-Folder", folder])),
            new Entrant("bare pwsh", () => Task.FromResult(Run([bare]))));
        return [Compare("ms", all[0], all[1], Bar.AtMost(1)), Compare("ms", all[0], all[2], bar: null), Compare("ms", all[0], all[3], bar: null)];
    }

    private static int Repetitions(Options options) => options.Repetitions * 2;

    private static Task<double> SavedAsync(Arena arena, Func<string, string[]> arguments)
    {
        var folder = arena.NewFolder();
        var ms = Run(arguments(folder));
        return Directory.GetFiles(folder, "*.jpg").Length == 1
            ? Task.FromResult(ms)
            : throw new InvalidOperationException("The script saved no image.");
    }

    private static double Run(string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        PowerShellEngine.Current.Run(["-File", .. arguments], out var exitCode, s_environment);
        return exitCode == 0 ? watch.Elapsed.TotalMilliseconds : throw new InvalidOperationException($"pwsh ended with exit code {exitCode}.");
    }
}
