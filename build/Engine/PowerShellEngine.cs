using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace RunwarePS.Engine;

/// <summary>
/// How to start PowerShell as a child process: the engine that the environment variable RUNWAREPS_PWSH names, else the one that the restore
/// brought. Never the path of this process: under the .NET tool and in a test run that is <c>dotnet</c>.
/// </summary>
public sealed class PowerShellEngine
{
    private const string Variable = "RUNWAREPS_PWSH";

    private static readonly Lazy<PowerShellEngine> s_current = new(Find);

    private PowerShellEngine(string file, string[] arguments, string pester)
    {
        File = file;
        Arguments = arguments;
        Pester = pester;
    }

    /// <exception cref="InvalidOperationException">The engine doesn't start, or isn't PowerShell 7.4 or newer.</exception>
    public static PowerShellEngine Current => s_current.Value;

    /// <summary>The program to start.</summary>
    public string File { get; }

    /// <summary>The arguments that come before those of pwsh itself.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The manifest of the Pester module that the restore brought.</summary>
    public string Pester { get; }

    /// <summary>The version that the engine reports.</summary>
    public Version Version { get; private init; } = new();

    /// <summary>Starts pwsh with these arguments, no profile and no prompts, and waits for its end.</summary>
    public string Run(IEnumerable<string> arguments, out int exitCode, IReadOnlyDictionary<string, string?>? environment = null) =>
        ChildProcess.Run(File, [.. Arguments, "-NoProfile", "-NonInteractive", .. arguments], out exitCode, environment);

    private static PowerShellEngine Find()
    {
        var path = typeof(PowerShellEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "EngineDescription").Value!;
        var restored = JsonSerializer.Deserialize<Description>(System.IO.File.ReadAllText(path))!;
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
            ? Check(new PowerShellEngine(given, [], restored.Pester), $"The environment variable {Variable} is '{given}', which isn't PowerShell 7.4 or newer.")
            : Check(new PowerShellEngine(restored.File, restored.Arguments, restored.Pester), "The restored PowerShell doesn't start. Run: dotnet restore");
    }

    private static PowerShellEngine Check(PowerShellEngine engine, string message)
    {
        try
        {
            var output = engine.Run(["-Command", "\"$($PSVersionTable.PSVersion)\""], out _).Trim();
            return Version.TryParse(output.Split('-')[0], out var version) && version >= new Version(7, 4)
                ? new PowerShellEngine(engine.File, [.. engine.Arguments], engine.Pester) { Version = version }
                : throw new InvalidOperationException(message);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(message, e);
        }
    }

    private sealed record Description(string File, string[] Arguments, string Pester);
}
