namespace RunwarePS.Core.Tests.Execution;

/// <summary>A delivery with a scripted API, a fake clock and a journal.</summary>
internal sealed class Rig : IDisposable
{
    private readonly HttpClient _http;

    public Rig(
        Func<ApiCall, HttpResponseMessage> answer, FakeTime? time = null, int maxRetryCount = 3, TimeSpan? timeout = null, int maxConcurrency = 5, decimal? maxCost = null, Budget? budget = null)
        : this(call => Task.FromResult(answer(call)), time, maxRetryCount, timeout, maxConcurrency, maxCost, budget)
    {
    }

    public Rig(
        Func<ApiCall, Task<HttpResponseMessage>> answer, FakeTime? time = null, int maxRetryCount = 3, TimeSpan? timeout = null, int maxConcurrency = 5, decimal? maxCost = null, Budget? budget = null)
    {
        Time = time ?? FakeTime.Jumping();
        Api = new ScriptedApi(Time, answer);
        _http = new HttpClient(Api);
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("secret-key")) with { MaxCost = maxCost };
        File = new TemporaryJournal();
        var file = File.Open();
        Journal = new ConnectionJournal(_ => Task.FromResult(file.Store), settings, Warnings.Add);
        Journal.FindAsync(Guid.NewGuid()).GetAwaiter().GetResult(); // opened now: the clock of the test doesn't wait for the disk
        Delivery = new TaskExecutor(new RunwareClient(_http, settings), new DeliveryOptions(maxRetryCount, timeout, maxConcurrency), Journal, Time, budget);
        Receiver = new TaskReceiver(Delivery, Journal, Time);
    }

    public FakeTime Time { get; }

    public ScriptedApi Api { get; }

    public TaskExecutor Delivery { get; }

    public TaskReceiver Receiver { get; }

    public ConnectionJournal Journal { get; }

    public TemporaryJournal File { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>How many submits wait for a concurrency slot.</summary>
    public int Queued => Delivery.Waiting.Submits;

    /// <summary>How many polls wait for a concurrency slot.</summary>
    public int QueuedPolls => Delivery.Waiting.Polls;

    public Task<TaskResult> RunAsync(TaskRequest task) => Delivery.RunAsync(task, CancellationToken.None);

    public Task<RunwareTask> StartAsync(TaskRequest task) => Delivery.StartAsync(task, CancellationToken.None);

    public async Task<RunwareException> FailAsync(TaskRequest task) => await Should.ThrowAsync<RunwareException>(() => RunAsync(task));

    public async Task<JournalTask> RowAsync(Guid id) => (await Journal.FindAsync(id)).ShouldNotBeNull();

    /// <summary>The request that the journal still holds; null from its acceptance on.</summary>
    public async Task<TaskRequest?> RequestAsync(Guid id) => await Journal.RequestAsync(await RowAsync(id));

    public void Dispose()
    {
        _http.Dispose();
        Api.Dispose();
        File.Dispose();
    }
}
