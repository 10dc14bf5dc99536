using RunwarePS.Models;
using System.Text.Json.Nodes;
using System.Diagnostics;
using RunwarePS.Http;
using RunwarePS.Journal.Sqlite;

namespace RunwarePS.Bench.Ours;

/// <summary>
/// The core without the cmdlets, put together as they do it: for rows that need the journal off, which no parameter offers, and for machines
/// without PowerShell.
/// </summary>
internal sealed class CoreJobs : IJobs
{
    private readonly HttpPipelineFactory _http = new();
    private ConnectionSettings _settings = null!;
    private ConnectionJournal _journal = null!;

    public async Task<JobResult> RunAsync(Job job)
    {
        switch (job.Name)
        {
            case "connect":
                await ConnectAsync(job);
                return new JobResult(0, 0);
            case "calls":
                return await CallsAsync(job);
            case "batch":
                return await BatchAsync(job, outputType: null, folder: null);
            case "save":
                return await BatchAsync(job, "base64Data", job.Folder);
            case "async":
                return await ReceiveAsync(job);
            case "download":
                return await DownloadAsync(job);
            default:
                throw new NotSupportedException($"The core has no job '{job.Name}'.");
        }
    }

    private async Task ConnectAsync(Job job)
    {
        _settings = ConnectionSettings.Create(new Uri(job.Endpoint!), key: null);
        var file = job.Journal is null ? null : await new SqliteJournalProvider().OpenAsync(new FileAddress(job.Journal), CancellationToken.None);
        _journal = file is null ? ConnectionJournal.None(_settings) : new ConnectionJournal(_ => Task.FromResult(file), _settings, Console.Error.WriteLine);
    }

    private async Task<JobResult> CallsAsync(Job job)
    {
        var watch = Stopwatch.StartNew();
        var made = 0;
        for (var i = 0; i < job.Count; i++)
        {
            made += (await Delivery(maxConcurrency: 1).RunAsync(Prepare(i, outputType: null, isAsync: false), CancellationToken.None)).Images.Count;
            await _journal.FlushAsync(CancellationToken.None);
        }

        return new JobResult(watch.Elapsed.TotalMilliseconds, made);
    }

    private async Task<JobResult> BatchAsync(Job job, string? outputType, string? folder)
    {
        var watch = Stopwatch.StartNew();
        var delivery = Delivery(job.Throttle);
        var saver = Saver();
        var made = Through(job, async (i, cancellationToken) =>
        {
            var result = await delivery.RunAsync(Prepare(i, outputType, isAsync: false), cancellationToken);
            foreach (var image in folder is null ? [] : result.Images)
            {
                await saver.SaveAsync(image, Into(folder!), cancellationToken);
            }

            return result.Images.Count;
        });
        await _journal.FlushAsync(CancellationToken.None);
        return new JobResult(watch.Elapsed.TotalMilliseconds, made);
    }

    private async Task<JobResult> ReceiveAsync(Job job)
    {
        var watch = Stopwatch.StartNew();
        var delivery = Delivery(job.Throttle);
        var tasks = new RunwareTask[job.Count];
        Through(job with { Throttle = job.Throttle * RequestBatcher.MaxTasks }, async (i, cancellationToken) =>
        {
            tasks[i] = await delivery.StartAsync(Prepare(i, outputType: null, isAsync: true), cancellationToken);
            return 0;
        });
        var receiver = new TaskReceiver(delivery, _journal, TimeProvider.System);
        var made = Through(job with { Throttle = 1000 }, async (i, cancellationToken) =>
            (await receiver.WaitAsync(tasks[i], timeout: null, interval: null, progress: null, cancellationToken)).Image.Length);
        await _journal.FlushAsync(CancellationToken.None);
        return new JobResult(watch.Elapsed.TotalMilliseconds, made);
    }

    private async Task<JobResult> DownloadAsync(Job job)
    {
        var delivery = Delivery(job.Throttle);
        var images = new RunwareImage[job.Count];
        Through(job, async (i, cancellationToken) =>
        {
            images[i] = (await delivery.RunAsync(Prepare(i, outputType: null, isAsync: false), cancellationToken)).Images[0];
            return 1;
        });
        var watch = Stopwatch.StartNew();
        var saver = Saver();
        var options = Into(job.Folder!);
        var made = Through(job, async (i, cancellationToken) =>
        {
            _journal.Saved(images[i], (await saver.SaveAsync(images[i], options, cancellationToken)).Path);
            return 1;
        });
        await _journal.FlushAsync(CancellationToken.None);
        return new JobResult(watch.Elapsed.TotalMilliseconds, made);
    }

    private static int Through(Job job, Func<int, CancellationToken, Task<int>> work)
    {
        var made = 0;
        using var queue = new PipelineWorkQueue(job.Throttle);
        for (var i = 0; i < job.Count; i++)
        {
            var index = i;
            queue.Add(subject: null, async cancellationToken =>
            {
                var count = await work(index, cancellationToken);
                return () => made += count;
            });
        }

        queue.Drain();
        return made;
    }

    private TaskExecutor Delivery(int maxConcurrency) => new(
        new RunwareClient(_http.CreateApiClient(), _settings),
        new DeliveryOptions(_settings.MaxRetryCount, Timeout: null, maxConcurrency),
        _journal,
        TimeProvider.System);

    private MediaSaver Saver() =>
        new(new MediaSource(_http.CreateDownloadClient, _settings.Timeout, _settings.MaxRetryCount, TimeProvider.System));

    private static SaveOptions Into(string folder) => new() { Folder = folder, Template = FileNameTemplate.Parse(null) };

    private static TaskRequest Prepare(int index, string? outputType, bool isAsync)
    {
        var given = new JsonObject { ["positivePrompt"] = FormattableString.Invariant($"a red tram, number {index + 1}"), ["width"] = 1024, ["height"] = 1024 };
        if (outputType is not null)
        {
            given["outputType"] = outputType;
        }

        return new TaskBuilder
        {
            TaskType = TaskTypes.ImageInference,
            Model = ModelCatalog.Default.DefaultModel.Air,
            IsAsync = isAsync,
            InputIndex = index,
            Given = given,
        }.Build().Task;
    }
}
