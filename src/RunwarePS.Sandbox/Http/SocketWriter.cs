using System.Net.Sockets;

namespace RunwarePS.Sandbox.Http;

internal static class SocketWriter
{
    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> content)
    {
        while (!content.IsEmpty)
        {
            content = content[await socket.SendAsync(content, SocketFlags.None).ConfigureAwait(false)..];
        }
    }
}
