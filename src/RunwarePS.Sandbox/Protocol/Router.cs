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

    public async ValueTask<HttpReply> AnswerAsync(HttpRequest request)
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

    private async ValueTask<HttpReply> PostAsync(IReadOnlyList<JsonObject> tasks)
    {
        var fault = state.Faults.TakeForRequest([.. tasks.Select(_processor.Subject)]);
        if (BeforeAcceptance(fault) is { } early)
        {
            return early;
        }

        var outcome = _processor.Process(tasks);
        if (outcome.NeverFinishes || fault?.Kind == SandboxFaultKind.Stall)
        {
            return HttpReply.Stall;
        }

        if (outcome.Waiting.Count > 0)
        {
            await WaitAsync(outcome.Waiting).ConfigureAwait(false);
        }

        return AfterAcceptance(fault, outcome.Envelope.Status, HttpReply.Json, outcome.Envelope.ToJson());
    }

    private async ValueTask WaitAsync(List<SandboxTask> tasks)
    {
        if (state.Tasks.Latency > TimeSpan.Zero)
        {
            await Task.Delay(state.Tasks.Latency, state.Time, state.Stopping).ConfigureAwait(false);
        }

        tasks.ForEach(t => t.IsDone = true);
    }

    private HttpReply DownloadPicture(string path)
    {
        var (task, index) = FindPicture(path[PicturePath.Length..]);
        var fault = state.Faults.TakeForRequest([new FaultSubject(SandboxFault.Download, task?.Prompt)]);
        if (BeforeAcceptance(fault) is { } early)
        {
            return early;
        }

        return task is null ? NotFound()
            : fault?.Kind == SandboxFaultKind.Stall ? HttpReply.Stall
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

    private static HttpReply? BeforeAcceptance(SandboxFault? fault) => fault?.Kind switch
    {
        SandboxFaultKind.DropBeforeAcceptance => HttpReply.Drop,
        SandboxFaultKind.Status => StatusReply(fault),
        _ => null,
    };

    private static HttpReply AfterAcceptance(SandboxFault? fault, int status, string contentType, ReadOnlyMemory<byte> body) => fault?.Kind switch
    {
        SandboxFaultKind.DropAfterAcceptance => HttpReply.Drop,
        SandboxFaultKind.TruncatedJson => new HttpReply { Status = status, ContentType = contentType, Body = body[..(body.Length / 2)] },
        SandboxFaultKind.Trickle => new HttpReply { Status = status, ContentType = contentType, Body = body, Manner = HttpManner.Trickle },
        _ => new HttpReply { Status = status, ContentType = contentType, Body = body },
    };

    private static HttpReply StatusReply(SandboxFault fault)
    {
        var status = fault.StatusCode ?? 503;
        if (status is 204 or 304)
        {
            return new HttpReply { Status = status, RetryAfter = fault.RetryAfter };
        }

        if (fault.Body is not { } body)
        {
            return new HttpReply
            {
                Status = status,
                RetryAfter = fault.RetryAfter,
                ContentType = fault.Code is null ? null : HttpReply.Json,
                Body = fault.Code is null ? default : Envelope.Failed(new TaskError(fault.Code, fault.Message ?? fault.Code)).ToJson(),
            };
        }

        return new HttpReply
        {
            Status = status,
            RetryAfter = fault.RetryAfter,
            ContentType = body.StartsWith('{') || body.StartsWith('[') ? HttpReply.Json : "text/html",
            Body = Encoding.UTF8.GetBytes(body),
        };
    }

    private static HttpReply MethodNotAllowed() => new()
    {
        Status = 405,
        Allow = "POST",
        ContentType = HttpReply.Json,
        Body = Envelope.Failed(new TaskError("methodNotAllowed", "The API answers POST only.")).ToJson(),
    };

    private static HttpReply NotFound() => Failed(404, new TaskError("notFound", "There is nothing at this address."));

    private static HttpReply Failed(int status, TaskError error) =>
        new() { Status = status, ContentType = HttpReply.Json, Body = Envelope.Failed(error).ToJson() };
}
