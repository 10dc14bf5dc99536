using System.Diagnostics;

namespace RunwarePS.Samples;

/// <summary>A PowerShell 7.4 or newer that stands on this machine, if there is one. It is only found here, never brought.</summary>
internal sealed record InstalledPowerShell(string Executable, string Home, Version Version)
{
    public const string HowToGetOne = "install PowerShell 7.4 or newer from https://aka.ms/powershell, or run: dotnet tool install --global PowerShell";

    /// <summary>An executable to use instead of the one on the PATH.</summary>
    private const string Variable = "RUNWAREPS_PWSH";

    private static readonly Version s_oldest = new(7, 4);

    private static readonly Lazy<InstalledPowerShell?> s_found = new(Find);

    public static InstalledPowerShell? Found => s_found.Value;

    private static InstalledPowerShell? Find()
    {
        var name = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : "pwsh";
        try
        {
            // Asked, not guessed from a path: pwsh may be a link, a shim of a tool, or a package of the system.
            var lines = Run(name, ["-NoProfile", "-NonInteractive", "-Command", "$PSHOME; \"$($PSVersionTable.PSVersion)\""], out _)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var version = lines.Length == 2 && Version.TryParse(lines[1].Split('-')[0], out var parsed) ? parsed : null;
            return version >= s_oldest ? new InstalledPowerShell(name, lines[0], version) : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            return null;
        }
    }

    /// <summary>Runs a program to its end and gives what it wrote to its output.</summary>
    public static string Run(string program, IEnumerable<string> arguments, out int exitCode, IDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        exitCode = process.ExitCode;
        return output;
    }
}
