using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace RunwarePS.Campaign
{
    /// <summary>A network between clients and a server on loopback: it can cut all connections, and stand still.</summary>
    public sealed class FaultyProxy : IDisposable
    {
        private readonly TcpListener _listener;
        private readonly IPEndPoint _server;
        private readonly ConcurrentBag<Socket> _sockets = new();
        private TaskCompletionSource<bool> _hold;

        public FaultyProxy(string host, int serverPort, int port)
        {
            _server = new IPEndPoint(IPAddress.Parse(host), serverPort);
            Port = port;
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start();
            _ = Task.Run(AcceptAsync);
        }

        public int Port { get; }

        /// <summary>Cuts all connections.</summary>
        public void Reset()
        {
            while (_sockets.TryTake(out var socket))
            {
                socket.Dispose();
            }
        }

        /// <summary>Keeps every byte until it is released.</summary>
        public void Hold() => _hold = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => Interlocked.Exchange(ref _hold, null)?.SetResult(true);

        public void Dispose()
        {
            Release();
            _listener.Stop();
            Reset();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptSocketAsync();
                    _ = Task.Run(() => ServeAsync(client));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The campaign ended.
            }
        }

        private async Task ServeAsync(Socket client)
        {
            using var both = client;
            using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                client.NoDelay = true;
                _sockets.Add(client);
                _sockets.Add(server);
                await server.ConnectAsync(_server);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Cut, or the server is down.
            }
        }

        private async Task PumpAsync(Socket from, Socket to)
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
            {
                if (_hold is { } hold)
                {
                    await hold.Task;
                }

                await to.SendAsync(new ReadOnlyMemory<byte>(buffer, 0, read), SocketFlags.None);
            }
        }
    }
}
