using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace RunwarePS.Primitives;

/// <summary>
/// The measurements and activities of the module, for <c>dotnet-counters</c>, OpenTelemetry and other listeners. Without a listener they
/// cost next to nothing. Tags are task types, models and statuses: no prompt, no URL and no key.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "RunwarePS";

    private static readonly Meter s_meter = new(Name, typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    private static readonly ActivitySource s_source = new(Name, s_meter.Version);

    private static readonly Counter<long> s_begun = s_meter.CreateCounter<long>("runware.task.begun", "{task}",
        "Tasks that were recorded to be sent.");

    private static readonly Counter<long> s_ended = s_meter.CreateCounter<long>("runware.task.ended", "{task}",
        "Tasks that ended, by status.");

    private static readonly Counter<long> s_failed = s_meter.CreateCounter<long>("runware.task.failed", "{task}",
        "Tasks that were refused or didn't end, by error code.");

    private static readonly Counter<long> s_retries = s_meter.CreateCounter<long>("runware.task.retries", "{request}",
        "Requests that were sent again, by error code.");

    private static readonly UpDownCounter<long> s_active = s_meter.CreateUpDownCounter<long>("runware.task.active", "{task}",
        "Tasks that are in progress.");

    private static readonly Counter<double> s_cost = s_meter.CreateCounter<double>("runware.task.cost", "USD",
        "The cost that the API reported.");

    private static readonly Histogram<double> s_queue = s_meter.CreateHistogram<double>("runware.queue.duration", "s",
        "How long a task waited to be sent.");

    private static readonly Histogram<double> s_request = s_meter.CreateHistogram<double>("runware.request.duration", "s",
        "How long a request to the API took.");

    private static readonly Histogram<double> s_download = s_meter.CreateHistogram<double>("runware.download.duration", "s",
        "How long the download of a file took.");

    private static readonly Histogram<double> s_journal = s_meter.CreateHistogram<double>("runware.journal.duration", "s",
        "How long an operation of the journal took.");

    /// <summary>Counts a task while it is in progress, and follows it as an activity.</summary>
    public static TaskScope BeginTask(string taskType, string? model)
    {
        var tags = new TagList { { "runware.task.type", taskType }, { "runware.model", model } };
        s_begun.Add(1, tags);
        s_active.Add(1, tags);
        var activity = s_source.StartActivity("runware.task", ActivityKind.Client);
        activity?.SetTag("runware.task.type", taskType).SetTag("runware.model", model);
        return new TaskScope(tags, activity);
    }

    /// <summary>Follows a request as an activity.</summary>
    public static Activity? BeginRequest(string? taskType, int tasks) => s_source.StartActivity("runware.request", ActivityKind.Client)
        ?.SetTag("runware.task.type", taskType).SetTag("runware.request.tasks", tasks);

    public static void Retried(string taskType, string code) =>
        s_retries.Add(1, new TagList { { "runware.task.type", taskType }, { "error.type", code } });

    public static void Queued(TimeSpan duration) => s_queue.Record(duration.TotalSeconds);

    public static void Requested(TimeSpan duration, string? taskType, string outcome) => s_request.Record(duration.TotalSeconds,
        new TagList { { "runware.task.type", taskType }, { "runware.request.outcome", outcome } });

    public static void Downloaded(TimeSpan duration) => s_download.Record(duration.TotalSeconds);

    public static void Journaled(TimeSpan duration, string operation) =>
        s_journal.Record(duration.TotalSeconds, new TagList { { "runware.journal.operation", operation.Replace("Async", "", StringComparison.Ordinal) } });

    /// <summary>A task in progress.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly struct TaskScope(TagList tags, Activity? activity) : IDisposable
    {
        public void Ended(string status, decimal? cost)
        {
            var counted = tags;
            counted.Add("runware.task.status", status);
            s_ended.Add(1, counted);
            if (cost is { } usd)
            {
                s_cost.Add((double)usd, tags);
            }

            activity?.SetTag("runware.task.status", status);
        }

        public void Failed(string code)
        {
            var counted = tags;
            counted.Add("error.type", code);
            s_failed.Add(1, counted);
            activity?.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error);
        }

        public void Dispose()
        {
            s_active.Add(-1, tags);
            activity?.Dispose();
        }
    }
}
