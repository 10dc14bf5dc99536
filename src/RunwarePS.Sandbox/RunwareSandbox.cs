using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RunwarePS.Sandbox.Http;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox;

/// <summary>The Runware API on loopback: no key, no cost, real images.</summary>
public sealed class RunwareSandbox : IDisposable, IAsyncDisposable
{
    private const int Backlog = 1024;

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, bool> _connections = new();
    private readonly SandboxState _state;
    private readonly Router _router;
    private int _stopped;

    private RunwareSandbox(TcpListener listener, SandboxOptions options)
    {
        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Endpoint = new Uri(FormattableString.Invariant($"http://127.0.0.1:{Port}/v1"));
        _state = new SandboxState(options, new Uri(Endpoint, "/"), _stopping.Token);
        _router = new Router(_state);
    }

    /// <summary>The URL of the API.</summary>
    public Uri Endpoint { get; }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

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

        var listener = new TcpListener(IPAddress.Loopback, options.Port);
        try
        {
            listener.Start(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        var sandbox = new RunwareSandbox(listener, options);
        _ = Task.Run(sandbox.AcceptAsync);
        return sandbox;
    }

    /// <summary>Stops listening and cuts all connections. What it recorded stays readable.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _listener.Stop();
        _stopping.Cancel();
        foreach (var (socket, _) in _connections)
        {
            socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _listener.Dispose();
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

    private async Task AcceptAsync()
    {
        while (IsRunning)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync().ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(socket));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, or one connection that was gone before it was accepted, or no handles left: the latter pass.
                if (IsRunning)
                {
                    await Task.Delay(10).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        _connections[socket] = true;
        try
        {
            if (IsRunning)
            {
                socket.NoDelay = true;
                using var connection = new HttpConnection(socket);
                await connection.ServeAsync(_router.AnswerAsync).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The other side went away, or this one stopped. Either ends the connection and nothing else.
        }
        finally
        {
            _connections.TryRemove(socket, out _);
            socket.Dispose();
        }
    }
}
