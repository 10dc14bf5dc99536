using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RunwarePS.WebServer;

/// <summary>
/// A small HTTP/1.1 server on a TCP socket of loopback, for the sandbox and the webhook receiver. HttpListener isn't used: on Windows, it
/// requires administrator rights or a reservation of the URL.
/// </summary>
internal sealed class HttpServer : IDisposable
{
    private const int Backlog = 1024;

    private readonly TcpListener _listener;
    private readonly IHttpHandler _handler;
    private readonly HttpLimits _limits;
    private readonly ConcurrentDictionary<HttpConnection, long> _connections = new();
    private long _accepted;
    private int _stopped;

    private HttpServer(TcpListener listener, IHttpHandler handler, HttpLimits limits)
    {
        (_listener, _handler, _limits) = (listener, handler, limits);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Whether it still listens.</summary>
    public bool IsRunning => Volatile.Read(ref _stopped) == 0;

    /// <summary>The number of open connections.</summary>
    public int Connections => _connections.Count;

    /// <summary>Starts to listen and to serve requests.</summary>
    /// <param name="port">The port; 0 for any free port.</param>
    /// <param name="createHandler">Creates the handler, which may have to know the port.</param>
    /// <param name="limits">What one client may take.</param>
    /// <exception cref="SocketException">The port is in use, or not allowed.</exception>
    public static HttpServer Start(int port, Func<int, IHttpHandler> createHandler, HttpLimits limits)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start(Backlog);
            var server = new HttpServer(listener, createHandler(((IPEndPoint)listener.LocalEndpoint).Port), limits);
            _ = Task.Run(server.AcceptAsync);
            return server;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening and cuts all connections.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _listener.Dispose();
        foreach (var (connection, _) in _connections)
        {
            connection.Close();
        }
    }

    private async Task AcceptAsync()
    {
        while (IsRunning)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync().ConfigureAwait(false);
                MakeRoom();
                var connection = new HttpConnection(socket, _limits);
                _connections[connection] = Interlocked.Increment(ref _accepted);
                _ = Task.Run(() => ServeAsync(connection));
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

    /// <summary>
    /// At the limit, the oldest of the connections that haven't sent a valid request gives way, so that slow clients can't keep others out.
    /// </summary>
    private void MakeRoom()
    {
        while (_connections.Count >= _limits.MaxConnections)
        {
            var oldest = _connections.OrderBy(c => c.Key.IsKnown).ThenBy(c => c.Value).First().Key;
            _connections.TryRemove(oldest, out _);
            oldest.Close();
        }
    }

    private async Task ServeAsync(HttpConnection connection)
    {
        try
        {
            if (IsRunning)
            {
                await connection.ServeAsync(_handler).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The other side went away or was too slow, or this one stopped. Either ends the connection and nothing else.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }
}
