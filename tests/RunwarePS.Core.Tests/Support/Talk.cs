using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>The words most tests of the client share.</summary>
internal static class Talk
{
    public const string Key = "rw-4f1d8c02b7e94a6f-never-shown";

    public static readonly Guid A = Guid.Parse("8a8a8a8a-0001-4000-8000-000000000001");
    public static readonly Guid B = Guid.Parse("8b8b8b8b-0002-4000-8000-000000000002");
    public static readonly Guid C = Guid.Parse("8c8c8c8c-0003-4000-8000-000000000003");

    public static readonly Secrets NoSecrets = Secrets.Of(key: null, []);

    public static RunwareClient Client(HttpMessageHandler handler, IRequestTrace? trace = null, string? key = Key, TimeSpan? timeout = null) =>
        Client(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, new Uri("https://api.example.test/v1"), trace, key, timeout);

    public static RunwareClient Client(HttpClient http, Uri endpoint, IRequestTrace? trace = null, string? key = Key, TimeSpan? timeout = null) =>
        new(http, new ConnectionSettings { Endpoint = endpoint, Key = ApiKey.From(key), Timeout = timeout ?? TimeSpan.FromSeconds(60) }, trace);

    public static JsonObject Task(Guid id, string prompt = "a heron on a tin roof") => new ImageRequest { TaskUuid = id, Prompt = prompt }.ToWire();

    public static Task<ResponsesByTask> AskAsync(this RunwareClient client, params Guid[] ids) =>
        client.SendAsync([.. ids.Select(id => Task(id))], CancellationToken.None);

    /// <summary>What the client makes of one answer to one task.</summary>
    public static async Task<TaskResponse> ReplyToAsync(string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var handler = new ScriptedHandler(body, status);
        return (await Client(handler).AskAsync(A)).Of(A);
    }

    /// <summary>The exception with which the client meets one answer to one task.</summary>
    public static async Task<RunwareException> FailureOfAsync(string body, HttpStatusCode status = HttpStatusCode.OK, string mediaType = "application/json")
    {
        using var handler = new ScriptedHandler(body, status, mediaType);
        return await Should.ThrowAsync<RunwareException>(() => Client(handler).AskAsync(A));
    }

    /// <summary>What a response says of one task, read to the end: its images, and whatever failed.</summary>
    public static TaskResult Results(this ResponsesByTask replies, Guid task) => ResultReader.Read(replies.Of(task), task, TimeProvider.System);

    public static string Item(Guid task, string address = "https://im.example.test/1.jpg", string more = "") =>
        $$"""{"taskType":"imageInference","taskUUID":"{{task:D}}","imageUUID":"{{Guid.NewGuid():D}}","imageURL":"{{address}}"{{more}}}""";

    public static string Error(string code, Guid? task = null, string more = "") =>
        $$"""{"code":"{{code}}","message":"It said {{code}}."{{(task is { } id ? $",\"taskUUID\":\"{id:D}\"" : "")}}{{more}}}""";

    public static string Envelope(string data = "", string errors = "") => $$"""{"data":[{{data}}],"errors":[{{errors}}]}""";

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
