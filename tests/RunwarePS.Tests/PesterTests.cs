using System.Text.Json;

namespace RunwarePS.Tests;

/// <summary>The files of tests/Pester, each run by the restored Pester in a PowerShell of its own against the staged module.</summary>
public sealed class PesterTests(PesterRun run) : IClassFixture<PesterRun>
{
    public static TheoryData<string> Files() => [.. PesterRun.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_tests_of_this_file_pass(string file)
    {
        var result = await run.ResultOfAsync(file);

        Assert.True(result.Failures.Length == 0, $"{result.Failed} of {result.Passed + result.Failed} failed:\n{string.Join('\n', result.Failures)}");
        result.Passed.ShouldBeGreaterThan(0);
    }
}

/// <summary>Runs all files of tests/Pester side by side, the longest first. A case waits for the file that it is about.</summary>
public sealed class PesterRun : IDisposable
{
    // The last line is the result; whatever the tests print comes before it.
    private const string Script = """
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        Import-Module $env:RUNWAREPS_PESTER
        $configuration = New-PesterConfiguration
        $configuration.Run.Path = $env:RUNWAREPS_PESTER_FILE
        $configuration.Run.PassThru = $true
        $configuration.Output.Verbosity = 'None'
        $run = Invoke-Pester -Configuration $configuration
        $failures = @(
            $run.Failed | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord.Exception.Message -join ' / ')" }
            @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object ErrorRecord | ForEach-Object { "$_`: $($_.ErrorRecord.Exception.Message -join ' / ')" }
        )
        @{ passed = $run.PassedCount; failed = [math]::Max($run.FailedCount, $failures.Count); skipped = $run.SkippedCount; failures = $failures
            reasons = @($run.Skipped | ForEach-Object { $_.ErrorRecord ? "$($_.ErrorRecord.Exception.Message)" : $_.ExpandedPath })
            seconds = [math]::Round($run.Duration.TotalSeconds, 1) } | ConvertTo-Json -Compress
        """;

    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "Pester");
    private static readonly string[] s_longest = ["Package.Tests.ps1", "Leak.Tests.ps1", "Sample.Tests.ps1", "Guide.Tests.ps1"];
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly Dictionary<string, TaskCompletionSource<PesterResult>> _results =
        Files.ToDictionary(file => file, _ => new TaskCompletionSource<PesterResult>(TaskCreationOptions.RunContinuationsAsynchronously), StringComparer.Ordinal);

    private readonly string _data = Path.Combine(Repository.Root, "out", "test-data", Guid.NewGuid().ToString("N"));
    private readonly Task _all;

    public PesterRun()
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) };
        var order = Files.OrderBy(file => Array.IndexOf(s_longest, file) is var place and >= 0 ? place : int.MaxValue);
        _all = Parallel.ForEachAsync(order, options, async (file, _) => await Task.Run(() => Complete(file), CancellationToken.None));
    }

    public static string[] Files { get; } = [.. Directory.GetFiles(s_folder, "*.Tests.ps1").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    public Task<PesterResult> ResultOfAsync(string file) => _results[file].Task;

    public void Dispose()
    {
        _all.Wait();
        Directory.Delete(_data, recursive: true);
    }

    private void Complete(string file)
    {
        try
        {
            var result = Run(file);
            Report(file, result);
            _results[file].SetResult(result);
        }
        catch (Exception e)
        {
            _results[file].SetException(e);
        }
    }

    private PesterResult Run(string file)
    {
        var data = Directory.CreateDirectory(Path.Combine(_data, file)).FullName;
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["RUNWAREPS_MODULE"] = Repository.Module,
            ["RUNWAREPS_PESTER"] = PowerShellEngine.RestoredPester,
            ["RUNWAREPS_PESTER_FILE"] = Path.Combine(s_folder, file),
            ["RUNWARE_API_KEY"] = null,
            ["RUNWARE_BASE_URL"] = null,
            ["XDG_DATA_HOME"] = data, // a journal of its own, and none of the user's modules
        };
        var output = PowerShellEngine.Current.Run(["-Command", Script], out var exitCode, environment);

        exitCode.ShouldBe(0, output);
        return JsonSerializer.Deserialize<PesterResult>(output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[^1], s_json)!;
    }

    /// <summary>Leaves the counts where they can be added up: to xUnit, a file is one test.</summary>
    private static void Report(string file, PesterResult result)
    {
        var folder = Path.Combine(Repository.Root, "out", "test-results");
        Directory.CreateDirectory(folder);
        var report = JsonSerializer.Serialize(new { file, passed = result.Passed, failed = result.Failed, skipped = result.Skipped, seconds = result.Seconds });
        File.WriteAllText(Path.Combine(folder, $"pester-{Path.GetFileNameWithoutExtension(file)}.json"), report);
        File.WriteAllLines(Path.Combine(folder, $"skipped-{Path.GetFileNameWithoutExtension(file)}.txt"), result.Reasons);
    }
}

/// <summary>What Pester counted in a file.</summary>
public sealed record PesterResult(int Passed, int Failed, int Skipped, string[] Failures, string[] Reasons, double Seconds);
