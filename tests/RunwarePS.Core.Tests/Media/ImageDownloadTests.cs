using System.Text;
using Microsoft.AspNetCore.Http;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Core.Tests.Sandbox;
using RunwarePS.Http;
using RunwarePS.Sandbox;

namespace RunwarePS.Core.Tests;

/// <summary>Fetching images over the real pipeline, and what is left on disk when that fails: nothing.</summary>
public sealed class ImageDownloadTests : IDisposable
{
    private static readonly HttpPipelineFactory s_pipeline = new();

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_is_fetched_whole_and_named_after_its_bytes()
    {
        var picture = Pictures.Webp(700_000);
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.ContentType = "image/jpeg"; // says one thing and sends another
            return context.Response.Body.WriteAsync(picture).AsTask();
        });

        var path = await SaveAsync(new Uri(stub.Root, "/image/1.jpg"));
        path.ShouldBe(_folder.Of("a.webp"));
        (await File.ReadAllBytesAsync(path)).ShouldBe(picture);
    }

    [Fact]
    public async Task Neither_the_key_nor_a_cookie_goes_to_the_host_of_a_result()
    {
        var headers = new List<string>();
        await using var stub = await Stub.StartAsync(context =>
        {
            headers.AddRange(context.Request.Headers.Select(h => $"{h.Key}: {h.Value}"));
            return context.Response.Body.WriteAsync(Pictures.Jpeg()).AsTask();
        });
        var api = s_pipeline.CreateApiClient();
        await Should.ThrowAsync<RunwareException>(() => Talk.Client(api, stub.Endpoint).AskAsync(Talk.A));
        headers.ShouldContain(h => h.Contains(Talk.Key, StringComparison.Ordinal), "the same server was sent the key for a task");
        headers.Clear();

        await SaveAsync(new Uri(stub.Root, "/image/1.jpg"));
        headers.ShouldNotBeEmpty();
        headers.ShouldAllBe(h => !h.Contains(Talk.Key, StringComparison.Ordinal) && !h.StartsWith("Authorization", StringComparison.OrdinalIgnoreCase) && !h.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_image_that_has_moved_is_fetched_from_its_new_place()
    {
        await using var stub = await Stub.StartAsync(context =>
        {
            if (context.Request.Path == "/new.png")
            {
                return context.Response.Body.WriteAsync(Pictures.Png()).AsTask();
            }

            context.Response.Redirect("/new.png");
            return Task.CompletedTask;
        });

        (await SaveAsync(new Uri(stub.Root, "/old.png"))).ShouldBe(_folder.Of("a.png"));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_image_that_is_not_there_leaves_nothing_behind(int status)
    {
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.Body.WriteAsync(Pictures.Jpeg()).AsTask();
        });
        var e = await FailAsync(new Uri(stub.Root, "/1.jpg?signature=hush"));

        e.StatusCode.ShouldBe(status);
        e.TaskUuid.ShouldBe(Talk.A);
        e.Message.ShouldContain("/1.jpg");
        e.ToString().ShouldNotContain("hush");
    }

    [Fact]
    public async Task A_page_in_the_place_of_an_image_leaves_nothing_behind()
    {
        await using var stub = await Stub.StartAsync(context => context.Response.WriteAsync("<html><body>Please sign in</body></html>"));

        (await FailAsync(new Uri(stub.Root, "/1.jpg"))).Message.ShouldContain("doesn't contain an image");
    }

    [Fact]
    public async Task An_empty_response_leaves_nothing_behind()
    {
        await using var stub = await Stub.StartAsync(_ => Task.CompletedTask);

        await FailAsync(new Uri(stub.Root, "/1.jpg"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_in_the_middle_leaves_nothing_behind(bool isLengthKnown)
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            if (isLengthKnown)
            {
                context.Response.ContentLength = 900_000;
            }

            await context.Response.Body.WriteAsync(Pictures.Jpeg(300_000));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        var e = await FailAsync(new Uri(stub.Root, "/1.jpg"));

        e.Category.ShouldBe(RunwareErrorCategory.Connection);
        e.IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task A_connection_that_is_reset_in_the_middle_leaves_nothing_behind_and_is_a_failed_download()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] answer = [.. "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"u8, .. Pictures.Jpeg(1000)];
        using var server = new ResettingServer(answer, () => begun.Task);

        // The reset comes once the headers were read, so that it hits the body.
        var trace = new SignallingTrace(begun);
        var e = await Should.ThrowAsync<RunwareException>(() => Saver(trace: trace)
            .SaveAsync(Image(server.Root), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None));

        _folder.Files.ShouldBeEmpty();
        e.Code.ShouldBe("DownloadFailed");
        e.Category.ShouldBe(RunwareErrorCategory.Connection);
    }

    [Fact]
    public async Task An_image_that_only_claims_to_be_compressed_leaves_nothing_behind()
    {
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(Pictures.Jpeg()).AsTask();
        });

        await FailAsync(new Uri(stub.Root, "/1.jpg"));
    }

    [Fact]
    public async Task A_host_that_does_not_respond_in_time_leaves_nothing_behind()
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(Pictures.Jpeg());
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var e = await FailAsync(new Uri(stub.Root, "/1.jpg"), TimeSpan.FromMilliseconds(200));

        e.Category.ShouldBe(RunwareErrorCategory.Timeout);
    }

    [Fact]
    public async Task A_canceled_download_leaves_nothing_behind_and_what_was_there_stays()
    {
        await File.WriteAllTextAsync(_folder.Of("a.jpg"), "something old");
        using var stop = new CancellationTokenSource();
        await using var stub = await Stub.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(Pictures.Jpeg());
            await context.Response.Body.FlushAsync();
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Should.ThrowAsync<OperationCanceledException>(() => Saver()
            .SaveAsync(Image(new Uri(stub.Root, "/1.jpg")), _folder.Root, FileNameTemplate.Parse("a"), force: true, stop.Token));
        _folder.Files.ShouldBe(["a.jpg"]);
        (await File.ReadAllTextAsync(_folder.Of("a.jpg"))).ShouldBe("something old");
    }

    [Fact]
    public async Task A_host_without_a_listener_leaves_nothing_behind()
    {
        Uri root;
        await using (var stub = await Stub.StartAsync(_ => Task.CompletedTask))
        {
            root = stub.Root;
        }

        (await FailAsync(new Uri(root, "/1.jpg"))).Category.ShouldBe(RunwareErrorCategory.Connection);
    }

    [Theory]
    [InlineData("file:///etc/hostname")]
    [InlineData("ftp://im.example.test/1.jpg")]
    [InlineData("data:image/png,xyz")]
    public async Task A_url_that_is_not_of_the_web_is_not_followed(string address) => await FailAsync(new Uri(address));

    [Fact]
    public async Task A_broken_download_begins_anew_and_keeps_nothing_of_the_broken_one()
    {
        var requests = 0;
        await using var stub = await Stub.StartAsync(async context =>
        {
            switch (Interlocked.Increment(ref requests))
            {
                case 1:
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    break;
                case 2:
                    context.Response.ContentLength = 500_000;
                    await context.Response.Body.WriteAsync(Pictures.Png(200_000));
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                    break;
                default:
                    await context.Response.Body.WriteAsync(Pictures.Jpeg(1000));
                    break;
            }
        });
        var path = await Saver(maxRetryCount: 2, time: FakeTime.Jumping()).SaveAsync(
            Image(new Uri(stub.Root, "/1.jpg")), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None);

        requests.ShouldBe(3);
        (await File.ReadAllBytesAsync(path)).ShouldBe(Pictures.Jpeg(1000));
        _folder.Files.ShouldBe(["a.jpg"]);
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(403, 1)]
    [InlineData(503, 4)]
    [InlineData(429, 4)]
    public async Task What_may_pass_is_tried_again_as_often_as_allowed_and_what_will_not_is_not(int status, int expected)
    {
        var requests = 0;
        await using var stub = await Stub.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var e = await Should.ThrowAsync<RunwareException>(() => Saver(maxRetryCount: 3, time: FakeTime.Jumping()).SaveAsync(
            Image(new Uri(stub.Root, "/1.jpg")), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None));

        e.Code.ShouldBe("DownloadFailed");
        requests.ShouldBe(expected);
        _folder.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("3600")]
    [InlineData("90000000")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task A_pause_that_nothing_waits_for_ends_a_download_at_once(string retryAfter)
    {
        var requests = 0;
        await using var stub = await Stub.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        });
        var saving = Saver(maxRetryCount: 3).SaveAsync(
            Image(new Uri(stub.Root, "/1.jpg")), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None);
        var e = await Should.ThrowAsync<RunwareException>(() => saving.WaitAsync(TimeSpan.FromSeconds(20)));

        e.Code.ShouldBe("DownloadFailed");
        e.Category.ShouldBe(RunwareErrorCategory.RateLimit);
        requests.ShouldBe(1);
    }

    [Fact]
    public async Task The_trace_names_the_url_without_its_query()
    {
        await using var stub = await Stub.StartAsync(context => context.Response.Body.WriteAsync(Pictures.Jpeg()).AsTask());
        var trace = new RecordedTrace();
        await Saver(trace: trace)
            .SaveAsync(Image(new Uri(stub.Root, "/1.jpg?signature=hush")), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None);

        trace.Lines.ShouldHaveSingleItem().ShouldBe($"GET {new Uri(stub.Root, "/1.jpg")}: 200");
    }

    [Theory]
    [InlineData("URL", "JPG", ".jpg")]
    [InlineData("URL", "PNG", ".png")]
    [InlineData("URL", "WEBP", ".webp")]
    [InlineData("base64Data", "PNG", ".png")]
    [InlineData("dataURI", "WEBP", ".webp")]
    public async Task From_request_to_file_against_the_sandbox(string outputType, string format, string extension)
    {
        using var sandbox = RunwareSandbox.Start();
        var client = Talk.Client(s_pipeline.CreateApiClient(), sandbox.Endpoint, key: null);
        var task = new ImageRequest { TaskUuid = Talk.A, Prompt = "an otter on its back", Width = 1536, Height = 1024, OutputType = outputType, OutputFormat = format };
        var result = (await client.SendAsync([task.ToWire()], CancellationToken.None)).Results(Talk.A);
        result.Failures.ShouldBeEmpty();

        var path = await Saver()
            .SaveAsync(result.Images.ShouldHaveSingleItem(), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None);
        path.ShouldBe(_folder.Of("a" + extension));
        var bytes = await File.ReadAllBytesAsync(path);
        ImageFormat.Detect(bytes).ShouldNotBeNull().Name.ShouldBe(format);
        PictureHeader.Read(bytes).ShouldBe(new PictureHeader(format.ToLowerInvariant(), 1536, 1024));
    }

    private async Task<RunwareException> FailAsync(Uri address, TimeSpan? timeout = null)
    {
        var e = await Should.ThrowAsync<RunwareException>(() => SaveAsync(address, timeout));
        e.Code.ShouldBe("DownloadFailed");
        _folder.Files.ShouldBeEmpty();
        return e;
    }

    private Task<string> SaveAsync(Uri address, TimeSpan? timeout = null) => Saver(timeout)
        .SaveAsync(Image(address), _folder.Root, FileNameTemplate.Parse("a"), force: false, CancellationToken.None);

    private static MediaSaver Saver(TimeSpan? timeout = null, int maxRetryCount = 0, TimeProvider? time = null, IRequestTrace? trace = null) =>
        new(new MediaSource(s_pipeline.CreateDownloadClient, timeout ?? TimeSpan.FromSeconds(30), maxRetryCount, time ?? TimeProvider.System, trace));

    private static RunwareImage Image(Uri address) => new() { TaskUuid = Talk.A, ImageUuid = Talk.B, ImageUrl = address };

    private sealed class SignallingTrace(TaskCompletionSource begun) : IRequestTrace
    {
        public bool WantsBody => false;

        public void Request(string line) => begun.TrySetResult();

        public void Body(string text)
        {
        }
    }
}
