using System.Net;

namespace RunwarePS.Core.Tests;

/// <summary>Every shape in which the API has been seen to answer, through the client.</summary>
public sealed class EnvelopeTests
{
    [Theory]
    [InlineData("""{"data":[ITEM]}""")]
    [InlineData("""{"data":[ITEM],"errors":[]}""")]
    [InlineData("""{"data":[ITEM],"errors":null}""")]
    [InlineData("""{"errors":[],"data":[ITEM]}""")]
    [InlineData("""{"meta":{"data":["no"]},"data":[ITEM],"more":[[1],{"a":2}]}""")]
    [InlineData("""{"data":ITEM}""")]
    [InlineData("""[ITEM]""")]
    [InlineData("\uFEFF" + """{"data":[ITEM]}""")]
    [InlineData("  \r\n" + """{"data":[ITEM]}""" + "\n\n")]
    public async Task A_result_is_found(string shape)
    {
        var reply = await Talk.ReplyToAsync(shape.Replace("ITEM", Talk.Item(Talk.A), StringComparison.Ordinal));

        reply.Items.ShouldHaveSingleItem().ImageUrl.ShouldBe("https://im.example.test/1.jpg");
        reply.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"data":[],"errors":[ERROR]}""")]
    [InlineData("""{"errors":[ERROR]}""")]
    [InlineData("""{"data":null,"errors":[ERROR]}""")]
    [InlineData("""{"errors":ERROR}""")]
    [InlineData("""{"error":ERROR}""")]
    [InlineData("""[ERROR]""")]
    public async Task An_error_is_found_with_its_task(string shape)
    {
        var reply = await Talk.ReplyToAsync(shape.Replace("ERROR", Talk.Error("invalidWidth", Talk.A), StringComparison.Ordinal), HttpStatusCode.BadRequest);

        reply.Items.ShouldBeEmpty();
        var error = reply.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("invalidWidth");
        error.Message.ShouldBe("It said invalidWidth.");
        error.TaskUuid.ShouldBe(Talk.A);
        error.ErrorId.ShouldBe("Runware.invalidWidth");
        error.StatusCode.ShouldBe(400);
    }

    [Theory]
    [InlineData("""{"error":{"code":"providerUnavailable","message":"Not now."},"taskUUID":"OTHER","taskType":"imageInference"}""")]
    [InlineData("""{"taskUUID":"OTHER","taskType":"imageInference","error":{"code":"providerUnavailable","message":"Not now."}}""")]
    public async Task A_single_error_takes_its_task_from_beside_it(string shape)
    {
        using var handler = new ScriptedHandler(shape.Replace("OTHER", Talk.B.ToString(), StringComparison.Ordinal), HttpStatusCode.BadGateway);
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B);

        replies.Of(Talk.A).Errors.ShouldBeEmpty();
        replies.Of(Talk.B).Errors.ShouldHaveSingleItem().Code.ShouldBe("providerUnavailable");
    }

    [Fact]
    public async Task An_error_as_text_keeps_its_text()
    {
        var reply = await Talk.ReplyToAsync("""{"error":"The organization has no such project."}""", HttpStatusCode.BadRequest);

        var error = reply.Errors.ShouldHaveSingleItem();
        error.Message.ShouldBe("The organization has no such project.");
        error.IsFromServer.ShouldBeTrue();
        error.TaskUuid.ShouldBe(Talk.A);
    }

    [Fact]
    public async Task A_list_of_errors_as_texts_keeps_each_text()
    {
        var reply = await Talk.ReplyToAsync("""{"errors":["one thing","another"]}""", HttpStatusCode.BadRequest);

        reply.Errors.Select(e => e.Message).ShouldBe(["one thing", "another"]);
    }

    [Fact]
    public async Task The_oldest_form_of_an_error_is_understood()
    {
        var reply = await Talk.ReplyToAsync($$"""{"error":true,"errorMessageContentId":7,"errorId":19,"errorMessage":"The prompt is empty.","taskUUID":"{{Talk.A}}"}""");

        var error = reply.Errors.ShouldHaveSingleItem();
        error.Message.ShouldBe("The prompt is empty.");
        error.Code.ShouldBe("19");
        error.AdditionalData["errorMessageContentId"].ShouldBe(7L);
    }

    [Fact]
    public async Task An_error_that_is_false_is_not_one()
    {
        var reply = await Talk.ReplyToAsync($$"""{"error":false,"data":[{{Talk.Item(Talk.A)}}]}""");

        reply.Errors.ShouldBeEmpty();
        reply.Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Results_and_errors_of_one_response_are_both_kept()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(Talk.Item(Talk.A) + "," + Talk.Item(Talk.A, "https://im.example.test/2.jpg"), Talk.Error("invalidProviderContent", Talk.A)));

        reply.Items.Select(i => i.ImageUrl).ShouldBe(["https://im.example.test/1.jpg", "https://im.example.test/2.jpg"]);
        reply.Errors.ShouldHaveSingleItem().Code.ShouldBe("invalidProviderContent");
    }

    [Fact]
    public async Task Errors_in_a_200_response_are_not_overlooked()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(errors: Talk.Error("insufficientCredits", Talk.A)));

        var error = reply.Errors.ShouldHaveSingleItem();
        error.Category.ShouldBe(RunwareErrorCategory.Quota);
        error.StatusCode.ShouldBe(200);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_result_counts_whatever_the_status(int status)
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(Talk.Item(Talk.A)), (HttpStatusCode)status);

        reply.Items.Count.ShouldBe(1);
        reply.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_empty_list_of_data_is_a_response_that_knows_nothing()
    {
        var reply = await Talk.ReplyToAsync("""{"data":[]}""");

        reply.Items.ShouldBeEmpty();
        reply.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("42")]
    [InlineData("\"accepted\"")]
    [InlineData("{}")]
    [InlineData("""{"status":"ok"}""")]
    [InlineData("<html><body>Welcome</body></html>")]
    [InlineData("""{"data":[""")]
    [InlineData("""{"da""")]
    public async Task A_200_that_is_not_a_response_is_unreadable(string body)
    {
        var failure = await Talk.FailureOfAsync(body);

        failure.Code.ShouldBe("UnreadableReply");
        failure.ErrorId.ShouldBe("UnreadableReply");
        failure.StatusCode.ShouldBe(200);
        failure.TaskUuid.ShouldBe(Talk.A);
        failure.IsFromServer.ShouldBeFalse();
        failure.RecommendedAction.ShouldContain(Talk.A.ToString(), customMessage: "the picture may have been paid for");
    }

    [Fact]
    public async Task What_came_before_a_break_is_kept_and_the_break_is_reported()
    {
        using var handler = new ScriptedHandler($$"""{"data":[{{Talk.Item(Talk.A)}},{"taskType":"imageInf""");
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B);

        replies.Of(Talk.A).Items.Count.ShouldBe(1);
        replies.Of(Talk.B).Items.ShouldBeEmpty();
        var lost = replies.Of(Talk.B).Errors.ShouldHaveSingleItem();
        lost.Code.ShouldBe("UnreadableReply");
        lost.TaskUuid.ShouldBe(Talk.B);
    }

    [Fact]
    public async Task Of_a_single_task_a_break_after_a_result_means_that_there_may_be_more()
    {
        var reply = await Talk.ReplyToAsync($$"""{"data":[{{Talk.Item(Talk.A)}},{"taskType":"imageInf""");

        reply.Items.Count.ShouldBe(1);
        reply.Errors.ShouldBeEmpty();
        reply.IsTorn.ShouldBeTrue();
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_the_modules_own_finding()
    {
        // A key with half a character in it: JSON, but no text.
        var reply = await Talk.ReplyToAsync(Talk.Envelope($$"""{"taskUUID":"{{Talk.A}}","\ud800":1},""" + Talk.Item(Talk.A)));

        reply.Items.ShouldContain(i => i.ImageUrl == "https://im.example.test/1.jpg");
        reply.Errors.ShouldAllBe(e => !e.IsFromServer && e.ErrorId == "UnreadableReply");
    }

    [Theory]
    [InlineData("""{"error":"\ud800"}""")]
    [InlineData("""{"errors":["\ud800"]}""")]
    [InlineData("""{"error":true,"errorMessage":"\ud800"}""")]
    [InlineData("""{"errors":[{"code":"providerError","message":"\ud800","responseContent":"\ud83d"}]}""")]
    [InlineData("""{"errors":[{"code":"providerError","message":"m","context":{"\ud800":1}}]}""")]
    public async Task Half_a_character_in_an_error_costs_no_more_than_that_character(string body)
    {
        var reply = await Talk.ReplyToAsync(body, HttpStatusCode.BadRequest);

        reply.Errors.Count.ShouldBe(1);
    }
}
