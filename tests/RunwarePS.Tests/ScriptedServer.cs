using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunwarePS.Tests;

/// <summary>Answers every request on loopback with what the test says, and remembers what it was sent. For what no sandbox does.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<string, string> _answer;

    /// <param name="answer">From the request's text to the whole response, with status line and headers.</param>
    public ScriptedServer(Func<string, string> answer)
    {
        _answer = answer;
        _listener.Start();
        Endpoint = FormattableString.Invariant($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
        _ = AcceptAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>A port on which nobody listens.</summary>
    public static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string Reply(int status, string body, string headers = "") =>
        FormattableString.Invariant($"HTTP/1.1 {status} Scripted\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

    /// <summary>The value of a header in a request's text.</summary>
    public static string? Header(string request, string name) =>
        request.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await ServeAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over, or the client went away.
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        var received = new List<byte>();
        var buffer = new byte[8192];
        while (!IsWhole(Encoding.UTF8.GetString([.. received])))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
            {
                return;
            }

            received.AddRange(buffer[..read]);
        }

        var request = Encoding.UTF8.GetString([.. received]);
        _requests.Enqueue(request);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(_answer(request)));
    }

    // The module's bodies are small and their length or their last chunk is known.
    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        return Header(text[..end], "Content-Length") is { } length
            ? Encoding.UTF8.GetByteCount(text[(end + 4)..]) >= int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)
            : Header(text[..end], "Transfer-Encoding") is null || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
    }
}
