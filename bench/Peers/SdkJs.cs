using System.Text.Json;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Peers;

/// <summary>Runware's own SDK for JavaScript, from npm, in a folder that only the bench knows.</summary>
internal static class SdkJs
{
    public const string Version = "1.3.2";

    private const string Package = "@runware/sdk-js";

    /// <summary>Installs it where it is not there yet, and gives the script that drives it.</summary>
    /// <exception cref="InvalidOperationException">npm is not there, or could not.</exception>
    public static string Install(string folder)
    {
        var manifest = Path.Combine(folder, "node_modules", "@runware", "sdk-js", "package.json");
        if (!File.Exists(manifest) || VersionIn(manifest) != Version)
        {
            Directory.CreateDirectory(folder);
            Npm(["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent", $"{Package}@{Version}"]);
        }

        // Beside node_modules, so that its import finds the package.
        return Self.Extract("sdk-js.mjs", folder);
    }

    private static string? VersionIn(string manifest)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(manifest));
        return json.RootElement.GetProperty("version").GetString();
    }

    private static void Npm(string[] arguments)
    {
        try
        {
            ChildProcess.Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments, out var exitCode);
            if (exitCode != 0)
            {
                throw new InvalidOperationException($"npm could not install {Package} {Version} (exit code {exitCode}).");
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{Package} cannot be installed: there is no npm here.", e);
        }
    }
}
