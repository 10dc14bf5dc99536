using System.Text.Json.Nodes;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Sandbox;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>The calls of webhooks that get lost, repeated, early, late, or another form, and what a waiting client makes of them.</summary>
public sealed class WebhookFaultTests : IDisposable
{
    private readonly TaskSignals _signals = new(TimeProvider.System);
    private readonly WebhookReceiver _receiver;
    private readonly Http.HttpPipelineFactory _http = new();
    private TemporaryJournal? _journal;

    public WebhookFaultTests() => _receiver = WebhookReceiver.Start(0, publicUri: null, isLocal: true, _signals);

    [Theory]
    [InlineData(SandboxFaultKind.WebhookLost, 0)]
    [InlineData(SandboxFaultKind.WebhookTwice, 4)]
    [InlineData(SandboxFaultKind.WebhookEarly, 2)]
    [InlineData(SandboxFaultKind.WebhookLate, 2)]
    [InlineData(SandboxFaultKind.WebhookFlat, 2)]
    [InlineData(SandboxFaultKind.WebhookProgress, 3)]
    public async Task Whatever_happens_to_the_calls_each_result_is_received_once(SandboxFaultKind kind, int calls)
    {
        using var sandbox = RunwareSandbox.Start(new SandboxOptions
        {
            Latency = TimeSpan.FromMilliseconds(300),
            Faults = [new SandboxFault { Kind = kind, RetryAfter = TimeSpan.FromSeconds(1) }],
        });

        var result = await RunAsync(sandbox, count: 2);

        result.Images.Select(i => i.ImageUuid).Distinct().Count().ShouldBe(2);
        result.Failures.ShouldBeEmpty();
        sandbox.Generation.ShouldHaveSingleItem();
        await Eventually.TrueAsync(() => sandbox.Delivery.Count == calls, "all calls have been answered");
        await Eventually.TrueAsync(() => _receiver.Calls == calls, "the receiver, which answers first, has counted them");
    }

    [Theory]
    [InlineData(SandboxFaultKind.WebhookFlat)]
    [InlineData(SandboxFaultKind.WebhookTwice)]
    public async Task A_failure_is_announced_like_a_result(SandboxFaultKind kind)
    {
        using var sandbox = RunwareSandbox.Start(new SandboxOptions
        {
            Latency = TimeSpan.FromMilliseconds(300),
            Faults = [new SandboxFault { Kind = kind }, new SandboxFault { Kind = SandboxFaultKind.PartialFailure }],
        });

        var result = await RunAsync(sandbox, count: 1);

        result.Images.ShouldBeEmpty();
        result.Failures.ShouldHaveSingleItem().Code.ShouldBe("invalidProviderContent");
    }

    [Fact]
    public async Task An_early_call_comes_before_the_acknowledgment_and_a_late_one_after_the_results()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.WebhookEarly, Match = "early" },
            new SandboxFault { Kind = SandboxFaultKind.WebhookLate, Match = "late", RetryAfter = TimeSpan.FromSeconds(5) });

        await client.SendAsync(Task("early"));
        client.Sandbox.Delivery.Count.ShouldBe(1, "the response came after the call");
        await Eventually.TrueAsync(() => _receiver.Calls == 1, "the receiver, which answers first, has counted it");

        var late = Task("late");
        await client.SendAsync(late);
        var poll = await client.SendAsync(SandboxClient.GetResponse((string)late["taskUUID"]!));
        ((string?)poll.Data[0]!["status"]).ShouldBe("success");
        _receiver.Calls.ShouldBe(1);
        await Eventually.TrueAsync(() => _receiver.Calls == 2, "the late call has arrived");
    }

    [Fact]
    public async Task A_call_that_is_refused_is_repeated()
    {
        using var client = new SandboxClient();
        var task = Task("a fox");
        task["webhookURL"] = new Uri(_receiver.Route.Url, "/webhook?token=wrong").AbsoluteUri;

        await client.SendAsync(task);

        await Eventually.TrueAsync(() => client.Sandbox.Delivery.Count >= 3, "the call is repeated");
        client.Sandbox.Delivery.ShouldAllBe(d => d.StatusCode == 404);
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _journal?.Dispose();
    }

    private JsonObject Task(string prompt)
    {
        var task = SandboxClient.Image(prompt: prompt);
        task["deliveryMethod"] = "async";
        task["webhookURL"] = _receiver.Route.Url.AbsoluteUri;
        return task;
    }

    private Task<TaskResult> RunAsync(RunwareSandbox sandbox, int count)
    {
        _journal = new TemporaryJournal();
        var file = _journal.Open();
        var settings = ConnectionSettings.Create(sandbox.Endpoint, key: null);
        var journal = new ConnectionJournal(_ => System.Threading.Tasks.Task.FromResult(file.Store), settings, _ => { });
        var executor = new TaskExecutor(new RunwareClient(_http.CreateApiClient(), settings), new DeliveryOptions(3, TimeSpan.FromSeconds(30), 5), journal,
            TimeProvider.System, budget: null, _signals);
        var request = Some.Request(count: count) with { WebhookUrl = _receiver.Route.Url };
        return executor.RunAsync(request.ToTask(), CancellationToken.None);
    }
}
