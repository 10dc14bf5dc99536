using System.Net;
using System.Net.Sockets;

namespace RunwarePS.Core.Tests;

/// <summary>Sends the beginning of an answer and then resets the connection: a TCP RST, not the orderly end that HTTP servers make of it.</summary>
internal sealed class ResettingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private readonly Func<Task> _before;
    private readonly Task _serving;

    /// <param name="answer">What goes out first, status line included.</param>
    /// <param name="before">What the reset waits for: the client has to have seen the beginning.</param>
    public ResettingServer(byte[] answer, Func<Task> before)
    {
        _answer = answer;
        _before = before;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Root => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public void Dispose()
    {
        _listener.Dispose();
        _serving.Wait(TimeSpan.FromSeconds(5));
    }

    private async Task ServeAsync()
    {
        try
        {
            using var socket = await _listener.AcceptSocketAsync();
            var request = new byte[16 * 1024];
            await socket.ReceiveAsync(request);
            await socket.SendAsync(_answer);
            await _before();
            socket.LingerState = new LingerOption(enable: true, 0);
            socket.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test ended before anyone came.
        }
    }
}
