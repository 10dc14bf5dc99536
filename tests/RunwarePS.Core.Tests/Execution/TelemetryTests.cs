using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>What listeners of the meter and of the activity source see of a task.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_task_is_counted_and_followed_without_any_secret()
    {
        var measured = new ConcurrentBag<(string Name, double Value, string Tags)>();
        var followed = new ConcurrentBag<Activity>();
        using var listener = Listen(measured);
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RunwarePS",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = followed.Add,
        };
        ActivitySource.AddActivityListener(activities);
        using var rig = new Rig(call => call.Number == 0 ? throw new HttpRequestException("reset secret-key") : Say.Yes(call));
        var task = (Some.Request("A prompt that is nobody's business") with { Model = "openai:1@1", WebhookUrl = new Uri("https://hook.example/?token=t0ken") }).ToTask();

        await rig.RunAsync(task);
        await rig.Journal.FlushAsync();

        // Other tests run at the same time: at least this task's measurements are there.
        string[] names = ["runware.task.begun", "runware.task.ended", "runware.task.retries", "runware.task.active", "runware.task.cost", "runware.queue.duration",
            "runware.request.duration", "runware.journal.duration"];
        names.Except(measured.Select(m => m.Name), StringComparer.Ordinal).ShouldBeEmpty();
        measured.Where(m => m.Name == "runware.task.cost").ShouldContain(m => m.Value == (double)Some.Price);
        measured.ShouldContain(m => m.Name == "runware.task.ended" && m.Tags.Contains("runware.task.status=Succeeded", StringComparison.Ordinal) && m.Tags.Contains("runware.model=openai:1@1", StringComparison.Ordinal));
        followed.Select(a => a.OperationName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["runware.request", "runware.task"]);
        var all = string.Join('\n', measured.Select(m => m.Tags).Concat(followed.SelectMany(a => a.Tags.Select(t => $"{t.Key}={t.Value}"))));
        all.ShouldNotContain("secret-key");
        all.ShouldNotContain("business");
        all.ShouldNotContain("t0ken");
    }

    private static MeterListener Listen(ConcurrentBag<(string Name, double Value, string Tags)> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "RunwarePS")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        return listener;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))));
    }
}
