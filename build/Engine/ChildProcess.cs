using System.Diagnostics;

namespace RunwarePS.Engine;

/// <summary>A program that runs to its end.</summary>
public static class ChildProcess
{
    /// <summary>Prepares a child process that reads no input, sends no telemetry, and finds the modules of its own engine only.</summary>
    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";

        // A child runs for seconds: it ends before a profile of its code pays. Its own children inherit this.
        start.Environment["DOTNET_TieredPGO"] = "0";

        // An engine that is hosted in this process has put the folders of its own modules here; a child starts with its own.
        start.Environment.Remove("PSModulePath");
        return start;
    }

    /// <summary>Runs a program and returns what it wrote to its standard output.</summary>
    public static string Run(string program, IEnumerable<string> arguments, out int exitCode, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = Prepare(program, arguments);
        start.RedirectStandardOutput = true;
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
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
