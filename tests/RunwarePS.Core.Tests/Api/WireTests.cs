using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using RunwarePS.Http;

namespace RunwarePS.Core.Tests;

/// <summary>The client over the real HTTP pipeline against a real server: what the network can do to an answer.</summary>
public sealed class WireTests
{
    private static readonly HttpPipelineFactory s_pipeline = new();

    private static readonly string s_good = Talk.Envelope(Talk.Item(Talk.A));

    [Fact]
    public async Task A_task_goes_there_and_its_result_comes_back()
    {
        string? received = null;
        string? authorization = null;
        await using var stub = await Stub.StartAsync(async context =>
        {
            authorization = context.Request.Headers.Authorization;
            using var reader = new StreamReader(context.Request.Body);
            received = await reader.ReadToEndAsync();
            await context.JsonAsync(s_good);
        });
        var replies = await Client(stub).AskAsync(Talk.A);

        replies.Of(Talk.A).Items.Count.ShouldBe(1);
        received.ShouldNotBeNull().ShouldStartWith("""[{"taskType":"imageInference",""");
        authorization.ShouldBe("Bearer " + Talk.Key);
    }

    [Fact]
    public async Task A_body_that_comes_in_drips_is_read_to_its_end()
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.ContentLength = Encoding.UTF8.GetByteCount(s_good);
            foreach (var part in s_good.Chunk(7))
            {
                await context.Response.WriteAsync(new string(part));
                await context.Response.Body.FlushAsync();
            }
        });

        (await Client(stub).AskAsync(Talk.A)).Of(Talk.A).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_drips_for_ever_ends_in_a_time_out()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stub = await Stub.StartAsync(async context =>
        {
            using var left = context.RequestAborted.Register(() => gone.TrySetResult());
            await context.Response.WriteAsync("""{"data":[""");
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(" ");
                await context.Response.Body.FlushAsync();
                await Task.WhenAny(Task.Delay(20), gone.Task);
            }

            gone.TrySetResult(); // who sees it in the loop's condition first takes the registration away
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Client(stub, timeout: TimeSpan.FromMilliseconds(300)).AskAsync(Talk.A));

        failure.Code.ShouldBe("RequestTimeout");
        failure.TaskUuid.ShouldBe(Talk.A);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20)); // the connection is let go of
    }

    [Fact]
    public async Task A_body_in_chunks_is_read_to_its_end()
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            var middle = s_good.Length / 2;
            await context.Response.WriteAsync(s_good[..middle]);
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(s_good[middle..]);
        });

        (await Client(stub).AskAsync(Talk.A)).Of(Talk.A).Items.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_compressed_body_is_asked_for_and_unpacked(string encoding)
    {
        string? accepted = null;
        await using var stub = await Stub.StartAsync(async context =>
        {
            accepted = context.Request.Headers.AcceptEncoding;
            context.Response.Headers.ContentEncoding = encoding;
            await using Stream packed = encoding == "br" ? new BrotliStream(context.Response.Body, CompressionLevel.Fastest) : new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await packed.WriteAsync(Encoding.UTF8.GetBytes(s_good));
        });

        (await Client(stub).AskAsync(Talk.A)).Of(Talk.A).Items.Count.ShouldBe(1);
        accepted.ShouldNotBeNull().ShouldContain(encoding);
    }

    [Fact]
    public async Task A_body_that_only_claims_to_be_compressed_is_an_error_like_any_other()
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.WriteAsync(s_good);
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Client(stub).AskAsync(Talk.A));

        failure.TaskUuid.ShouldBe(Talk.A);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_in_the_middle_of_a_body_is_a_failed_connection(bool isLengthKnown)
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            if (isLengthKnown)
            {
                context.Response.ContentLength = 100_000;
            }

            await context.Response.WriteAsync(s_good[..40]);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Client(stub).AskAsync(Talk.A));

        failure.Code.ShouldBe("ConnectionFailed");
        failure.Category.ShouldBe(RunwareErrorCategory.Connection);
        failure.TaskUuid.ShouldBe(Talk.A);
    }

    [Fact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_body_is_a_failed_connection()
    {
        var headersSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = new ResettingServer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"data\":["u8.ToArray(), () => headersSeen.Task);
        using var http = s_pipeline.CreateApiClient();
        using var told = new HttpClient(new Announcing(http, headersSeen)) { Timeout = Timeout.InfiniteTimeSpan };
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(told, server.Root).AskAsync(Talk.A));

        failure.Code.ShouldBe("ConnectionFailed");
        failure.TaskUuid.ShouldBe(Talk.A);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_any_response_is_a_failed_connection_and_is_not_tried_again()
    {
        var requests = 0;
        await using var stub = await Stub.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Abort();
            return Task.CompletedTask;
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Client(stub).AskAsync(Talk.A));

        failure.Code.ShouldBe("ConnectionFailed");
        RetryPolicy.IsIndeterminate(failure).ShouldBeTrue(); // it was sent, and may have arrived
        requests.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_listener_the_connection_fails()
    {
        Uri endpoint;
        await using (var stub = await Stub.StartAsync(_ => Task.CompletedTask))
        {
            endpoint = stub.Endpoint;
        }

        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(s_pipeline.CreateApiClient(), endpoint).AskAsync(Talk.A));

        failure.Code.ShouldBe("ConnectionFailed");
        failure.Message.ShouldContain(endpoint.Authority);
        RetryPolicy.IsRepeatable(failure).ShouldBeTrue();
        RetryPolicy.IsIndeterminate(failure).ShouldBeFalse(); // nothing was sent
        failure.RecommendedAction.ShouldStartWith("Nothing was sent.");
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_of_a_task_is_never_followed(int status)
    {
        var followed = false;
        await using var elsewhere = await Stub.StartAsync(async context =>
        {
            followed = true;
            await context.JsonAsync(s_good);
        });
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Endpoint.ToString();
            return Task.CompletedTask;
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Client(stub).AskAsync(Talk.A));

        failure.Code.ShouldBe("HttpStatus");
        failure.StatusCode.ShouldBe(status);
        followed.ShouldBeFalse();
    }

    [Fact]
    public async Task Cancelling_ends_a_request_in_flight_at_the_server_too()
    {
        using var stop = new CancellationTokenSource();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stub = await Stub.StartAsync(async context =>
        {
            using var left = context.RequestAborted.Register(() => gone.TrySetResult());
            await stop.CancelAsync();
            await gone.Task;
        });

        await Should.ThrowAsync<OperationCanceledException>(() => Client(stub).SendAsync([Talk.Task(Talk.A)], stop.Token));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_was_canceled_before_it_began_is_not_sent()
    {
        var requests = 0;
        await using var stub = await Stub.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            return context.JsonAsync(s_good);
        });
        await Should.ThrowAsync<OperationCanceledException>(() => Client(stub).SendAsync([Talk.Task(Talk.A)], new CancellationToken(canceled: true)));

        requests.ShouldBe(0);
    }

    [Fact]
    public async Task An_image_of_megabytes_in_a_response_arrives_whole()
    {
        var picture = Pictures.Jpeg(6 * 1024 * 1024);
        var body = Talk.Envelope($$"""{"taskUUID":"{{Talk.A}}","imageBase64Data":"{{Convert.ToBase64String(picture)}}"}""");
        await using var stub = await Stub.StartAsync(context => context.JsonAsync(body));

        var item = (await Client(stub).AskAsync(Talk.A)).Of(Talk.A).Items.ShouldHaveSingleItem();
        item.ImageBase64Data.ShouldNotBeNull().Bytes.AsSpan().SequenceEqual(picture).ShouldBeTrue();
    }

    [Fact]
    public async Task Requests_at_the_same_time_do_not_mix_their_responses()
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            var task = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body);
            var id = task.RootElement[0].GetProperty("taskUUID").GetGuid();
            await context.JsonAsync(Talk.Envelope(Talk.Item(id, $"https://im.example.test/{id:N}.jpg")));
        });
        var client = Client(stub);
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
        var replies = await Task.WhenAll(ids.Select(id => client.AskAsync(id)));

        for (var i = 0; i < ids.Length; i++)
        {
            replies[i].Of(ids[i]).Items.ShouldHaveSingleItem().ImageUrl.ShouldBe($"https://im.example.test/{ids[i]:N}.jpg");
        }
    }

    [Fact]
    public void The_clients_of_the_pipeline_have_no_time_out_of_their_own()
    {
        s_pipeline.CreateApiClient().Timeout.ShouldBe(Timeout.InfiniteTimeSpan);
        s_pipeline.CreateDownloadClient().Timeout.ShouldBe(Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task Cookies_of_the_server_are_not_kept()
    {
        var cookies = new List<string?>();
        await using var stub = await Stub.StartAsync(context =>
        {
            cookies.Add(context.Request.Headers.Cookie);
            context.Response.Headers.SetCookie = "track=1; Path=/";
            return context.JsonAsync(s_good);
        });
        await Client(stub).AskAsync(Talk.A);
        await Client(stub).AskAsync(Talk.A);

        cookies.Count.ShouldBe(2);
        cookies.ShouldAllBe(c => string.IsNullOrEmpty(c));
    }

    private static RunwareClient Client(Stub stub, TimeSpan? timeout = null) => Talk.Client(s_pipeline.CreateApiClient(), stub.Endpoint, timeout: timeout);

    /// <summary>Says that the headers have come, before it hands them on.</summary>
    private sealed class Announcing(HttpClient inner, TaskCompletionSource seen) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content };
            var response = await inner.SendAsync(copy, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            seen.TrySetResult();
            return response;
        }
    }
}
