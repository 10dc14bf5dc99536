namespace RunwarePS.Core.Tests.Execution;

/// <summary>Several processes that ask for the same task at once: one sends it, and all get its result.</summary>
public sealed class SingleFlightTests : IDisposable
{
    private static readonly ConnectionSettings s_settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("secret-key"));

    private readonly TemporaryJournal _file = new();
    private readonly List<IDisposable> _made = [];
    private int _submits;

    public void Dispose()
    {
        _made.ForEach(m => m.Dispose());
        _file.Dispose();
    }

    [Fact]
    public async Task One_of_many_sends_and_all_get_the_result()
    {
        var id = Guid.NewGuid();
        var processes = Enumerable.Range(0, 4).Select(_ => Process().Delivery).ToArray();

        var results = await Task.WhenAll(processes.Select(p => Task.Run(() => p.RunAsync(Some.Task(id: id), CancellationToken.None))));

        _submits.ShouldBe(1);
        results.Select(r => r.Images.ShouldHaveSingleItem().ImageUuid).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_has_ended_is_returned_without_a_request()
    {
        var task = Some.Task();
        var first = await Process().Delivery.RunAsync(task, CancellationToken.None);
        var again = Process();

        var run = await again.Delivery.RunAsync(Some.Task(id: task.TaskUuid), CancellationToken.None);
        var started = await again.Delivery.StartAsync(Some.Task(id: task.TaskUuid), CancellationToken.None);

        _submits.ShouldBe(1);
        run.Images.ShouldHaveSingleItem().ImageUrl.ShouldBe(first.Images.ShouldHaveSingleItem().ImageUrl);
        started.Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task What_another_gave_up_is_sent_by_the_next()
    {
        var task = Some.Task();
        var (first, second) = (Process(), Process());
        var begun = (await first.Journal.BeginAsync(task)).ShouldBeOfType<BeginOutcome.Booked>();
        var waiting = second.Delivery.RunAsync(Some.Task(id: task.TaskUuid), CancellationToken.None);
        await Task.Delay(300);
        _submits.ShouldBe(0);

        first.Journal.Released(begun.Lease);

        (await waiting).Images.ShouldHaveSingleItem();
        _submits.ShouldBe(1);
    }

    [Fact]
    public async Task Another_request_under_the_same_id_is_refused()
    {
        var task = Some.Task();
        await Process().Delivery.RunAsync(task, CancellationToken.None);

        var error = await Should.ThrowAsync<RunwareException>(() => Process().Delivery.RunAsync(Some.Task("Two foxes", task.TaskUuid), CancellationToken.None));

        error.Code.ShouldBe(ErrorCodes.TaskUuidReused);
    }

    [Fact]
    public async Task A_process_that_was_suspended_for_longer_than_its_lease_does_not_send()
    {
        var time = FakeTime.Jumping();
        var task = Some.Task();
        var other = Process();
        var sleeper = Process(time, onBegun: () =>
        {
            // The process sleeps between its begin and its request, and the other one takes the task over and finishes it.
            time.Advance(TimeSpan.FromMinutes(5));
            _file.Read("UPDATE task SET lease = 0");
            other.Delivery.RunAsync(Some.Task(id: task.TaskUuid), CancellationToken.None).GetAwaiter().GetResult();
        });

        var result = await sleeper.Delivery.RunAsync(task, CancellationToken.None);

        result.Images.ShouldHaveSingleItem();
        _submits.ShouldBe(1);
    }

    private (TaskExecutor Delivery, ConnectionJournal Journal) Process(FakeTime? time = null, Action? onBegun = null)
    {
        IJournalStore store = new RunwarePS.Journal.Sqlite.SqliteStore(RunwarePS.Journal.Sqlite.JournalFile.Open(_file.Path), _file.Path, time);
        if (onBegun is not null)
        {
            store = new InterruptedStore(store, onBegun);
        }

        var api = new ScriptedApi(FakeTime.Jumping(), async call =>
        {
            if (!call.IsPoll)
            {
                Interlocked.Increment(ref _submits);
                await Task.Delay(100);
            }

            return Say.Yes(call);
        });
        var http = new HttpClient(api);
        _made.AddRange([http, api, store]);
        var journal = new ConnectionJournal(_ => Task.FromResult(store), s_settings, _ => { });
        return (new TaskExecutor(new RunwareClient(http, s_settings), new DeliveryOptions(3, null, 5), journal, FakeTime.Jumping()), journal);
    }
}
