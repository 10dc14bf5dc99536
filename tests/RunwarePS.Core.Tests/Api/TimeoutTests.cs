namespace RunwarePS.Core.Tests;

public sealed class PatienceTests
{
    [Fact]
    public async Task No_response_in_time_is_a_time_out_that_names_the_task()
    {
        using var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("unreachable");
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler, timeout: TimeSpan.FromMilliseconds(100)).AskAsync(Talk.A));

        failure.Code.ShouldBe("RequestTimeout");
        failure.ErrorId.ShouldBe("RequestTimeout");
        failure.Category.ShouldBe(RunwareErrorCategory.Timeout);
        failure.TaskUuid.ShouldBe(Talk.A);
        failure.IsTransient.ShouldBeTrue();
        failure.StatusCode.ShouldBeNull();
        failure.RecommendedAction.ShouldContain($"-RunwareTask {Talk.A}");
    }

    [Fact]
    public async Task Headers_in_time_do_not_excuse_a_body_that_never_ends()
    {
        using var handler = new ScriptedHandler(_ => new HttpResponseMessage { Content = new StreamContent(new EndlessSilence()) });
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler, timeout: TimeSpan.FromMilliseconds(100)).AskAsync(Talk.A));

        failure.Code.ShouldBe("RequestTimeout");
    }

    [Fact]
    public async Task A_cancellation_is_a_cancellation_and_no_time_out()
    {
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("unreachable");
        });
        var asking = Talk.Client(handler).SendAsync([Talk.Task(Talk.A)], stop.Token);
        await asked.Task;
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_connection_that_fails_is_reported_with_its_reason_and_the_task()
    {
        using var handler = new ScriptedHandler(_ => throw new HttpRequestException("The name could not be resolved."));
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        failure.Code.ShouldBe("ConnectionFailed");
        failure.Category.ShouldBe(RunwareErrorCategory.Connection);
        failure.IsTransient.ShouldBeTrue();
        failure.TaskUuid.ShouldBe(Talk.A);
        failure.Message.ShouldContain("The name could not be resolved.");
        failure.InnerException.ShouldBeOfType<HttpRequestException>();
        failure.RecommendedAction.ShouldContain($"-RunwareTask {Talk.A}");
    }

    [Theory]
    [InlineData(429, "")]
    [InlineData(503, "<html></html>")]
    [InlineData(429, """{"errors":[{"code":"rateLimitExceeded","message":"Slowly."}]}""")]
    public async Task How_long_the_server_wants_to_be_left_alone_is_kept(int status, string body)
    {
        using var handler = new ScriptedHandler(_ =>
        {
            var answer = ScriptedHandler.Answer(body, (System.Net.HttpStatusCode)status);
            answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromSeconds(17));
            return answer;
        });
        RunwareException failure;
        try
        {
            failure = (await Talk.Client(handler).AskAsync(Talk.A)).Of(Talk.A).Errors.ShouldHaveSingleItem();
        }
        catch (RunwareException e)
        {
            failure = e;
        }

        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(17));
    }

    [Fact]
    public void A_request_has_five_minutes_by_default()
    {
        var endpoint = new Uri("http://127.0.0.1:1/v1");
        ConnectionSettings.Create(endpoint, key: null).Timeout.ShouldBe(TimeSpan.FromMinutes(5));
        ConnectionSettings.Create(endpoint, key: null, timeoutSeconds: 7).Timeout.ShouldBe(TimeSpan.FromSeconds(7));
    }

    /// <summary>A body of which no byte ever comes.</summary>
    private sealed class EndlessSilence : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
