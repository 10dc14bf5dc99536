using RunwarePS.Engine;

namespace RunwarePS.Bench.Peers;

/// <summary>The PSOpenAI module, if it's installed where PowerShell looks for modules. The bench doesn't install it.</summary>
internal static class PsOpenAi
{
    private const string Module = "PSOpenAI";

    private static readonly Lazy<(string Version, string Manifest)> s_found = new(Find);

    /// <exception cref="InvalidOperationException">It isn't installed.</exception>
    public static string Version => s_found.Value.Version;

    /// <exception cref="InvalidOperationException">It isn't installed.</exception>
    public static string Manifest => s_found.Value.Manifest;

    private static (string Version, string Manifest) Find() =>
        PowerShellEngine.Current
            .Run(["-Command", $"Get-Module {Module} -ListAvailable | Select-Object -First 1 | ForEach-Object {{ \"$($_.Version)|$($_.Path)\" }}"], out _)
            .Trim().Split('|') is [var version, var manifest]
                ? (version, manifest)
                : throw new InvalidOperationException($"{Module} isn't installed. Run: Install-Module {Module}");
}
