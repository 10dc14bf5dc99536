using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace RunwarePS.Execution;

/// <summary>
/// Listens on loopback for the calls of webhooks, and passes on which tasks they name. Nothing else of a call is used: results come from
/// polls, so that a forged call can cause a poll and nothing more.
/// </summary>
internal sealed class WebhookReceiver : IHttpHandler, IDisposable
{
    /// <summary>Base64 results can have tens of megabytes.</summary>
    public const int MaxBody = 64 * 1024 * 1024;

    private static readonly HttpLimits s_limits = new()
    {
        MaxHead = 16 * 1024,
        MaxBody = MaxBody,
        MaxConnections = 256,
        HeadTimeout = TimeSpan.FromSeconds(10),
        BodyTimeout = TimeSpan.FromSeconds(60),
    };

    private readonly HttpServer _server;
    private readonly TaskSignals _signals;
    private int _calls;

    private WebhookReceiver(int port, Func<int, WebhookRoute> createRoute, TaskSignals signals, HttpLimits limits)
    {
        _signals = signals;
        _server = HttpServer.Start(
            port,
            actual =>
            {
                Route = createRoute(actual);
                return this;
            },
            limits);
        signals.Attach(Route);
    }

    public WebhookRoute Route { get; private set; } = null!;

    public int Port => _server.Port;

    public bool IsRunning => _server.IsRunning;

    /// <summary>The number of calls with the right token.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Starts to listen.</summary>
    /// <param name="port">The port; 0 for any free port.</param>
    /// <param name="publicUri">The URL under which the API reaches the port; null for the port itself.</param>
    /// <param name="isLocal">Whether the API is on this machine, so that it reaches the port itself.</param>
    /// <param name="signals">Where the calls are passed on.</param>
    /// <param name="limits">What one client may take; null for the default.</param>
    /// <exception cref="SocketException">The port is in use, or not allowed.</exception>
    public static WebhookReceiver Start(int port, Uri? publicUri, bool isLocal, TaskSignals signals, HttpLimits? limits = null) => new(
        port,
        actual => new WebhookRoute(
            publicUri ?? new Uri(FormattableString.Invariant($"http://127.0.0.1:{actual}")), isLocal || publicUri is not null),
        signals,
        limits ?? s_limits);

    /// <summary>A request without the token gets the same response at any path, and its body isn't read.</summary>
    public HttpResponse? Refuse(HttpRequest head) => Route.Matches(head.Target) ? null : Text(404, "Not found.");

    /// <summary>The API waits about five seconds for the response, so the body isn't looked at before it.</summary>
    public ValueTask<HttpResponse> RespondAsync(HttpRequest request) => ValueTask.FromResult(request.Method == "POST"
        ? Text(200, "OK")
        : Text(405, "Use POST.", new Dictionary<string, string>(StringComparer.Ordinal) { ["Allow"] = "POST" }));

    /// <summary>Wakes the tasks that the body names. A body that can't be read names none, and isn't asked for again.</summary>
    public void Sent(HttpRequest request)
    {
        if (request.Method == "POST")
        {
            Interlocked.Increment(ref _calls);
            foreach (var (id, isReady) in NamedTasks.In(request.Body))
            {
                _signals.Arrived(id, isReady);
            }
        }
    }

    /// <summary>Stops to listen. Tasks that wait go on polling.</summary>
    public void Dispose()
    {
        _server.Dispose();
        _signals.Detach(Route);
    }

    private static HttpResponse Text(int status, string text, Dictionary<string, string>? headers = null) => new()
    {
        Status = status,
        ContentType = "text/plain",
        Body = Encoding.ASCII.GetBytes(text),
        Headers = headers ?? [],
    };

    /// <summary>Finds the tasks that a body names, in any of its forms, without reading the results in it.</summary>
    private static class NamedTasks
    {
        /// <summary>In <c>{"data":[{…}]}</c>, the object of a task is the third.</summary>
        private const int DeepestObject = 2;

        public static List<(Guid Id, bool IsReady)> In(ReadOnlySpan<byte> body)
        {
            var found = new List<(Guid, bool)>();
            var open = new (Guid? Id, bool IsReady)[DeepestObject + 1];
            try
            {
                var reader = new Utf8JsonReader(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
                while (reader.Read())
                {
                    var depth = reader.CurrentDepth;
                    if (reader.TokenType == JsonTokenType.StartObject && depth <= DeepestObject)
                    {
                        open[depth] = (null, IsReady: true);
                    }
                    else if (reader.TokenType == JsonTokenType.EndObject && depth <= DeepestObject && open[depth].Id is { } id)
                    {
                        found.Add((id, open[depth].IsReady));
                    }
                    else if (reader.TokenType == JsonTokenType.PropertyName && depth <= DeepestObject + 1)
                    {
                        Read(ref reader, ref open[depth - 1]);
                    }
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter of text that isn't Unicode
            {
                // What was read before counts: at worst, a task is polled for nothing.
            }

            return found;
        }

        private static void Read(ref Utf8JsonReader reader, ref (Guid? Id, bool IsReady) task)
        {
            if (reader.ValueTextEquals("taskUUID"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                task.Id = reader.TryGetGuid(out var id) ? id : task.Id;
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("status"u8) && reader.Read()
                && reader.TokenType == JsonTokenType.String)
            {
                task.IsReady = !ResultReader.IsInProgress(reader.GetString());
            }
        }
    }
}
