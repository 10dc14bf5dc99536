using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using RunwarePS.Http;
using RunwarePS.Sandbox;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>From the request to what arrives at the user's own addresses, over the sandbox.</summary>
public sealed class UploadAndWebhookTests
{
    private static readonly HttpPipelineFactory s_http = new();

    [Theory]
    [InlineData(true, "PNG", "image/png")]
    [InlineData(false, "WEBP", "image/webp")]
    [InlineData(true, "JPG", "image/jpeg")]
    public async Task The_bytes_of_the_image_are_put_to_the_upload_endpoint(bool async, string format, string type)
    {
        await using var receiver = await Receiver.StartAsync();
        using var line = new Line();

        var result = await line.RunAsync(Some.Request(async: async) with { OutputFormat = format, UploadEndpoint = receiver.Address("bucket/fox?signature=abc123") });

        var upload = (await receiver.UntilAsync(1))[0];
        upload.Method.ShouldBe("PUT");
        upload.Target.ShouldBe("/bucket/fox?signature=abc123");
        upload.ContentType.ShouldBe(type);
        var picture = await line.FetchAsync(result.Images.ShouldHaveSingleItem());
        upload.Body.AsSpan().SequenceEqual(picture).ShouldBeTrue();
    }

    [Fact]
    public async Task A_submit_that_is_repeated_uploads_once()
    {
        await using var receiver = await Receiver.StartAsync();
        using var line = new Line(new SandboxFault { Kind = SandboxFaultKind.DropAfterAcceptance, TaskType = "imageInference", Times = 2 });

        (await line.RunAsync(Some.Request() with { UploadEndpoint = receiver.Address("fox.png") })).Images.ShouldHaveSingleItem();

        await receiver.UntilAsync(1);
        await Eventually.TrueAsync(() => line.Sandbox.Delivery.Count == 1, "the sandbox has noted the upload");
        line.Sandbox.Request.Count(r => r.TaskType.Contains("imageInference")).ShouldBe(3);
        receiver.Got.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_upload_that_fails_costs_no_image()
    {
        await using var receiver = await Receiver.StartAsync(500);
        using var line = new Line();

        var result = await line.RunAsync(Some.Request() with { UploadEndpoint = receiver.Address("fox.png") });

        await receiver.UntilAsync(1);
        (await line.FetchAsync(result.Images.ShouldHaveSingleItem())).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_image_is_posted_to_the_webhook_until_it_is_taken(bool async)
    {
        await using var receiver = await Receiver.StartAsync(500, 503, 204, 429, 201, 200);
        using var line = new Line();

        var result = await line.RunAsync(Some.Request(async: async, count: 3) with { WebhookUrl = receiver.Address("hook?token=abc123") });

        var posts = await receiver.UntilAsync(6);
        posts.ShouldAllBe(p => p.Method == "POST" && p.Target == "/hook?token=abc123" && p.ContentType == "application/json");
        posts[1].Body.ShouldBe(posts[0].Body);
        posts[2].Body.ShouldBe(posts[0].Body);
        posts[4].Body.ShouldBe(posts[3].Body);
        Guid[] taken = [Picture(posts[2]), Picture(posts[4]), Picture(posts[5])];
        taken.ShouldBe(result.Images.Select(i => i.ImageUuid));
        await Eventually.TrueAsync(() => line.Sandbox.Delivery.Count == 6, "the sandbox has noted all posts");
        line.Sandbox.Delivery.Select(d => d.StatusCode).ShouldBe([500, 503, 204, 429, 201, 200]);
    }

    [Fact]
    public async Task A_failed_image_is_posted_as_an_error_beside_the_good_ones()
    {
        await using var receiver = await Receiver.StartAsync();
        using var line = new Line(new SandboxFault { Kind = SandboxFaultKind.PartialFailure, Code = "timeoutProvider" });

        var result = await line.RunAsync(Some.Request(count: 2) with { WebhookUrl = receiver.Address("hook") });

        var posts = await receiver.UntilAsync(2);
        Picture(posts[0]).ShouldBe(result.Images.ShouldHaveSingleItem().ImageUuid);
        ((string?)JsonNode.Parse(posts[1].Body)!["errors"]![0]!["code"]).ShouldBe(result.Failures.ShouldHaveSingleItem().Code);
    }

    [Fact]
    public async Task Once_accepted_the_journal_has_forgotten_what_was_signed()
    {
        await using var receiver = await Receiver.StartAsync();
        using var line = new Line();

        var result = await line.RunAsync(Some.Request() with { WebhookUrl = receiver.Address("hook?token=tok123456"), UploadEndpoint = receiver.Address("fox?signature=sig123456") });

        await receiver.UntilAsync(2);
        var id = result.Images.ShouldHaveSingleItem().TaskUuid;
        (await line.Journal.RequestAsync((await line.Journal.FindAsync(id)).ShouldNotBeNull())).ShouldBeNull();
        line.File.Read("SELECT request FROM task").ShouldBeNull();
    }

    private static Guid Picture(Received post) => Guid.Parse((string)JsonNode.Parse(post.Body)!["data"]!.AsArray().ShouldHaveSingleItem()!["imageUUID"]!);

    private sealed record Received(string Method, string Target, string? ContentType, byte[] Body);

    /// <summary>The user's own server. It answers with the given statuses in turn, and then with 200.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly ConcurrentQueue<Received> _got = new();
        private readonly ConcurrentQueue<int> _statuses;
        private readonly WebApplication _server;

        private Receiver(int[] statuses)
        {
            _statuses = new ConcurrentQueue<int>(statuses);
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _server = builder.Build();
            _server.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                _got.Enqueue(new Received(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.ContentType, body.ToArray()));
                context.Response.StatusCode = _statuses.TryDequeue(out var status) ? status : 200;
            });
        }

        public IReadOnlyCollection<Received> Got => _got;

        public static async Task<Receiver> StartAsync(params int[] statuses)
        {
            var receiver = new Receiver(statuses);
            await receiver._server.StartAsync();
            return receiver;
        }

        public Uri Address(string path) => new(new Uri(_server.Urls.Single()), path);

        public async Task<Received[]> UntilAsync(int count)
        {
            await Eventually.TrueAsync(() => _got.Count >= count, "as many requests as expected");
            return [.. _got];
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }

    /// <summary>A sandbox whose pauses are short, and a delivery to it.</summary>
    private sealed class Line : IDisposable
    {
        private readonly TaskExecutor _delivery;

        public Line(params SandboxFault[] faults)
        {
            var time = new HastyTime();
            Sandbox = RunwareSandbox.Start(new SandboxOptions { Faults = faults, TimeProvider = time });
            var settings = ConnectionSettings.Create(Sandbox.Endpoint, key: null);
            File = new TemporaryJournal();
            var file = File.Open();
            Journal = new ConnectionJournal(_ => Task.FromResult(file.Store), settings, _ => { });
            _delivery = new TaskExecutor(new RunwareClient(s_http.CreateApiClient(), settings), new DeliveryOptions(MaxRetryCount: 3, Timeout: null, MaxConcurrency: 2), Journal, time);
        }

        public RunwareSandbox Sandbox { get; }

        public ConnectionJournal Journal { get; }

        public TemporaryJournal File { get; }

        public Task<TaskResult> RunAsync(ImageRequest request) => _delivery.RunAsync(request.ToTask(), CancellationToken.None);

        public async Task<byte[]> FetchAsync(RunwareImage image)
        {
            using var http = s_http.CreateDownloadClient();
            return await http.GetByteArrayAsync(image.ImageUrl);
        }

        public void Dispose()
        {
            Sandbox.Dispose();
            File.Dispose();
        }
    }
}
