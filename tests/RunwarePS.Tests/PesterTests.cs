using System.Text.Json;
using RunwarePS.Samples;

namespace RunwarePS.Tests;

/// <summary>The files of tests/Pester, each run by Pester in a PowerShell of its own against the staged module.</summary>
public sealed class PesterTests
{
    private static readonly string s_folder = Path.Combine(EngineHost.RepositoryRoot, "tests", "Pester");

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    // The last line is the answer; whatever the tests print stands before it.
    private const string Script = """
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        if (-not (Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0.0')) { '{"passed":-1}'; return }
        Import-Module Pester -MinimumVersion 5.0
        Remove-Item Env:RUNWARE_API_KEY, Env:RUNWARE_BASE_URL -ErrorAction Ignore
        $configuration = New-PesterConfiguration
        $configuration.Run.Path = $env:RUNWAREPS_PESTER_FILE
        $configuration.Run.PassThru = $true
        $configuration.Output.Verbosity = 'None'
        $run = Invoke-Pester -Configuration $configuration
        $failures = @(
            $run.Failed | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord.Exception.Message -join ' / ')" }
            @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object ErrorRecord | ForEach-Object { "$_`: $($_.ErrorRecord.Exception.Message -join ' / ')" }
        )
        @{ passed = $run.PassedCount; failed = [math]::Max($run.FailedCount, $failures.Count); skipped = $run.SkippedCount; failures = $failures } | ConvertTo-Json -Compress
        """;

    public static TheoryData<string> Files() => [.. Directory.GetFiles(s_folder, "*.Tests.ps1").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void The_tests_of_this_file_pass(string file)
    {
        Skip.If(InstalledPowerShell.Found is null, EngineHost.WhereIsNone);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RUNWAREPS_MODULE"] = EngineHost.Module,
            ["RUNWAREPS_PESTER_FILE"] = Path.Combine(s_folder, file),
        };

        var output = InstalledPowerShell.Run(InstalledPowerShell.Found.Executable, ["-NoProfile", "-NonInteractive", "-Command", Script], out var exitCode, environment);

        exitCode.ShouldBe(0, output);
        var result = JsonSerializer.Deserialize<Result>(output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[^1], s_json)!;
        Skip.If(result.Passed < 0, "no Pester 5 or newer found: run Install-PSResource Pester");
        Report(file, result);
        Assert.True(result.Failures.Length == 0, $"{result.Failed} of {result.Passed + result.Failed} failed:\n{string.Join('\n', result.Failures)}");
        result.Passed.ShouldBeGreaterThan(0);
    }

    /// <summary>Leaves the counts where they can be added up: to the runner above, a file is one test.</summary>
    private static void Report(string file, Result result)
    {
        var folder = Path.Combine(EngineHost.RepositoryRoot, "out", "test-results");
        Directory.CreateDirectory(folder);
        var report = JsonSerializer.Serialize(new { file, passed = result.Passed, failed = result.Failed, skipped = result.Skipped });
        File.WriteAllText(Path.Combine(folder, $"pester-{Path.GetFileNameWithoutExtension(file)}.json"), report);
    }

    private sealed record Result(int Passed, int Failed, int Skipped, string[] Failures);
}
