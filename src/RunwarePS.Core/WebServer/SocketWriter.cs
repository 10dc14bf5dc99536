using System.Net.Sockets;

namespace RunwarePS.WebServer;

internal static class SocketWriter
{
    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        while (!content.IsEmpty)
        {
            content = content[await socket.SendAsync(content, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        }
    }
}
