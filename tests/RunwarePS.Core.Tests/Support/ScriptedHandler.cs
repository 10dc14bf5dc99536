using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace RunwarePS.Core.Tests;

/// <summary>The server's side of a conversation without a network: hears each request and answers from a script.</summary>
internal sealed class ScriptedHandler(Func<ReceivedRequest, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<ReceivedRequest> _requests = [];

    public ScriptedHandler(Func<ReceivedRequest, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    /// <summary>Answers every request with the same text.</summary>
    public ScriptedHandler(string body, HttpStatusCode status = HttpStatusCode.OK, string mediaType = "application/json")
        : this(_ => Answer(body, status, mediaType))
    {
    }

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public ReceivedRequest Request => _requests.ShouldHaveSingleItem();

    public static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK, string mediaType = "application/json") =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Copied at once: client and buffers are gone when a test looks.
        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var received = new ReceivedRequest(request.Method.Method, request.RequestUri!, headers, body);
        _requests.Enqueue(received);
        return await answer(received, cancellationToken);
    }
}

internal sealed record ReceivedRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body);
