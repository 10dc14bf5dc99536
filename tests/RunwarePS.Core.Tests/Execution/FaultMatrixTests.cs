using RunwarePS.Http;
using RunwarePS.Sandbox;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Each fault at each stage, on real sockets, with a real journal: once, and for as long as anybody tries.</summary>
public abstract class FaultMatrix
{
    public const string SyncSubmit = "sync submit";
    public const string AsyncSubmit = "async submit";
    public const string Poll = "poll";
    public const string Download = "download";

    private protected const int Retries = 2;

    private static readonly HttpPipelineFactory s_http = new();
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2); // a busy machine needs a part of it for a good response

    private protected static readonly Dictionary<string, Fault> s_faults = new(StringComparer.Ordinal)
    {
        ["dropped before acceptance"] = new(SandboxFaultKind.DropBeforeAcceptance, ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection),
        ["dropped after acceptance"] = new(SandboxFaultKind.DropAfterAcceptance, ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection),
        ["429 with Retry-After"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.RateLimit, 429) { RetryAfter = TimeSpan.FromSeconds(2) },
        ["429 without Retry-After"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.RateLimit, 429),
        ["500 with HTML"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.Server, 500) { Body = "<html><h1>Internal error</h1></html>" },
        ["502"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.Server, 502),
        ["503"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.Server, 503),
        ["504"] = new(SandboxFaultKind.Status, ErrorCodes.HttpStatus, RunwareErrorCategory.Timeout, 504),
        ["truncated JSON"] = new(SandboxFaultKind.TruncatedJson, ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, 200),
        ["stall"] = new(SandboxFaultKind.Stall, ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout) { NeedsTime = true },
        ["slow trickle"] = new(SandboxFaultKind.Trickle, ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout) { NeedsTime = true },
    };

    public static TheoryData<string> Faults => [.. s_faults.Keys];

    public static TheoryData<string, string> Submits
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var fault in s_faults.Keys)
            {
                cells.Add(fault, SyncSubmit);
                cells.Add(fault, AsyncSubmit);
            }

            return cells;
        }
    }

    private protected sealed record Fault(SandboxFaultKind Kind, string Code, RunwareErrorCategory Category, int? Status = null)
    {
        public TimeSpan? RetryAfter { get; init; }

        public string? Body { get; init; }

        /// <summary>True where only a time-out ends it, which on sockets is real time.</summary>
        public bool NeedsTime { get; init; }
    }

    /// <summary>A sandbox that fails in one way, and all that stands between a task and its file.</summary>
    private protected sealed class Bench : IDisposable
    {
        private readonly TemporaryJournal _file = new();
        private readonly RunwareClient _client;
        private readonly HastyTime _time = new();
        private readonly Fault _fault;

        public Bench(string fault, string stage, int? times)
        {
            _fault = s_faults[fault];
            Sandbox = RunwareSandbox.Start(new SandboxOptions
            {
                Faults =
                [
                    new SandboxFault
                    {
                        Kind = _fault.Kind,
                        Times = times,
                        TaskType = stage switch { Poll => "getResponse", Download => SandboxFault.Download, _ => "imageInference" },
                        StatusCode = _fault.Status,
                        RetryAfter = _fault.RetryAfter,
                        Body = _fault.Body,
                    },
                ],
            });
            var settings = ConnectionSettings.Create(Sandbox.Endpoint, key: null) with { Timeout = RequestTimeout };
            var file = _file.Open();
            Journal = new ConnectionJournal(_ => Task.FromResult(file.Store), settings, message => throw new InvalidOperationException(message));
            _client = new RunwareClient(s_http.CreateApiClient(), settings);
            Delivery = Deliver();
            Receiver = new TaskReceiver(Delivery, Journal, _time);
            Saver = new MediaSaver(new MediaSource(s_http.CreateDownloadClient, RequestTimeout, Retries, _time));
            Pictures = Path.Combine(_file.Folder, "pictures");
        }

        public RunwareSandbox Sandbox { get; }

        public ConnectionJournal Journal { get; }

        public TaskExecutor Delivery { get; }

        public TaskReceiver Receiver { get; }

        public MediaSaver Saver { get; }

        public string Pictures { get; }

        private TimeSpan RequestTimeout => _fault.NeedsTime ? s_short : TimeSpan.FromMinutes(1);

        public TaskExecutor Deliver() => new(_client, new DeliveryOptions(Retries, Timeout: null, MaxConcurrency: 2), Journal, _time);

        public int Requests(string taskType) => Sandbox.Request.Count(r => r.TaskType.Contains(taskType, StringComparer.Ordinal));

        public async Task<JournalTask> RowAsync(Guid id) => (await Journal.FindAsync(id)).ShouldNotBeNull();

        public Task<string> SaveAsync(RunwareImage image) =>
            Saver.SaveAsync(image, Pictures, FileNameTemplate.Parse(null), force: false, CancellationToken.None);

        public string[] Saved => Directory.Exists(Pictures) ? Directory.GetFileSystemEntries(Pictures) : [];

        /// <summary>The image as the sandbox has it.</summary>
        public async Task<byte[]> OriginalAsync(RunwareImage image)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            return await http.GetByteArrayAsync(image.ImageUrl);
        }

        public async Task<bool> IsOriginalAsync(RunwareImage image, string path)
        {
            var saved = await File.ReadAllBytesAsync(path);
            return (await OriginalAsync(image)).AsSpan().SequenceEqual(saved);
        }

        /// <summary>The image was made once, is here, and is booked.</summary>
        public async Task PaidOnceAndHereAsync(Guid id, RunwareImage[] images)
        {
            Sandbox.Generation.ShouldHaveSingleItem().TaskUuid.ShouldBe(id.ToString("D"));
            var image = images.ShouldHaveSingleItem();
            (await OriginalAsync(image)).ShouldNotBeEmpty();
            var row = await RowAsync(id);
            row.Status.ShouldBe(RunwareTaskStatus.Succeeded);
            row.Images.ShouldHaveSingleItem().ImageUuid.ShouldBe(image.ImageUuid);
            row.IsOwned.ShouldBeFalse();
            (await Journal.RequestAsync(row)).ShouldBeNull();
            (await Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
        }

        public void ShouldTell(RunwareException error, Guid id)
        {
            error.TaskUuid.ShouldBe(id);
            error.Code.ShouldBe(_fault.Code);
            error.Category.ShouldBe(_fault.Category);
            if (_fault.Kind != SandboxFaultKind.TruncatedJson)
            {
                error.StatusCode.ShouldBe(_fault.Status); // a broken response has that of the response: the first 200, a conflict 400
            }
        }

        public void Dispose()
        {
            Sandbox.Dispose();
            _file.Dispose();
        }
    }
}

public sealed class FaultOfASubmitTests : FaultMatrix
{
    [Theory]
    [MemberData(nameof(Submits))]
    public async Task Once_and_the_image_is_there_and_was_bought_once(string fault, string stage)
    {
        using var bench = new Bench(fault, stage, times: 1);
        var task = Some.Task(async: stage == AsyncSubmit);

        RunwareImage[] images;
        if (stage == SyncSubmit)
        {
            var result = await bench.Delivery.RunAsync(task, CancellationToken.None);
            result.Failures.ShouldBeEmpty();
            images = [.. result.Images];
        }
        else
        {
            var accepted = await bench.Delivery.StartAsync(task, CancellationToken.None);
            accepted.Status.ShouldBe(RunwareTaskStatus.Submitted);
            (await bench.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
            images = (await bench.Receiver.WaitAsync(accepted, null, null, null, CancellationToken.None)).Image;
        }

        await bench.PaidOnceAndHereAsync(task.TaskUuid, images);
        bench.Requests("imageInference").ShouldBeInRange(2, s_faults[fault].NeedsTime ? 1 + Retries : 2);
        bench.Requests("getResponse").ShouldBeLessThanOrEqualTo(5);
        bench.Sandbox.Request.SelectMany(r => r.TaskUuid).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Submits))]
    public async Task Always_and_the_error_names_the_task_which_is_resumed_and_bought_once(string fault, string stage)
    {
        // As long as anybody tries; the next session finds the line repaired.
        using var bench = new Bench(fault, stage, times: 1 + Retries);
        var task = Some.Task(async: stage == AsyncSubmit);

        var error = await Should.ThrowAsync<RunwareException>(() =>
            stage == SyncSubmit ? bench.Delivery.RunAsync(task, CancellationToken.None) : (Task)bench.Delivery.StartAsync(task, CancellationToken.None));

        bench.ShouldTell(error, task.TaskUuid);
        bench.Requests("imageInference").ShouldBe(1 + Retries);
        bench.Sandbox.Generation.Count.ShouldBeLessThanOrEqualTo(1);
        var row = await bench.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Pending);
        row.IsOwned.ShouldBeFalse();
        (await bench.Journal.RequestAsync(row)).ShouldNotBeNull();

        var resumer = new TaskResumer(bench.Deliver(), bench.Journal);
        var open = (await resumer.FindAsync(null)).ShouldHaveSingleItem();
        var resumed = (await resumer.ResumeAsync(open, CancellationToken.None)).ShouldNotBeNull();
        var view = await bench.Receiver.WaitAsync(resumed, null, null, null, CancellationToken.None);

        view.Failure.ShouldBeEmpty();
        await bench.PaidOnceAndHereAsync(task.TaskUuid, view.Image);
    }
}

public sealed class FaultOfAPollTests : FaultMatrix
{
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Once_and_the_image_is_there_all_the_same(string fault)
    {
        using var bench = new Bench(fault, Poll, times: 1);
        var task = Some.Task();

        var result = await bench.Delivery.RunAsync(task, CancellationToken.None);

        result.Failures.ShouldBeEmpty();
        await bench.PaidOnceAndHereAsync(task.TaskUuid, [.. result.Images]);
        bench.Requests("imageInference").ShouldBe(1);
        bench.Requests("getResponse").ShouldBeInRange(2, 5);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Always_and_a_timeout_names_the_task_which_lives_on(string fault)
    {
        using var bench = new Bench(fault, Poll, times: null);
        var task = await bench.Delivery.StartAsync(Some.Task(), CancellationToken.None);

        var error = await Should.ThrowAsync<RunwareException>(() => bench.Receiver.WaitAsync(task, TimeSpan.FromSeconds(30), null, null, CancellationToken.None));

        error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        error.Category.ShouldBe(RunwareErrorCategory.Timeout);
        error.TaskUuid.ShouldBe(task.TaskUuid);
        bench.ShouldTell(error.InnerException.ShouldBeOfType<RunwareException>(), task.TaskUuid);
        bench.Requests("imageInference").ShouldBe(1);
        bench.Requests("getResponse").ShouldBeInRange(1, 40);
        bench.Sandbox.Generation.ShouldHaveSingleItem();
        var open = (await new TaskResumer(bench.Deliver(), bench.Journal).FindAsync(null)).ShouldHaveSingleItem();
        open.Status.ShouldBe(RunwareTaskStatus.Submitted);
        open.Failures.ShouldBeEmpty();
    }
}

public sealed class FaultOfADownloadTests : FaultMatrix
{
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Once_and_the_image_is_saved_whole(string fault)
    {
        using var bench = new Bench(fault, Download, times: 1);
        var image = await ImageAsync(bench);

        var path = await bench.SaveAsync(image);

        var downloads = bench.Requests("download");
        (await bench.IsOriginalAsync(image, path)).ShouldBeTrue();
        downloads.ShouldBeInRange(2, s_faults[fault].NeedsTime ? 1 + Retries : 2);
        bench.Saved.ShouldBe([path]);
        bench.Sandbox.Generation.ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Always_and_nothing_is_left_but_what_can_be_saved_later(string fault)
    {
        using var bench = new Bench(fault, Download, times: 1 + Retries);
        var image = await ImageAsync(bench);

        var error = await Should.ThrowAsync<RunwareException>(() => bench.SaveAsync(image));

        error.Code.ShouldBe(ErrorCodes.DownloadFailed);
        error.TaskUuid.ShouldBe(image.TaskUuid);
        if (fault != "truncated JSON")
        {
            error.Category.ShouldBe(s_faults[fault].Category);
            error.StatusCode.ShouldBe(s_faults[fault].Status);
        }

        bench.Requests("download").ShouldBe(1 + Retries);
        bench.Saved.ShouldBeEmpty();

        var open = (await new TaskResumer(bench.Deliver(), bench.Journal).FindAsync(null)).ShouldHaveSingleItem();
        var received = await bench.Receiver.ReceiveAsync(open.ToTask(), timeout: null, CancellationToken.None);
        var path = await bench.SaveAsync(received.Image.ShouldHaveSingleItem());
        (await bench.IsOriginalAsync(image, path)).ShouldBeTrue();
        bench.Sandbox.Generation.ShouldHaveSingleItem();
    }

    private static async Task<RunwareImage> ImageAsync(Bench bench) =>
        (await bench.Delivery.RunAsync(Some.Task(async: false), CancellationToken.None)).Images.ShouldHaveSingleItem();
}
