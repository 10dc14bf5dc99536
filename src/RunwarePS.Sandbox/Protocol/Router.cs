using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Faults;
using RunwarePS.Sandbox.Http;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Records a request, applies the faults that concern it as a whole, and has it answered.</summary>
internal sealed class Router(SandboxState state)
{
    private const string ApiPath = "/v1";
    private const string PicturePath = "/image/";

    private readonly TaskProcessor _processor = new(state);

    public async ValueTask<HttpResponse> AnswerAsync(HttpRequest request)
    {
        var path = request.Target.Split('?')[0];
        var isApi = path is ApiPath or ApiPath + "/";
        var isDownload = path.StartsWith(PicturePath, StringComparison.Ordinal) && request.Method == "GET";

        TaskError? error = null;
        var tasks = isApi && request.Method == "POST" ? ReadTasks(request, out error) : null;
        var record = Record(request, tasks, isDownload);

        var reply = tasks is not null ? await PostAsync(tasks).ConfigureAwait(false)
            : error is not null ? Failed(400, error)
            : isDownload ? DownloadPicture(path)
            : isApi ? MethodNotAllowed()
            : NotFound();

        record.StatusCode = reply.IsAnswer ? reply.Status : null;
        return reply;
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

    private SandboxRequest Record(HttpRequest request, IReadOnlyList<JsonObject>? tasks, bool isDownload)
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
            TaskType = isDownload ? [SandboxFault.Download] : Texts(tasks, "taskType"),
            TaskUuid = Texts(tasks, "taskUUID"),
            Body = redacted!,
        };
        state.Requests.Add(record);
        return record;
    }

    private static string[] Texts(IReadOnlyList<JsonObject>? tasks, string key) =>
        tasks is null ? [] : [.. tasks.Select(t => t.Text(key)).OfType<string>()];

    private async ValueTask<HttpResponse> PostAsync(IReadOnlyList<JsonObject> tasks)
    {
        var fault = state.Faults.TakeForRequest([.. tasks.Select(_processor.Subject)]);
        if (BeforeAcceptance(fault) is { } early)
        {
            return early;
        }

        var outcome = _processor.Process(tasks);
        if (outcome.NeverFinishes || fault?.Kind == SandboxFaultKind.Stall)
        {
            return HttpResponse.Stall;
        }

        if (outcome.Waiting.Count > 0)
        {
            await WaitAsync(outcome.Waiting).ConfigureAwait(false);
        }

        return AfterAcceptance(fault, outcome.Envelope.Status, HttpResponse.Json, outcome.Envelope.ToJson());
    }

    private async ValueTask WaitAsync(List<SandboxTask> tasks)
    {
        if (state.Tasks.Latency > TimeSpan.Zero)
        {
            await Task.Delay(state.Tasks.Latency, state.Time, state.Stopping).ConfigureAwait(false);
        }

        tasks.ForEach(t => t.IsDone = true);
    }

    private HttpResponse DownloadPicture(string path)
    {
        var (task, index) = FindPicture(path[PicturePath.Length..]);
        var fault = state.Faults.TakeForRequest([new FaultSubject(SandboxFault.Download, task?.Prompt)]);
        if (BeforeAcceptance(fault) is { } early)
        {
            return early;
        }

        return task is null ? NotFound()
            : fault?.Kind == SandboxFaultKind.Stall ? HttpResponse.Stall
            : AfterAcceptance(fault, 200, task.MediaType, task.Render(index));
    }

    /// <summary>The picture behind {taskUUID}-{index}.{ext}, once it is there.</summary>
    private (SandboxTask? Task, int Index) FindPicture(string name)
    {
        var (dash, dot) = (name.LastIndexOf('-'), name.LastIndexOf('.'));
        return dash > 0 && dot > dash
            && state.Tasks.Find(name[..dash]) is { } task
            && int.TryParse(name[(dash + 1)..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < task.Successes
            && name[(dot + 1)..] == task.Extension
            && state.Tasks.IsDone(task)
            ? (task, index)
            : (null, 0);
    }

    private static HttpResponse? BeforeAcceptance(SandboxFault? fault) => fault?.Kind switch
    {
        SandboxFaultKind.DropBeforeAcceptance => HttpResponse.Drop,
        SandboxFaultKind.Status => StatusReply(fault),
        _ => null,
    };

    private static HttpResponse AfterAcceptance(SandboxFault? fault, int status, string contentType, ReadOnlyMemory<byte> body) => fault?.Kind switch
    {
        SandboxFaultKind.DropAfterAcceptance => HttpResponse.Drop,
        SandboxFaultKind.TruncatedJson => new HttpResponse { Status = status, ContentType = contentType, Body = body[..(body.Length / 2)] },
        SandboxFaultKind.Trickle => new HttpResponse { Status = status, ContentType = contentType, Body = body, Manner = HttpManner.Trickle },
        _ => new HttpResponse { Status = status, ContentType = contentType, Body = body },
    };

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
        Allow = "POST",
        ContentType = HttpResponse.Json,
        Body = Envelope.Failed(new TaskError("methodNotAllowed", "The API answers POST only.")).ToJson(),
    };

    private static HttpResponse NotFound() => Failed(404, new TaskError("notFound", "There is nothing at this address."));

    private static HttpResponse Failed(int status, TaskError error) =>
        new() { Status = status, ContentType = HttpResponse.Json, Body = Envelope.Failed(error).ToJson() };
}
