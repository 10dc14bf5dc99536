using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RunwarePS.Bench.Server;

/// <summary>
/// The server that all contenders meet, in a process of its own: Runware over HTTP and WebSocket, the OpenAI images route, pictures, and
/// a control address.
/// </summary>
internal static class BenchServer
{
    private static readonly ServerState s_state = new();

    /// <summary>Serves until its input ends, so that it cannot outlive whoever started it. Its first line is its address.</summary>
    public static async Task<int> RunAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Listen(System.Net.IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(DispatchAsync);
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }

    // No routing: a dictionary of four addresses would cost more than it tells.
    private static Task DispatchAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/v1" => RunwareAsync(context),
        "/v1/images/generations" => OpenAiAsync(context),
        "/ws" => WebSocketAsync(context),
        "/control" => ControlAsync(context),
        { } path when path.StartsWith("/im/", StringComparison.Ordinal) => PictureAsync(context),
        { } path when path.StartsWith("/vi/", StringComparison.Ordinal) => VideoAsync(context),
        _ => NotFound(context),
    };

    private static async Task RunwareAsync(HttpContext context)
    {
        s_state.CountRequest();
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        if (TextStream.IsAskedFor(body.RootElement))
        {
            await TextStream.WriteAsync(body.RootElement[0].GetProperty("taskUUID").GetString()!, context.Response);
            return;
        }

        var reply = TaskResponse.To(body.RootElement, s_state, Address(context));
        if (reply.Waits)
        {
            await HoldAsync();
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = reply.Length;
        foreach (var part in reply.Parts)
        {
            await context.Response.BodyWriter.WriteAsync(part);
        }
    }

    private static async Task OpenAiAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        s_state.CountTask();
        await HoldAsync();
        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(TaskResponse.OpenAi(s_state));
    }

    private static async Task PictureAsync(HttpContext context)
    {
        s_state.CountDownload();
        context.Response.ContentType = "image/jpeg";
        context.Response.ContentLength = s_state.Picture.Length;
        await context.Response.Body.WriteAsync(s_state.Picture);
    }

    private static async Task VideoAsync(HttpContext context)
    {
        s_state.CountDownload();
        context.Response.ContentType = "video/mp4";
        context.Response.ContentLength = s_state.Settings.VideoBytes;
        await Video.WriteAsync(context.Response.Body, s_state.Settings.VideoBytes);
    }

    private static async Task ControlAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            s_state.Set((await context.Request.ReadFromJsonAsync<ServerSettings>())!);
        }

        await context.Response.WriteAsJsonAsync(s_state.Counts);
    }

    // One frame, one array of tasks; each is answered when it is ready, in a frame of its own.
    private static async Task WebSocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var turn = new SemaphoreSlim(1);
        var buffer = new byte[64 * 1024];
        var address = Address(context);
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult frame;
            do
            {
                frame = await socket.ReceiveAsync(buffer.AsMemory(length), context.RequestAborted);
                length += frame.Count;
            }
            while (!frame.EndOfMessage);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
                return;
            }

            using var tasks = JsonDocument.Parse(buffer.AsMemory(0, length));
            _ = AnswerAsync(TaskResponse.To(tasks.RootElement, s_state, address));
        }

        async Task AnswerAsync(TaskResponse reply)
        {
            if (reply.Waits)
            {
                await HoldAsync();
            }

            await turn.WaitAsync();
            try
            {
                for (var i = 0; i < reply.Parts.Count; i++)
                {
                    await socket.SendAsync(reply.Parts[i], WebSocketMessageType.Text, i == reply.Parts.Count - 1, CancellationToken.None);
                }
            }
            catch (WebSocketException)
            {
                // The client has gone; nobody waits for this.
            }
            finally
            {
                turn.Release();
            }
        }
    }

    private static Task HoldAsync() => s_state.Settings.LatencyMs > 0 ? Task.Delay(s_state.Settings.LatencyMs) : Task.CompletedTask;

    private static string Address(HttpContext context) => $"http://{context.Request.Host}";

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
