using System.Globalization;
using System.Runtime.InteropServices;
using RunwarePS.Bench.Peers;
using RunwarePS.Engine;

namespace RunwarePS.Bench;

/// <summary>Where a run took place, and with what.</summary>
internal static class Machine
{
    public static IEnumerable<(string What, string Value)> Describe()
    {
        yield return ("Processor", $"{Processor()}, {Environment.ProcessorCount} cores");
        yield return ("Memory", string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30):0.#} GB"));
        yield return ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        yield return (".NET", RuntimeInformation.FrameworkDescription);
        yield return ("PowerShell", PowerShellEngine.Current.Version.ToString());
        yield return ("RunwarePS", typeof(RunwareImage).Assembly.GetName().Version!.ToString(3));
        yield return ("@runware/sdk-js", $"{SdkJs.Version} on node {Ask(() => ChildProcess.Run("node", ["--version"], out _).Trim())}");
        yield return ("OpenAI for .NET", OpenAiJobs.Version);
        yield return ("PSOpenAI", Ask(() => PsOpenAi.Version));
        yield return ("curl", Ask(() => Curl.Version));
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
    }

    private static string Ask(Func<string> question)
    {
        try
        {
            return question();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "not found";
        }
    }
}
