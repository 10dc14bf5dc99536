using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox;

/// <summary>The Runware API on loopback: no key, no cost, real images.</summary>
public sealed class RunwareSandbox : IDisposable, IAsyncDisposable
{
    private readonly HttpServer _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SandboxState _state;
    private int _stopped;

    private RunwareSandbox(SandboxOptions options)
    {
        SandboxState? state = null;
        _server = HttpServer.Start(
            options.Port,
            port => new Router(state = new SandboxState(options, EndpointOn(port), _stopping.Token)),
            new HttpLimits());
        _state = state!;
        Endpoint = EndpointOn(_server.Port);
    }

    /// <summary>The URL of the API.</summary>
    public Uri Endpoint { get; }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port => _server.Port;

    /// <summary>Whether it still listens.</summary>
    public bool IsRunning => Volatile.Read(ref _stopped) == 0;

    /// <summary>What it received, in order of arrival.</summary>
    public IReadOnlyList<SandboxRequest> Request => _state.Requests.Snapshot();

    /// <summary>What it generated: what the API would have charged for.</summary>
    public IReadOnlyList<SandboxGeneration> Generation => _state.Tasks.Generations.Snapshot();

    /// <summary>What it sent, or refused to send, to webhooks and upload endpoints.</summary>
    public IReadOnlyList<SandboxDelivery> Delivery => _state.Deliveries.Snapshot();

    /// <summary>Starts a sandbox. It listens when this returns.</summary>
    public static RunwareSandbox Start(SandboxOptions? options = null)
    {
        options ??= new SandboxOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Latency, TimeSpan.Zero, nameof(options));

        return new RunwareSandbox(options);
    }

    /// <summary>Stops listening and cuts all connections. What it recorded stays readable.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _server.Dispose();
        _stopping.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The URL of the API.</summary>
    public override string ToString() => Endpoint.ToString();

    private static Uri EndpointOn(int port) => new(FormattableString.Invariant($"http://127.0.0.1:{port}/v1"));
}
