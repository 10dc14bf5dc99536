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

    private static readonly Lazy<Description> s_restored = new(ReadDescription);
    private static readonly Lazy<PowerShellEngine> s_current = new(Find);

    private PowerShellEngine(string file, string[] arguments, Version version)
    {
        File = file;
        Arguments = arguments;
        Version = version;
    }

    /// <exception cref="InvalidOperationException">The engine doesn't start, or isn't PowerShell 7.4 or newer.</exception>
    public static PowerShellEngine Current => s_current.Value;

    /// <summary>The modules of the restored engine, ThreadJob among them. An engine that is hosted in another program comes without them.</summary>
    public static string RestoredModules => Path.Combine(Path.GetDirectoryName(s_restored.Value.Arguments[0])!, "Modules");

    /// <summary>The manifest of the restored Pester module.</summary>
    public static string RestoredPester => s_restored.Value.Pester;

    /// <summary>The program to start.</summary>
    public string File { get; }

    /// <summary>The arguments that come before those of pwsh itself.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The version that the engine reports.</summary>
    public Version Version { get; }

    /// <summary>Starts pwsh with these arguments, no profile and no prompts, and waits for its end.</summary>
    public string Run(IEnumerable<string> arguments, out int exitCode, IReadOnlyDictionary<string, string?>? environment = null) =>
        ChildProcess.Run(File, [.. Arguments, "-NoProfile", "-NonInteractive", .. arguments], out exitCode, environment);

    private static PowerShellEngine Find() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
            ? Check(given, [], $"The environment variable {Variable} is '{given}', which isn't PowerShell 7.4 or newer.")
            : Check(s_restored.Value.File, s_restored.Value.Arguments, "The restored PowerShell doesn't start. Run: dotnet restore");

    private static PowerShellEngine Check(string file, string[] arguments, string message)
    {
        try
        {
            var output = new PowerShellEngine(file, arguments, new Version()).Run(["-Command", "\"$($PSVersionTable.PSVersion)\""], out _).Trim();
            return Version.TryParse(output.Split('-')[0], out var version) && version >= new Version(7, 4)
                ? new PowerShellEngine(file, arguments, version)
                : throw new InvalidOperationException(message);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(message, e);
        }
    }

    private static Description ReadDescription()
    {
        var path = typeof(PowerShellEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "EngineDescription").Value!;
        return JsonSerializer.Deserialize<Description>(System.IO.File.ReadAllText(path))!;
    }

    private sealed record Description(string File, string[] Arguments, string Pester);
}
