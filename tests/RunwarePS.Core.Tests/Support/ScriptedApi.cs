using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests;

/// <summary>One request that the API got.</summary>
internal sealed record ApiCall(int Number, JsonObject[] Tasks, DateTimeOffset At, int Bytes, CancellationToken Cancellation)
{
    public bool IsPoll => (string?)Tasks[0]["taskType"] == "getResponse";

    public Guid[] Ids => [.. Tasks.Select(t => Guid.Parse((string)t["taskUUID"]!))];

    public Guid Id => Ids.ShouldHaveSingleItem();

    public int Count(Guid id) => (int?)Tasks.Single(t => (string?)t["taskUUID"] == id.ToString("D"))["numberResults"] ?? 1;

    public override string ToString() => $"{(IsPoll ? "poll" : "submit")} {string.Join(", ", Ids)}";
}

/// <summary>An API that answers as a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedApi : DelegatingHandler
{
    private readonly Lock _lock = new();
    private readonly List<ApiCall> _calls = [];
    private readonly TimeProvider _time;

    public ScriptedApi(TimeProvider time, Func<ApiCall, Task<HttpResponseMessage>> answer)
    {
        _time = time;
        InnerHandler = new ScriptedHandler((request, cancellationToken) => answer(Add(request, cancellationToken)));
    }

    public IReadOnlyList<ApiCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    public IReadOnlyList<ApiCall> Submits => [.. Calls.Where(c => !c.IsPoll)];

    public IReadOnlyList<ApiCall> Polls => [.. Calls.Where(c => c.IsPoll)];

    private ApiCall Add(ReceivedRequest request, CancellationToken cancellationToken)
    {
        JsonObject[] tasks = [.. JsonNode.Parse(request.Body)!.AsArray().Select(t => t!.AsObject())];
        lock (_lock)
        {
            var bytes = Encoding.UTF8.GetByteCount(request.Body);
            var call = new ApiCall(_calls.Count, tasks, _time.GetUtcNow(), bytes, cancellationToken);
            _calls.Add(call);
            return call;
        }
    }
}

/// <summary>What an API says.</summary>
internal static class Say
{
    public static HttpResponseMessage Status(int status, string? body = null, string? retryAfter = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body ?? "", Encoding.UTF8, "text/html") };
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    public static HttpResponseMessage Reply(JsonNode[] data, params JsonNode[] errors) => Reply(200, data, errors);

    public static HttpResponseMessage Reply(int status, JsonNode[] data, params JsonNode[] errors) =>
        Status(status, new JsonObject { ["data"] = new JsonArray(data), ["errors"] = new JsonArray(errors) }.ToJsonString());

    /// <summary>Each task of a submit is accepted; each that is asked about has its image.</summary>
    public static HttpResponseMessage Yes(ApiCall call) =>
        Reply([.. call.Ids.Select(id => call.IsPoll || call.Tasks[0]["deliveryMethod"] is null ? Picture(id) : Accepted(id))]);

    public static HttpResponseMessage Error(int status, string code, Guid? id = null, string message = "No.") => Reply(status, [], Failure(code, id, message));

    /// <summary>What an API that forgot nothing answers to an id it has seen.</summary>
    public static HttpResponseMessage Conflict(ApiCall call) => Reply(400, [], [.. call.Ids.Select(id => Failure("conflictTaskUUID", id, "Already used."))]);

    public static JsonObject Accepted(Guid id) => new() { ["taskType"] = "imageInference", ["taskUUID"] = id.ToString("D") };

    public static JsonObject Picture(Guid id, int index = 0, decimal? cost = Some.Price)
    {
        var item = Accepted(id);
        item["status"] = "success";
        item["imageUUID"] = PictureId(id, index).ToString("D");
        item["imageURL"] = $"https://im.example/{id:D}-{index}.jpg";
        if (cost is not null)
        {
            item["cost"] = cost;
        }

        return item;
    }

    public static JsonObject Working(Guid id, int? progress = null)
    {
        var item = Accepted(id);
        item["status"] = "processing";
        if (progress is not null)
        {
            item["progress"] = progress;
        }

        return item;
    }

    public static JsonObject Failure(string code, Guid? id = null, string message = "No.", bool withStatus = false)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (withStatus)
        {
            error["status"] = "error";
        }

        if (id is { } task)
        {
            error["taskUUID"] = task.ToString("D");
        }

        return error;
    }

    /// <summary>The last byte of a task's id counts its images.</summary>
    public static Guid PictureId(Guid id, int index)
    {
        var bytes = id.ToByteArray();
        bytes[15] ^= (byte)(index + 1);
        return new Guid(bytes);
    }
}
