using System.Net;

namespace RunwarePS.Http;

/// <summary>The system's proxy, but for this very machine: a sandbox is reached directly wherever HTTPS_PROXY points.</summary>
internal sealed class LoopbackBypass : IWebProxy
{
    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => HttpClient.DefaultProxy.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : HttpClient.DefaultProxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);
}
