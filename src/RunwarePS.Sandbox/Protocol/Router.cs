using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Documents;
using RunwarePS.Sandbox.Faults;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Records a request, applies the faults that concern it as a whole, and creates the response.</summary>
internal sealed class Router(SandboxState state) : IHttpHandler
{
    private const string ApiPath = "/v1";

    private static readonly TimeSpan s_tricklePause = TimeSpan.FromMilliseconds(200);

    private readonly TaskProcessor _processor = new(state);
    private readonly MediaDownload _media = new(state);
    private readonly DocumentService _documents = new(state);

    /// <inheritdoc/>
    public HttpResponse? Refuse(HttpRequest head) => null;

    /// <inheritdoc/>
    public void Sent(HttpRequest request)
    {
    }

    /// <inheritdoc/>
    public async ValueTask<HttpResponse> RespondAsync(HttpRequest request)
    {
        var path = request.Target.Split('?')[0];
        var isApi = path is ApiPath or ApiPath + "/";
        var isGet = request.Method is "GET" or "HEAD" && !isApi;
        var isDownload = isGet && MediaDownload.Serves(path);

        TaskError? error = null;
        var tasks = isApi && request.Method == "POST" ? ReadTasks(request, out error) : null;
        var resource = isDownload ? SandboxFault.Download : isGet && DocumentService.Serves(path) ? SandboxFault.Document : null;
        var record = Record(request, tasks, resource);

        var response = tasks is not null ? await PostAsync(tasks, record).ConfigureAwait(false)
            : error is not null ? Failed(400, error)
            : isDownload ? Get(_media.Subject(path), () => _media.Find(request, path))
            : isGet ? Get(new FaultSubject(SandboxFault.Document, path), () => _documents.Find(request))
            : isApi ? MethodNotAllowed()
            : NotFound();

        record.StatusCode = response.IsAnswer ? response.Status : null;
        return response;
    }

    private static IReadOnlyList<JsonObject>? ReadTasks(HttpRequest request, out TaskError? error)
    {
        if (!request.Headers.TryGetValue("Content-Type", out var type)
            || !type.Split(';')[0].Trim().Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase))
        {
            error = new TaskError("invalidContentType", "The Content-Type must be application/json.");
            return null;
        }

        return RequestBody.Read(request.Body, out error);
    }

    private SandboxRequest Record(HttpRequest request, IReadOnlyList<JsonObject>? tasks, string? resource)
    {
        var hasAuthorization = request.Headers.ContainsKey("Authorization");
        if (hasAuthorization)
        {
            request.Headers["Authorization"] = "Bearer ***";
        }

        var redacted = tasks is null ? null : RequestBody.Redact(tasks);
        var record = new SandboxRequest(state.Now, request.Method, request.Target, request.Headers, redacted is null ? request.Body : [])
        {
            HasAuthorization = hasAuthorization,
            TaskType = resource is not null ? [resource] : Texts(tasks, "taskType"),
            TaskUuid = Texts(tasks, "taskUUID"),
            Body = redacted!,
        };
        state.Requests.Add(record);
        return record;
    }

    private static string[] Texts(IReadOnlyList<JsonObject>? tasks, string key) =>
        tasks is null ? [] : [.. tasks.Select(t => t.Text(key)).OfType<string>()];

    private async ValueTask<HttpResponse> PostAsync(IReadOnlyList<JsonObject> tasks, SandboxRequest record)
    {
        var fault = state.Faults.TakeForRequest([.. tasks.Select(_processor.Subject)]);
        if (BeforeAcceptance(fault) is { } early)
        {
            return early;
        }

        var outcome = _processor.Process(tasks);
        await Task.WhenAll(outcome.EarlyCalls).ConfigureAwait(false);
        if (outcome.Stream is { } stream)
        {
            var response = new TextStream(stream, fault, state).ToResponse(() => record.IsCanceled = true);
            return fault?.Kind == SandboxFaultKind.Trickle ? Change(response, Trickle(response), length: null, HttpManner.Whole) : response;
        }

        if (outcome.NeverFinishes || fault?.Kind == SandboxFaultKind.Stall)
        {
            return HttpResponse.Stall;
        }

        if (outcome.Waiting.Count > 0)
        {
            await WaitAsync(outcome.Waiting).ConfigureAwait(false);
        }

        var envelope = outcome.Envelope;
        var whole = new HttpResponse { Status = envelope.Status, ContentType = HttpResponse.Json, Body = envelope.ToJson() };
        return AfterAcceptance(fault, whole);
    }

    private async ValueTask WaitAsync(List<SandboxTask> tasks)
    {
        if (state.Tasks.Latency > TimeSpan.Zero)
        {
            await Task.Delay(state.Tasks.Latency, state.Time, state.Stopping).ConfigureAwait(false);
        }

        tasks.ForEach(t => t.IsDone = true);
    }

    /// <summary>What a GET of a file or a document returns: these are subject to faults of a task type of their own.</summary>
    private HttpResponse Get(FaultSubject subject, Func<HttpResponse?> find)
    {
        var fault = state.Faults.TakeForRequest([subject]);
        return BeforeAcceptance(fault) ?? (find() is not { } found ? NotFound()
            : fault?.Kind == SandboxFaultKind.Stall ? HttpResponse.Stall
            : AfterAcceptance(fault, found));
    }

    private static HttpResponse? BeforeAcceptance(SandboxFault? fault) => fault?.Kind switch
    {
        SandboxFaultKind.DropBeforeAcceptance => HttpResponse.Drop,
        SandboxFaultKind.Status => StatusReply(fault),
        _ => null,
    };

    private HttpResponse AfterAcceptance(SandboxFault? fault, HttpResponse response) => fault?.Kind switch
    {
        SandboxFaultKind.DropAfterAcceptance when response.Status is 200 or 206 && response.ContentType != HttpResponse.Json =>
            Cut(response, response.Length ?? response.Body.Length, HttpManner.Drop),
        SandboxFaultKind.DropAfterAcceptance => HttpResponse.Drop,
        SandboxFaultKind.TruncatedJson => Cut(response, (response.Length ?? response.Body.Length) / 2, HttpManner.Whole),
        SandboxFaultKind.Trickle => Change(response, Trickle(response), response.Length ?? response.Body.Length, HttpManner.Whole),
        _ => response,
    };

    /// <summary>
    /// The first half of a response. Its Content-Length is that of the whole, and then the connection is cut, or that of the half.
    /// </summary>
    private static HttpResponse Cut(HttpResponse response, long length, HttpManner manner)
    {
        var half = (response.Length ?? response.Body.Length) / 2;
        return Change(response, Take(Pieces(response), half), length, manner);
    }

    private static HttpResponse Change(
        HttpResponse response, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, long? length, HttpManner manner) => new()
        {
            Status = response.Status,
            ContentType = response.ContentType,
            Headers = response.Headers,
            ClosedEarly = response.ClosedEarly,
            Pieces = pieces,
            Length = length,
            Manner = manner,
        };

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(HttpResponse response)
    {
        if (response.Pieces is not { } pieces)
        {
            yield return response.Body;
            yield break;
        }

        await foreach (var piece in pieces.ConfigureAwait(false))
        {
            yield return piece;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Take(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, long count)
    {
        await foreach (var piece in pieces.ConfigureAwait(false))
        {
            var taken = (int)Math.Min(piece.Length, count);
            yield return piece[..taken];
            count -= taken;
            if (count == 0)
            {
                yield break;
            }
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> Trickle(HttpResponse response)
    {
        await foreach (var piece in Pieces(response).ConfigureAwait(false))
        {
            for (var i = 0; i < piece.Length; i++)
            {
                await Task.Delay(s_tricklePause, state.Time, state.Stopping).ConfigureAwait(false);
                yield return piece.Slice(i, 1);
            }
        }
    }

    private static HttpResponse StatusReply(SandboxFault fault)
    {
        var status = fault.StatusCode ?? 503;
        if (status is 204 or 304)
        {
            return new HttpResponse { Status = status, RetryAfter = fault.RetryAfter };
        }

        if (fault.Body is not { } body)
        {
            return new HttpResponse
            {
                Status = status,
                RetryAfter = fault.RetryAfter,
                ContentType = fault.Code is null ? null : HttpResponse.Json,
                Body = fault.Code is null ? default : Envelope.Failed(new TaskError(fault.Code, fault.Message ?? fault.Code)).ToJson(),
            };
        }

        return new HttpResponse
        {
            Status = status,
            RetryAfter = fault.RetryAfter,
            ContentType = body.StartsWith('{') || body.StartsWith('[') ? HttpResponse.Json : "text/html",
            Body = Encoding.UTF8.GetBytes(body),
        };
    }

    private static HttpResponse MethodNotAllowed() => new()
    {
        Status = 405,
        Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Allow"] = "POST" },
        ContentType = HttpResponse.Json,
        Body = Envelope.Failed(new TaskError("methodNotAllowed", "The API answers POST only.")).ToJson(),
    };

    private static HttpResponse NotFound() => Failed(404, new TaskError("notFound", "There is nothing at this address."));

    private static HttpResponse Failed(int status, TaskError error) =>
        new() { Status = status, ContentType = HttpResponse.Json, Body = Envelope.Failed(error).ToJson() };
}
