using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>A sandbox and a plain HttpClient that talks to it.</summary>
internal sealed class SandboxClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public SandboxClient(SandboxOptions? options = null) => Sandbox = RunwareSandbox.Start(options);

    public SandboxClient(params SandboxFault[] faults)
        : this(new SandboxOptions { Faults = faults })
    {
    }

    public RunwareSandbox Sandbox { get; }

    public HttpClient Http => _http;

    public static string NewId() => Guid.NewGuid().ToString();

    public static JsonObject Image(string? id = null, string prompt = "A fox in the snow", int width = 1024, int height = 1024) => new()
    {
        ["taskType"] = "imageInference",
        ["taskUUID"] = id ?? NewId(),
        ["model"] = "openai:1@1",
        ["positivePrompt"] = prompt,
        ["width"] = width,
        ["height"] = height,
    };

    /// <summary>A task from its JSON without taskUUID.</summary>
    public static JsonObject Task(string json, string? id = null)
    {
        var task = JsonNode.Parse(json)!.AsObject();
        task["taskUUID"] = id ?? NewId();
        return task;
    }

    public static JsonObject GetResponse(string id) => new() { ["taskType"] = "getResponse", ["taskUUID"] = id };

    public Task<Reply> SendAsync(params JsonObject[] tasks) => SendTextAsync(new JsonArray([.. tasks.Select(t => t.DeepClone())]).ToJsonString());

    public async Task<Reply> SendTextAsync(string body, string contentType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var response = await _http.PostAsync(Sandbox.Endpoint, content);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The only item of a response.</summary>
    public async Task<JsonObject> OneAsync(JsonObject task)
    {
        var reply = await SendAsync(task);
        reply.Errors.ShouldBeEmpty(reply.Body);
        return reply.Data.ShouldHaveSingleItem()!.AsObject();
    }

    /// <summary>The file behind a URL of a result.</summary>
    public Task<byte[]> DownloadAsync(JsonNode? url) => Http.GetByteArrayAsync(new Uri((string)url!));

    public void Dispose()
    {
        _http.Dispose();
        Sandbox.Dispose();
    }
}

internal sealed record Reply(HttpStatusCode Status, string Body)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public JsonArray Data => Json["data"]!.AsArray();

    public JsonArray Errors => Json["errors"]?.AsArray() ?? [];

    public string[] Codes => [.. Errors.Select(e => (string)e!["code"]!)];
}
