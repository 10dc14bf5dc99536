#nullable disable
using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace RunwarePS.Campaign;

/// <summary>
/// A network between clients and a server on loopback: it can lose responses, stand still, cut connections, and refuse them. The tests
/// compile this file, and the campaign of a fleet loads it.
/// </summary>
public sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _server;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _hold;
    private volatile string _drops;
    private volatile bool _isDown;

    public FaultyProxy(string host, int serverPort, int port)
    {
        _server = new IPEndPoint(IPAddress.Parse(host), serverPort);
        Port = port;
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many responses were lost.</summary>
    public int Dropped { get; private set; }

    /// <summary>Loses the response to the next request that contains a text, and then the connection.</summary>
    public void DropResponseTo(string text) => _drops = text;

    /// <summary>Keeps every byte until it is released.</summary>
    public void Hold() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => Interlocked.Exchange(ref _hold, null)?.SetResult();

    /// <summary>Whether the server can't be reached. Open connections are reset.</summary>
    public bool IsDown
    {
        get => _isDown;
        set
        {
            _isDown = value;
            if (value)
            {
                Reset();
            }
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        Release();
        _listener.Stop();
        Reset();
    }

    /// <summary>Cuts all connections.</summary>
    public void Reset()
    {
        while (_sockets.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test ended.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var both = client;
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (_isDown)
            {
                return;
            }

            _sockets.Add(client);
            _sockets.Add(server);
            client.NoDelay = true;
            await server.ConnectAsync(_server, _end.Token);
            var loses = new StrongBox();
            await Task.WhenAny(PumpAsync(client, server, isRequest: true, loses), PumpAsync(server, client, isRequest: false, loses));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isRequest, StrongBox loses)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
        {
            if (_hold is { } hold)
            {
                await hold.Task;
            }

            if (isRequest && _drops is { } text && buffer.AsSpan(0, read).IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0)
            {
                _drops = null;
                loses.Value = true;
            }

            if (!isRequest && loses.Value)
            {
                await Task.Delay(50); // the rest of the response: the server has committed by then
                Dropped++;
                return;
            }

            await to.SendAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
