using System.Text;

namespace RunwarePS.Core.Tests.Api;

/// <summary>The bodies that the API posts to a webhook.</summary>
public sealed class WebhookReaderTests
{
    private const string Id = "0f1b1f0a-4a4b-4c9d-8e55-0d3b5a1c2e01";
    private const string Other = "0f1b1f0a-4a4b-4c9d-8e55-0d3b5a1c2e02";
    private const string Picture = "3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21";
    private const string Result = $$"""{"taskType":"imageInference","taskUUID":"{{Id}}","imageUUID":"{{Picture}}","imageURL":"https://im.runware.ai/a.jpg","cost":0.04}""";

    private readonly WebhookReader _reader = new(TimeProvider.System, endpoint: null);
    private readonly List<Uri> _untrusted = [];

    [Theory]
    [InlineData($$"""{"data":[{{Result}}]}""")]
    [InlineData($$"""{"data":{{Result}}}""")]
    [InlineData($$"""[{{Result}}]""")]
    [InlineData(Result)]
    [InlineData($"\uFEFF{Result}")]
    public void A_result_is_a_task_with_its_image(string body)
    {
        var task = Read(body).ShouldHaveSingleItem();

        task.TaskUuid.ShouldBe(Guid.Parse(Id));
        task.TaskType.ShouldBe("imageInference");
        task.Status.ShouldBe(RunwareTaskStatus.Succeeded);
        task.Cost.ShouldBe(0.04m);
        var image = task.Image.ShouldHaveSingleItem();
        image.ImageUuid.ShouldBe(Guid.Parse(Picture));
        image.ImageUrl.ShouldBe(new Uri("https://im.runware.ai/a.jpg"));
        _untrusted.ShouldBeEmpty();
    }

    [Fact]
    public void A_result_of_an_unknown_kind_may_have_any_keys_and_values()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40));

        var task = Read($$"""{"data":[{"taskType":"new","taskUUID":"{{Id}}","status":"success","a.":1,".b":{{deep}},"c":1e999}]}""").ShouldHaveSingleItem();

        task.Output.ShouldHaveSingleItem().ShouldBeOfType<RunwareResult>().AdditionalData.Contains("a.").ShouldBeTrue();
    }

    [Theory]
    [InlineData($$"""{"errors":[{"code":"timeoutProvider","message":"Too slow.","taskUUID":"{{Id}}"}]}""")]
    [InlineData($$"""{"taskUUID":"{{Id}}","status":"error","code":"timeoutProvider","message":"Too slow."}""")]
    [InlineData($$"""{"taskUUID":"{{Id}}","error":{"code":"timeoutProvider","message":"Too slow."} }""")]
    [InlineData($$"""{"taskUUID":"{{Id}}","code":"timeoutProvider","message":"Too slow."}""")]
    public void A_failure_is_a_task_with_its_failure(string body)
    {
        var task = Read(body).ShouldHaveSingleItem();

        task.Status.ShouldBe(RunwareTaskStatus.Failed);
        var failure = task.Failure.ShouldHaveSingleItem();
        failure.Code.ShouldBe("timeoutProvider");
        failure.Message.ShouldBe("Too slow.");
    }

    [Fact]
    public void Progress_is_a_task_that_is_processing()
    {
        var task = Read($$"""{"taskUUID":"{{Id}}","status":"processing","progress":40}""").ShouldHaveSingleItem();

        task.Status.ShouldBe(RunwareTaskStatus.Processing);
        task.Progress.ShouldBe(40);
    }

    [Fact]
    public void A_result_of_another_kind_keeps_what_is_unknown()
    {
        Read($$"""{"taskUUID":"{{Id}}","taskType":"videoInference","videoUUID":"{{Picture}}","videoURL":"https://vm.runware.ai/a.mp4","novelty":1}""")
            .ShouldHaveSingleItem().Output.ShouldHaveSingleItem().ShouldBeOfType<RunwareVideo>().AdditionalData["novelty"].ShouldNotBeNull();
        Read($$"""{"taskUUID":"{{Other}}","taskType":"textInference","text":"Hello"}""").ShouldHaveSingleItem().Output.ShouldHaveSingleItem()
            .ShouldBeOfType<RunwareText>().Text.ShouldBe("Hello");
    }

    [Fact]
    public void A_body_can_name_several_tasks_and_several_results_of_one()
    {
        var tasks = Read($$"""{"data":[{{Result}},{{Result.Replace(Picture, Other, StringComparison.Ordinal)}}],"errors":[{"code":"timeoutProvider","taskUUID":"{{Other}}"}]}""");

        tasks.Count.ShouldBe(2);
        tasks[0].Image.Length.ShouldBe(2);
        tasks[1].Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Fact]
    public void What_was_read_before_is_dropped_and_what_is_new_is_not()
    {
        var failure = $$"""{"errors":[{"code":"timeoutProvider","message":"Too slow.","taskUUID":"{{Id}}"}]}""";
        var text = $$"""{"taskUUID":"{{Other}}","taskType":"textInference","text":"Hello"}""";

        new[] { Result, failure, text }.SelectMany(Read).Count().ShouldBe(3);
        new[] { Result, $$"""{"data":[{{Result}}]}""", failure, text }.SelectMany(Read).ShouldBeEmpty();

        Read(Result.Replace(Picture, Other, StringComparison.Ordinal)).ShouldHaveSingleItem().Image.ShouldHaveSingleItem();
        Read(Result.Replace(Id, Other, StringComparison.Ordinal)).ShouldHaveSingleItem();
        Read(text.Replace("Hello", "Good-bye", StringComparison.Ordinal)).ShouldHaveSingleItem();
        Read($$"""{"data":[{{Result}},{{Result.Replace(Picture, Id, StringComparison.Ordinal)}}]}""").ShouldHaveSingleItem().Image.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("https://evil.example/a.jpg")]
    [InlineData("https://runware.ai.evil.example/a.jpg")]
    [InlineData("https://notrunware.ai/a.jpg")]
    [InlineData("http://im.runware.ai/a.jpg")]
    [InlineData("https://im.runware.ai:8443/a.jpg")]
    [InlineData("https://im.runware.ai@evil.example/a.jpg")]
    [InlineData("https://user@im.runware.ai/a.jpg")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1/a.jpg")]
    public void A_url_on_another_host_is_left_out(string url)
    {
        var task = Read(Result.Replace("https://im.runware.ai/a.jpg", url, StringComparison.Ordinal)).ShouldHaveSingleItem();

        task.Output.OfType<RunwareMedia>().ShouldAllBe(m => m.Url == null);
        _untrusted.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("https://runware.ai/a.jpg", null)]
    [InlineData("https://IM.Runware.AI/a.jpg?x=1", null)]
    [InlineData("http://127.0.0.1:8123/image/a.jpg", "http://127.0.0.1:8123/v1")]
    public void A_url_on_the_hosts_of_the_API_or_of_the_endpoint_is_kept(string url, string? endpoint)
    {
        var reader = new WebhookReader(TimeProvider.System, endpoint is null ? null : new Uri(endpoint));

        reader.Read(Encoding.UTF8.GetBytes(Result.Replace("https://im.runware.ai/a.jpg", url, StringComparison.Ordinal)), _untrusted.Add)
            .ShouldHaveSingleItem().Image.ShouldHaveSingleItem().ImageUrl.ShouldBe(new Uri(url));
        _untrusted.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("<html>")]
    [InlineData("12")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"hello":"world"}""")]
    [InlineData("""{"errors":[{"code":"x","message":"no task"}]}""")]
    [InlineData("""{"taskUUID":"not a uuid","status":"success"}""")]
    [InlineData($$"""{"data":[{{Result}}""")]
    [InlineData($$"""{"data":[{{Result}},{"taskUU""")]
    public void A_body_that_is_not_a_result_is_one_error(string body)
    {
        var error = Should.Throw<RunwareException>(() => Read(body));

        error.Code.ShouldBe(ErrorCodes.ParameterUnreadable);
        error.Parameter.ShouldBe("Body");
    }

    [Fact]
    public void An_error_repeats_no_secret_of_a_url() =>
        Should.Throw<RunwareException>(() => Read("""{"imageURL":"https://im.runware.ai/a.jpg?signature=secret123"}""")).Message.ShouldNotContain("secret123");

    private IReadOnlyList<RunwareTask> Read(string body) => _reader.Read(Encoding.UTF8.GetBytes(body), _untrusted.Add);
}
