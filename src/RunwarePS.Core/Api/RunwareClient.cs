using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Api;

/// <summary>
/// The client of the API, with one method per operation. It sends each request once; <see cref="TaskExecutor"/> decides what is repeated.
/// </summary>
internal sealed class RunwareClient(HttpClient http, ConnectionSettings settings, IRequestTrace? trace = null)
{
    private static readonly ProductInfoHeaderValue s_userAgent =
        new("RunwarePS", typeof(RunwareClient).Assembly.GetName().Version?.ToString(3) ?? "0");

    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue s_acceptsJson = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue s_acceptsEvents = new("text/event-stream");

    // Non-ASCII text isn't escaped: that is shorter, and readable in a debug body.
    private static readonly JsonWriterOptions s_writer = new()
    { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the items of responses are kept as they come, too.</summary>
    public bool KeepsRaw { get; init; }

    /// <summary>The question for the present state of a task.</summary>
    public static JsonObject GetResponse(Guid taskUuid) =>
        new() { ["taskType"] = TaskTypes.GetResponse, ["taskUUID"] = taskUuid.ToString("D") };

    /// <summary>The question for the request and the response of a task, which the API keeps longer.</summary>
    public static JsonObject GetTaskDetails(Guid taskUuid) =>
        new() { ["taskType"] = TaskTypes.GetTaskDetails, ["taskUUID"] = taskUuid.ToString("D") };

    /// <summary>Sends one task and reads its text as it arrives. A response that isn't a stream is read like any other.</summary>
    /// <param name="task">The task, already checked.</param>
    /// <param name="expected">How many texts it asks for.</param>
    /// <param name="write">Passes on a piece of text; the next one is read when it has ended.</param>
    /// <param name="limit">Ends at the time limit of the call, and when the user stops it.</param>
    /// <param name="stop">Ends when the user stops it.</param>
    /// <exception cref="RunwareException">It was refused, or nothing of the text arrived. What breaks off later is in the
    /// response.</exception>
    public Task<TaskResponse> StreamAsync(
        JsonObject task, int expected, Func<RunwareTextDelta, ValueTask> write, CancellationToken limit, CancellationToken stop) =>
        PostAsync([task], s_acceptsEvents, async (response, request, timeout) =>
        {
            var id = request.Ids[0];
            if (!IsStream(response))
            {
                return (await ReadAsync(response, request, timeout.Token).ConfigureAwait(false)).Of(id);
            }

            timeout.CancelAfter(Timeout.InfiniteTimeSpan); // from here on, the time without a line counts
            return await ReadEventsAsync(response, request, new StreamedText(id, expected, request.Secrets), write, timeout.Token, stop)
                .ConfigureAwait(false);
        }, limit);

    /// <summary>
    /// Gets the account. It's free and needs a valid key. The balance is in USD; null if the response doesn't contain it.
    /// </summary>
    public async Task<decimal?> GetBalanceAsync(CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var responses = await SendAsync(
            [new JsonObject { ["taskType"] = "accountManagement", ["taskUUID"] = id.ToString("D"), ["operation"] = "getDetails" }],
            cancellationToken).ConfigureAwait(false);
        var taskResponse = responses.Of(id);
        if (taskResponse.Errors.Count > 0)
        {
            throw taskResponse.Errors[0];
        }

        // A plain number, or an object with an amount.
        foreach (var item in taskResponse.Items)
        {
            if (item.Unknown is { } fields && fields.TryGetValue("balance", out var balance))
            {
                if (balance.ValueKind == JsonValueKind.Object && balance.TryGetProperty("amount", out var amount))
                {
                    balance = amount;
                }

                return balance.ValueKind == JsonValueKind.Number && balance.TryGetDecimal(out var value) ? value : null;
            }
        }

        return null;
    }

    /// <summary>Sends tasks, already checked, or questions for the state of tasks in one request.</summary>
    public Task<ResponsesByTask> SendAsync(IReadOnlyList<JsonObject> tasks, CancellationToken cancellationToken) =>
        PostAsync(tasks, s_acceptsJson, (response, request, timeout) => ReadAsync(response, request, timeout.Token), cancellationToken);

    /// <summary>Sends one request; its response is read while the connection is open.</summary>
    private async Task<T> PostAsync<T>(
        IReadOnlyList<JsonObject> tasks, MediaTypeWithQualityHeaderValue accepts,
        Func<HttpResponseMessage, Request, CancellationTokenSource, Task<T>> read, CancellationToken cancellationToken)
    {
        var ids = tasks.Select(TaskUuid).ToArray();
        var task = ids.Length == 1 && IsDelivery(tasks[0]) ? ids[0] : (Guid?)null;
        var secrets = Secrets.Of(settings.Key, tasks);
        using var body = new PooledBuffer();
        WriteBody(tasks, body);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Endpoint)
        {
            Content = new ReadOnlyMemoryContent(body.Written) { Headers = { ContentType = s_json } },
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        request.Headers.UserAgent.Add(s_userAgent);
        request.Headers.Accept.Add(accepts);
        request.Headers.Authorization = settings.Key?.ToHeader();
        TraceBody(body.Written.Span, secrets);
        var watch = Stopwatch.StartNew();
        using var activity = Telemetry.BeginRequest(tasks[0].Text("taskType"), tasks.Count);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.Timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token)
                .ConfigureAwait(false);
            return await read(response, new Request(ids, task, secrets, Trace), timeout).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Trace(Strings.TraceNoResponse);
            throw Failed(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout,
                Strings.RequestTimedOut.With(settings, settings.Timeout.TotalSeconds), task, inner: null);
        }
        catch (Exception e) when (IsBroken(e))
        {
            Trace(Strings.TraceConnectionFailed);
            throw Failed(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                secrets.Hide(Strings.ConnectionFailed.With(settings, e.Message)), task, e);
        }

        void Trace(string outcome)
        {
            Telemetry.Requested(watch.Elapsed, tasks[0].Text("taskType"), outcome);
            trace?.Request(Strings.TraceRequest.With(
                settings, tasks[0]["taskType"], tasks.Count, string.Join(", ", ids), outcome, watch.ElapsedMilliseconds));
        }
    }

    private async Task<ResponsesByTask> ReadAsync(HttpResponseMessage response, Request request, CancellationToken cancellationToken)
    {
        using var received = new PooledBuffer();
        await received.ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        request.Trace(status.ToString(CultureInfo.InvariantCulture));
        TraceBody(received.Written.Span, request.Secrets);
        return Interpret(received.Written.Span, status, response.RetryAfter(), request.Ids, request.Task, request.Secrets);
    }

    private async Task<TaskResponse> ReadEventsAsync(
        HttpResponseMessage response, Request request, StreamedText text, Func<RunwareTextDelta, ValueTask> write,
        CancellationToken cancellationToken,
        CancellationToken stop)
    {
        RunwareException? end = null;
        var events = new EventStreamReader(
            await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), settings.Timeout);
        try
        {
            while (!text.HasFailed && await events.NextAsync(cancellationToken).ConfigureAwait(false) is { } json)
            {
                TraceBody(json.Span, request.Secrets);
                foreach (var delta in text.Add(json))
                {
                    await write(delta).ConfigureAwait(false);
                }
            }
        }
        catch (TimeoutException e)
        {
            end = Failed(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout, e.Message, request.Task, inner: null);
        }
        catch (OperationCanceledException) when (text.HasStarted && !stop.IsCancellationRequested)
        {
            end = Failed(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout, Strings.CallTimedOut,
                request.Task, inner: null);
        }
        catch (JsonException)
        {
            end = Failed(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, Strings.StreamLineNotJson,
                request.Task, inner: null);
        }
        catch (Exception e) when (IsBroken(e))
        {
            end = Failed(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                request.Secrets.Hide(Strings.StreamConnectionFailed.With(e.Message)), request.Task, e);
        }

        foreach (var delta in text.Rest())
        {
            await write(delta).ConfigureAwait(false);
        }

        request.Trace(end is null ? Strings.TraceStreamEnded : Strings.TraceStreamIncomplete);
        return text.HasStarted || events.IsDone ? text.ToResponse(events.IsDone, end)
            : throw end ?? Failed(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                Strings.StreamClosedEarly.With(settings), request.Task, inner: null);
    }

    private void TraceBody(ReadOnlySpan<byte> body, Secrets secrets)
    {
        if (trace is { WantsBody: true })
        {
            trace.Body(Redaction.Body(body, secrets));
        }
    }

    private static bool IsBroken(Exception e) => e is HttpRequestException or IOException or InvalidDataException;

    // An error is JSON, even if a stream was requested.
    private static bool IsStream(HttpResponseMessage response) =>
        response.IsSuccessStatusCode
            && string.Equals(response.Content.Headers.ContentType?.MediaType, s_acceptsEvents.MediaType,
                StringComparison.OrdinalIgnoreCase);

    /// <summary>Interprets the body before the status, because the status isn't specific to a task.</summary>
    private ResponsesByTask Interpret(ReadOnlySpan<byte> body, int status, TimeSpan? retryAfter, Guid[] ids, Guid? task, Secrets secrets)
    {
        var apiResponse = ResponseReader.Read(body, KeepsRaw);
        var errors = apiResponse.Errors.Select(e => ErrorReader.ToException(e, status, secrets, retryAfter)).ToList();
        var isAnswer = apiResponse.Items.Count > 0 || errors.Exists(e => ResponsesByTask.Concerns(e, ids));
        if (apiResponse.IsReadable && (isAnswer || IsSuccess(status)))
        {
            return new ResponsesByTask(ids, apiResponse.Items, errors, unanswered: null, secrets);
        }

        // An incomplete refusal may be a conflict, which means that the task was accepted: the request is repeated as for any incomplete
        // response. The same holds for a refusal that names only other tasks.
        var isUnclear = status == 400 && ((!isAnswer && errors.Count > 0) || ResponseReader.IsTorn(body));
        var rest = IsSuccess(status) || isUnclear
            ? Failed(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown,
                Strings.ResponseUnrecognized.With(settings, status, Redaction.Snippet(body, secrets)),
                task, inner: null, status)
            : Failed(ErrorCodes.HttpStatus, ErrorCatalog.OfStatus(status), StatusMessage(body, status, secrets), task, inner: null, status,
                retryAfter);
        if (!isAnswer)
        {
            throw rest;
        }

        return new ResponsesByTask(ids, apiResponse.Items, errors, rest, secrets);
    }

    private string StatusMessage(ReadOnlySpan<byte> body, int status, Secrets secrets)
    {
        var name = Enum.IsDefined((HttpStatusCode)status) ? $" {(HttpStatusCode)status}" : "";
        var what = (status is >= 300 and < 400 ? Strings.StatusRedirect : Strings.StatusReturned).With(settings, $"{status}{name}");
        var snippet = Redaction.Snippet(body, secrets);
        return snippet.Length == 0 ? what : Strings.StatusWithBody.With(what, snippet);
    }

    private static RunwareException Failed(string code, RunwareErrorCategory category, string message, Guid? task, Exception? inner,
        int? status = null, TimeSpan? retryAfter = null) =>
        new(code, category, message, inner)
        {
            TaskUuid = task,
            StatusCode = status,
            RetryAfter = retryAfter,
        };

    private static bool IsSuccess(int status) => status is >= 200 and < 300;

    private static Guid TaskUuid(JsonObject task) =>
        task["taskUUID"] is { } id && Guid.TryParse(id.GetValue<string>(), out var guid) ? guid : Guid.Empty;

    // Only these tasks may have to be resumed.
    private static bool IsDelivery(JsonObject task) =>
        task["taskType"]?.GetValue<string>() is { } type && (type == TaskTypes.GetResponse || !TaskTypes.IsUtility(type));

    private static void WriteBody(IReadOnlyList<JsonObject> tasks, PooledBuffer body)
    {
        using var writer = new Utf8JsonWriter(body, s_writer);
        writer.WriteStartArray();
        foreach (var task in tasks)
        {
            task.WriteTo(writer, MediaJson.Default.Options);
        }

        writer.WriteEndArray();
    }

    /// <summary>What one request is about.</summary>
    /// <param name="Ids">Its tasks.</param>
    /// <param name="Task">Its only task, if it may have to be resumed.</param>
    /// <param name="Secrets">What no message may hold.</param>
    /// <param name="Trace">Reports its outcome.</param>
    private sealed record Request(Guid[] Ids, Guid? Task, Secrets Secrets, Action<string> Trace);
}
