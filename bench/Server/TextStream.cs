using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RunwarePS.Bench.Server;

/// <summary>The pieces of a text as server-sent events. Each piece is the time at which it was sent.</summary>
internal static class TextStream
{
    public const int Pieces = 50;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public static bool IsAskedFor(JsonElement tasks) =>
        tasks.GetArrayLength() == 1
        && tasks[0].TryGetProperty("deliveryMethod", out var method)
        && method.ValueEquals("stream");

    public static async Task WriteAsync(string taskUuid, HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        for (var i = 0; i < Pieces; i++)
        {
            await Task.Delay(s_pause);
            await SendAsync(response, $$"""{"taskUUID":"{{taskUuid}}","delta":{"text":"{{Now()}} "},"finishReason":null}""");
        }

        await SendAsync(response, $$"""{"taskUUID":"{{taskUuid}}","finishReason":"stop"}""");
        await SendAsync(response, $$"""{"taskUUID":"{{taskUuid}}","cost":0.001}""");
        await SendAsync(response, "[DONE]");
    }

    // Milliseconds since 1970 with fractions: the client reads the same clock of the same machine.
    private static string Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds.ToString("F3", CultureInfo.InvariantCulture);

    private static async Task SendAsync(HttpResponse response, string data)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data}\n\n"));
        await response.Body.FlushAsync();
    }
}
