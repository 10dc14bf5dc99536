using System.Text.Json;

namespace RunwarePS.Tests;

/// <summary>The files of tests/Pester, run by the restored Pester in child processes against the staged module.</summary>
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

/// <summary>
/// Runs all files of tests/Pester in as many processes as there are processors, the longest first. A process runs one file after the other: most of
/// what a file would cost alone is the start of engine, Pester and module. A case waits for the file that it is about.
/// </summary>
public sealed class PesterRun : IDisposable
{
    private const string Marker = "result of a file: ";

    // Among what the tests print, one line for each file with its result.
    private const string Script = $$"""
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        Import-Module $env:RUNWAREPS_PESTER
        foreach ($path in $env:RUNWAREPS_PESTER_FILES -split [IO.Path]::PathSeparator) {
            # The process that makes its folder runs the file. The folder holds a journal of its own, and none of the user's modules.
            $file = Split-Path $path -Leaf
            $env:XDG_DATA_HOME = Join-Path $env:RUNWAREPS_PESTER_DATA $file
            try { [IO.File]::Open("$env:XDG_DATA_HOME.taken", 'CreateNew').Dispose() } catch [IO.IOException] { continue }
            $null = New-Item -ItemType Directory -Path $env:XDG_DATA_HOME
            $configuration = New-PesterConfiguration
            $configuration.Run.Path = $path
            $configuration.Run.PassThru = $true
            $configuration.Output.Verbosity = 'None'
            $run = Invoke-Pester -Configuration $configuration
            $failures = @(
                $run.Failed | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord.Exception.Message -join ' / ')" }
                @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object ErrorRecord | ForEach-Object { "$_`: $($_.ErrorRecord.Exception.Message -join ' / ')" }
            )
            '{{Marker}}' + (@{ file = $file; passed = $run.PassedCount; failed = [math]::Max($run.FailedCount, $failures.Count); skipped = $run.SkippedCount
                failures = $failures; reasons = @($run.Skipped | ForEach-Object { $_.ErrorRecord ? "$($_.ErrorRecord.Exception.Message)" : $_.ExpandedPath })
                seconds = [math]::Round($run.Duration.TotalSeconds, 1) } | ConvertTo-Json -Compress)
            Get-Command Disconnect-Runware, Stop-RunwareSandbox -Module RunwarePS -ErrorAction Ignore | ForEach-Object { & $_ }
        }
        """;

    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "Pester");
    private static readonly string[] s_longest = ["Package.Tests.ps1", "Leak.Tests.ps1", "Help.Tests.ps1", "Guide.Tests.ps1", "Isolation.Tests.ps1", "Sample.Tests.ps1"];
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly Dictionary<string, TaskCompletionSource<PesterResult>> _results =
        Files.ToDictionary(file => file, _ => new TaskCompletionSource<PesterResult>(TaskCreationOptions.RunContinuationsAsynchronously), StringComparer.Ordinal);

    private readonly string _data = Directory.CreateDirectory(Path.Combine(Repository.Root, "out", "test-data", Guid.NewGuid().ToString("N"))).FullName;
    private readonly Task _all;

    public PesterRun() => _all = RunAsync();

    public static string[] Files { get; } = [.. Directory.GetFiles(s_folder, "*.Tests.ps1").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    public Task<PesterResult> ResultOfAsync(string file) => _results[file].Task;

    public void Dispose()
    {
        _all.Wait();
        Directory.Delete(_data, recursive: true);
    }

    private async Task RunAsync()
    {
        var processes = Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => Task.Run(Run)).ToArray();
        var outputs = await Task.WhenAll(processes);
        foreach (var (file, result) in _results)
        {
            result.TrySetException(new InvalidOperationException($"{file} has no result:\n{string.Join('\n', outputs)}"));
        }
    }

    /// <summary>Runs files until none is left, and gives what was written.</summary>
    private string Run()
    {
        var order = Files.OrderBy(file => Array.IndexOf(s_longest, file) is var place and >= 0 ? place : int.MaxValue);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["RUNWAREPS_MODULE"] = Repository.Module,
            ["RUNWAREPS_PESTER"] = PowerShellEngine.RestoredPester,
            ["RUNWAREPS_PESTER_FILES"] = string.Join(Path.PathSeparator, order.Select(file => Path.Combine(s_folder, file))),
            ["RUNWAREPS_PESTER_DATA"] = _data,
            ["RUNWARE_API_KEY"] = null,
            ["RUNWARE_BASE_URL"] = null,
        };
        try
        {
            var output = PowerShellEngine.Current.Run(["-Command", Script], out _, environment);
            foreach (var line in output.Split('\n').Where(line => line.StartsWith(Marker, StringComparison.Ordinal)))
            {
                var result = JsonSerializer.Deserialize<PesterResult>(line[Marker.Length..], s_json)!;
                Report(result);
                _results[result.File].SetResult(result);
            }

            return output;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    /// <summary>Leaves the counts where they can be added up: to xUnit, a file is one test.</summary>
    private static void Report(PesterResult result)
    {
        var folder = Path.Combine(Repository.Root, "out", "test-results");
        Directory.CreateDirectory(folder);
        var report = JsonSerializer.Serialize(new { file = result.File, passed = result.Passed, failed = result.Failed, skipped = result.Skipped, seconds = result.Seconds });
        File.WriteAllText(Path.Combine(folder, $"pester-{Path.GetFileNameWithoutExtension(result.File)}.json"), report);
        File.WriteAllLines(Path.Combine(folder, $"skipped-{Path.GetFileNameWithoutExtension(result.File)}.txt"), result.Reasons);
    }
}

/// <summary>What Pester counted in a file.</summary>
public sealed record PesterResult(string File, int Passed, int Failed, int Skipped, string[] Failures, string[] Reasons, double Seconds);
