using System.Diagnostics;
using System.Globalization;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Peers;

/// <summary>curl with many transfers at a time.</summary>
internal static class Curl
{
    /// <summary>Downloads so many pictures into a folder; the time is that of the whole process.</summary>
    public static double Download(Uri server, int count, int parallel, string folder)
    {
        var config = Path.Combine(folder, "curl.txt");
        File.WriteAllLines(config, Enumerable.Range(0, count).SelectMany<int, string>(i =>
            [$"url = \"{new Uri(server, $"im/{Guid.NewGuid()}.jpg")}\"", $"output = \"{Path.Combine(folder, $"{i}.jpg").Replace('\\', '/')}\""]));
        var watch = Stopwatch.StartNew();
        Run(["--parallel", "--parallel-immediate", "--parallel-max", parallel.ToString(CultureInfo.InvariantCulture), "--no-progress-meter", "--fail", "--config", config]);
        var ms = watch.Elapsed.TotalMilliseconds;
        var made = Directory.GetFiles(folder, "*.jpg").Length;
        return made == count ? ms : throw new InvalidOperationException($"curl saved {made} of {count} pictures.");
    }

    /// <summary>Downloads one file; the time is that of the whole process.</summary>
    public static double DownloadOne(Uri url, string file)
    {
        var watch = Stopwatch.StartNew();
        Run(["--no-progress-meter", "--fail", "--output", file, url.ToString()]);
        return watch.Elapsed.TotalMilliseconds;
    }

    public static string Version => Run(["--version"]).Split(' ')[1];

    private static string Run(string[] arguments)
    {
        try
        {
            var output = ChildProcess.Run("curl", ["--disable", .. arguments], out var exitCode);
            return exitCode == 0 ? output : throw new InvalidOperationException($"curl ended with exit code {exitCode}.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("There is no curl here.", e);
        }
    }
}
