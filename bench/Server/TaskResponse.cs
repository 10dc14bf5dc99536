using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunwarePS.Bench.Server;

/// <summary>Answers tasks: the parts of one reply, its pictures by reference and never copied.</summary>
internal sealed class TaskResponse(ServerState state, string address)
{
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private bool _any;

    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => _parts;

    /// <summary>True where a synchronous image task is among those answered.</summary>
    public bool Waits { get; private set; }

    public static TaskResponse To(JsonElement tasks, ServerState state, string address)
    {
        var reply = new TaskResponse(state, address);
        reply.Text("""{"data":[""");
        foreach (var task in tasks.EnumerateArray())
        {
            reply.Answer(task);
        }

        reply.Text("]}");
        return reply;
    }

    private void Answer(JsonElement task)
    {
        var type = task.GetProperty("taskType").GetString();
        switch (type)
        {
            case "imageInference" or "videoInference":
                Media(task, type, task.GetProperty("taskUUID").GetString()!);
                break;
            case "getResponse":
                Response(task.GetProperty("taskUUID").GetString()!);
                break;
            case "authentication":
                Item($$"""{"taskType":"authentication","connectionSessionUUID":"{{Guid.NewGuid()}}"}""");
                break;
            case "ping":
                Item("""{"taskType":"ping","pong":true}""");
                break;
            default:
                throw new NotSupportedException($"This server knows no {type}.");
        }
    }

    private void Media(JsonElement task, string type, string id)
    {
        state.CountTask();
        if (Text(task, "deliveryMethod") == "async")
        {
            state.Accept(id, type);
            Item($$"""{"taskType":"{{type}}","taskUUID":"{{id}}"}""");
            return;
        }

        Waits = true;
        var count = task.TryGetProperty("numberResults", out var number) ? number.GetInt32() : 1;
        for (var i = 0; i < count; i++)
        {
            Picture(id, status: "", inline: Text(task, "outputType")?.Equals("base64Data", StringComparison.OrdinalIgnoreCase) == true);
        }
    }

    private void Response(string id)
    {
        const string Success = """
            ,"status":"success"
            """;
        switch (state.Find(id))
        {
            case (var type, false):
                Item($$"""{"taskType":"{{type}}","taskUUID":"{{id}}","status":"processing"}""");
                break;
            case ("videoInference", _):
                Video(id, Success);
                break;
            case not null:
                Picture(id, Success, inline: false);
                break;
        }
    }

    private void Picture(string id, string status, bool inline)
    {
        var image = Guid.NewGuid();
        var start = $$"""{"taskType":"imageInference","taskUUID":"{{id}}","imageUUID":"{{image}}","cost":0.167{{status}}""";
        if (!inline)
        {
            Item($$"""{{start}},"imageURL":"{{address}}/im/{{image}}.jpg"}""");
            return;
        }

        Item($"""{start},"imageBase64Data":" """.TrimEnd());
        _parts.Add(state.PictureAsBase64);
        Text("\"}");
    }

    private void Video(string id, string status)
    {
        var video = Guid.NewGuid();
        Item($$"""{"taskType":"videoInference","taskUUID":"{{id}}","videoUUID":"{{video}}","cost":0.5{{status}},"videoURL":"{{address}}/vi/{{video}}.mp4"}""");
    }

    private void Item(string json)
    {
        Text(_any ? "," + json : json);
        _any = true;
    }

    private void Text(string json) => _parts.Add(Encoding.UTF8.GetBytes(json));

    private static string? Text(JsonElement task, string key) => task.TryGetProperty(key, out var value) ? value.GetString() : null;

    public long Length => _parts.Sum(p => (long)p.Length);

    /// <summary>The reply of the OpenAI images route, which answers one request with one picture in base64.</summary>
    public static byte[] OpenAi(ServerState state) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"created":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"data":[{"b64_json":"{{Encoding.ASCII.GetString(state.PictureAsBase64)}}"}]}"""));
}
