using System.Text;

namespace RunwarePS.Sandbox;

/// <summary>One HTTP request that a sandbox received.</summary>
public sealed class SandboxRequest
{
    private readonly byte[] _content;
    private string? _body;

    internal SandboxRequest(DateTime at, string method, string path, Dictionary<string, string> headers, byte[] content)
    {
        At = at;
        Method = method;
        Path = path;
        Headers = headers;
        _content = content;
    }

    /// <summary>When it had arrived in full (UTC).</summary>
    public DateTime At { get; }

    /// <summary>The HTTP method.</summary>
    public string Method { get; }

    /// <summary>The path, with its query if it had one.</summary>
    public string Path { get; }

    /// <summary>
    /// The task types in the body, in order; <c>download</c> for the GET of a file, and <c>document</c> for that of a model document.
    /// </summary>
    public string[] TaskType { get; internal set; } = [];

    /// <summary>The task ids in the body, in order.</summary>
    public string[] TaskUuid { get; internal set; } = [];

    /// <summary>The HTTP status of the response; null if the server didn't respond, or hasn't yet.</summary>
    public int? StatusCode { get; internal set; }

    /// <summary>Whether the client closed the connection while the response was being sent.</summary>
    public bool IsCanceled { get; internal set; }

    /// <summary>Whether it carried an Authorization header.</summary>
    public bool HasAuthorization { get; internal set; }

    /// <summary>The headers. The value of Authorization is not kept.</summary>
    public Dictionary<string, string> Headers { get; }

    /// <summary>The body's JSON text. The key of an authentication task is not kept.</summary>
    public string Body
    {
        // Decoded on demand: a load test doesn't read it.
        get => _body ??= Encoding.UTF8.GetString(_content);
        internal init => _body = value;
    }

    /// <summary>The method, path and task types.</summary>
    public override string ToString() => $"{Method} {Path} {string.Join(", ", TaskType)}".TrimEnd();
}
