using System.Net;

namespace RunwarePS.Core.Tests;

public sealed class StatusTests
{
    [Theory]
    [InlineData(400, RunwareErrorCategory.Validation, false)]
    [InlineData(401, RunwareErrorCategory.Authentication, false)]
    [InlineData(402, RunwareErrorCategory.Quota, false)]
    [InlineData(403, RunwareErrorCategory.Authentication, false)]
    [InlineData(404, RunwareErrorCategory.NotFound, false)]
    [InlineData(408, RunwareErrorCategory.Timeout, true)]
    [InlineData(429, RunwareErrorCategory.RateLimit, true)]
    [InlineData(500, RunwareErrorCategory.Server, true)]
    [InlineData(502, RunwareErrorCategory.Server, true)]
    [InlineData(503, RunwareErrorCategory.Server, true)]
    [InlineData(504, RunwareErrorCategory.Timeout, true)]
    [InlineData(599, RunwareErrorCategory.Server, true)]
    public async Task A_status_counts_where_the_body_is_empty(int status, RunwareErrorCategory category, bool isTransient)
    {
        foreach (var body in new[] { "", "{}", "[]", """{"data":[]}""", "<html><h1>Bad gateway</h1></html>" })
        {
            var failure = await Talk.FailureOfAsync(body, (HttpStatusCode)status);

            failure.Code.ShouldBe("HttpStatus", body);
            failure.ErrorId.ShouldBe("HttpStatus", body);
            failure.Category.ShouldBe(category, body);
            failure.IsTransient.ShouldBe(isTransient, body);
            failure.StatusCode.ShouldBe(status, body);
            failure.TaskUuid.ShouldBe(Talk.A, body);
            failure.Message.ShouldContain(status.ToString(System.Globalization.CultureInfo.InvariantCulture), customMessage: body);
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task The_body_counts_first_if_it_contains_an_error(int status)
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(errors: Talk.Error("promptBlocked", Talk.A)), (HttpStatusCode)status);

        var error = reply.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("promptBlocked");
        error.Category.ShouldBe(RunwareErrorCategory.Safety);
        error.IsTransient.ShouldBeFalse();
        error.StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData(401, RunwareErrorCategory.Authentication)]
    [InlineData(402, RunwareErrorCategory.Quota)]
    [InlineData(429, RunwareErrorCategory.RateLimit)]
    [InlineData(400, RunwareErrorCategory.Validation)]
    public async Task An_error_with_a_new_code_takes_its_category_from_the_status(int status, RunwareErrorCategory category)
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(errors: Talk.Error("somethingNew", Talk.A)), (HttpStatusCode)status);
        reply.Errors.ShouldHaveSingleItem().Category.ShouldBe(category);
    }

    [Theory]
    [InlineData(401, RunwareErrorCategory.Authentication)]
    [InlineData(402, RunwareErrorCategory.Quota)]
    [InlineData(429, RunwareErrorCategory.RateLimit)]
    [InlineData(400, RunwareErrorCategory.Validation)]
    public async Task An_error_without_a_code_takes_its_category_from_the_status(int status, RunwareErrorCategory category)
    {
        var reply = await Talk.ReplyToAsync("""{"error":"No."}""", (HttpStatusCode)status);
        reply.Errors.ShouldHaveSingleItem().Category.ShouldBe(category);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_an_error_and_is_not_followed(int status)
    {
        using var handler = new ScriptedHandler(_ =>
        {
            var answer = ScriptedHandler.Answer("", (HttpStatusCode)status);
            answer.Headers.Location = new Uri("https://elsewhere.example.test/v1?token=abc");
            return answer;
        });
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        failure.Code.ShouldBe("HttpStatus");
        failure.Message.ShouldContain("redirect");
        failure.StatusCode.ShouldBe(status);
        handler.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_gateways_page_is_quoted_on_one_short_line()
    {
        var page = "<html>\r\n  <head><title>502 Bad Gateway</title></head>\n" + new string('-', 5000) + "</html>";
        var failure = await Talk.FailureOfAsync(page, HttpStatusCode.BadGateway, "text/html");

        failure.Message.ShouldContain("<title>502 Bad Gateway</title>");
        failure.Message.ShouldNotContain("\n");
        failure.Message.Length.ShouldBeLessThan(400);
    }

    [Fact]
    public async Task A_body_that_is_no_text_at_all_is_an_error_like_any_other()
    {
        using var handler = new ScriptedHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([0, 255, 254, 1, 2, 3, 200, 201]) });
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        failure.Code.ShouldBe("UnreadableReply");
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task After_an_unclear_submit_the_advice_is_to_ask_before_sending_again(int status)
    {
        var failure = await Talk.FailureOfAsync("", (HttpStatusCode)status);

        failure.RecommendedAction.ShouldContain(Talk.A.ToString(), customMessage: "the picture may have been paid for");
    }
}
