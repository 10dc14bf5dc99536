using System.Text.Json;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Rows;

internal sealed class WebhookRow() : Row("async, 500 tasks × 2 s sandbox, with webhooks", RowGroup.People)
{
    private const int LatencyMs = 2000;

    public override string Measured(Options options) =>
        "Scripts/webhooks.ps1: 500 asynchronous tasks on the module's own sandbox in the same process, with a webhook receiver and without; time from the last submit to the last result, and polls.";

    protected override Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena)
    {
        var runs = Run(arena);
        var (called, polled) = (Read(runs, "webhook"), Read(runs, "none"));
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            Compare("received after the last submit", "ms", called, 0, "the server's own", LatencyMs, Bar.AtMost(1.15)),
            Compare("ms", called, polled, bar: null) with { Row = $"{Name}: received after the last submit", Against = "without webhooks" },
            Compare("polls", called, polled, bar: null, place: 1) with { Row = $"{Name}: polls", Against = "without webhooks" },
        ]);
    }

    private static Measurement[] Run(Arena arena)
    {
        var script = Self.Extract("webhooks.ps1", arena.NewFolder());
        var command = FormattableString.Invariant($"ConvertTo-Json @(& '{script}' -Module '{Arena.Module}' -Latency {LatencyMs / 1000} -Repetitions {arena.Options.Repetitions} -Way webhook, none)");
        var output = PowerShellEngine.Current.Run(["-Command", command], out var exitCode);
        return exitCode == 0 ? JsonSerializer.Deserialize<Measurement[]>(output)! : throw new InvalidOperationException($"webhooks.ps1 ended with exit code {exitCode}.");
    }

    private static Series Read(Measurement[] runs, string way) => Series.Of(way, runs.Where(r => r.Way == way).Select(r => new[] { r.Seconds * 1000, r.Polls }));

    private sealed record Measurement(string Way, double Seconds, double Polls);
}
