namespace RunwarePS.Core.Tests;

public sealed class MatchingTests
{
    [Fact]
    public async Task Results_go_to_their_task_in_whatever_order_they_come()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(string.Join(',',
            Talk.Item(Talk.C, "https://im.example.test/c.jpg"), Talk.Item(Talk.A, "https://im.example.test/a1.jpg"),
            Talk.Item(Talk.B, "https://im.example.test/b.jpg"), Talk.Item(Talk.A, "https://im.example.test/a2.jpg"))));
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B, Talk.C);

        replies.Of(Talk.A).Items.Select(i => i.ImageUrl).ShouldBe(["https://im.example.test/a1.jpg", "https://im.example.test/a2.jpg"]);
        replies.Of(Talk.B).Items.ShouldHaveSingleItem().ImageUrl.ShouldBe("https://im.example.test/b.jpg");
        replies.Of(Talk.C).Items.ShouldHaveSingleItem().ImageUrl.ShouldBe("https://im.example.test/c.jpg");
    }

    [Fact]
    public async Task An_error_with_an_id_stays_with_that_task()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(Talk.Item(Talk.A), Talk.Error("promptBlocked", Talk.B)));
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B);

        replies.Of(Talk.A).Errors.ShouldBeEmpty();
        replies.Of(Talk.A).Items.Count.ShouldBe(1);
        replies.Of(Talk.B).Errors.ShouldHaveSingleItem().Code.ShouldBe("promptBlocked");
        replies.Of(Talk.B).ErrorsNameTask.ShouldBeTrue();
    }

    [Fact]
    public async Task An_error_without_an_id_concerns_every_task_that_has_no_response()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(Talk.Item(Talk.A), Talk.Error("invalidApiKey")));
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B, Talk.C);

        replies.Of(Talk.A).Errors.ShouldBeEmpty();
        foreach (var id in new[] { Talk.B, Talk.C })
        {
            var error = replies.Of(id).Errors.ShouldHaveSingleItem();
            error.Code.ShouldBe("invalidApiKey");
            error.TaskUuid.ShouldBe(id);
            replies.Of(id).ErrorsNameTask.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task An_error_without_an_id_keeps_its_facts_when_it_is_reported_of_a_task()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(errors: Talk.Error("invalidWidth", more: ""","parameter":"width","min":256,"documentation":"https://docs.example.test/w" """)));
        var error = (await Talk.Client(handler).AskAsync(Talk.A, Talk.B)).Of(Talk.B).Errors.ShouldHaveSingleItem();

        error.Parameter.ShouldBe("width");
        error.AdditionalData["min"].ShouldBe(256L);
        error.Documentation.ShouldBe(new Uri("https://docs.example.test/w"));
        error.IsFromServer.ShouldBeTrue();
        error.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Beside_the_results_of_the_only_task_an_error_without_an_id_is_not_lost()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(Talk.Item(Talk.A), Talk.Error("providerError")));

        reply.Items.Count.ShouldBe(1);
        reply.Errors.ShouldHaveSingleItem().Code.ShouldBe("providerError");
    }

    [Fact]
    public async Task An_error_that_names_another_task_reports_nothing_of_this_one()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(errors: Talk.Error("providerError", Talk.C)));

        reply.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_without_an_id_belongs_to_the_only_task()
    {
        var reply = await Talk.ReplyToAsync("""{"data":[{"imageURL":"https://im.example.test/1.jpg"}]}""");

        reply.Items.ShouldHaveSingleItem().ImageUrl.ShouldBe("https://im.example.test/1.jpg");
    }

    [Fact]
    public async Task A_result_without_an_id_is_given_to_none_of_several_tasks()
    {
        using var handler = new ScriptedHandler("""{"data":[{"imageURL":"https://im.example.test/1.jpg"}]}""");
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B);

        replies.Of(Talk.A).Items.ShouldBeEmpty();
        replies.Of(Talk.B).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_id_in_capitals_is_the_same_id()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(Talk.Item(Talk.A)).Replace(Talk.A.ToString("D"), Talk.A.ToString("D").ToUpperInvariant(), StringComparison.Ordinal));

        reply.Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_status_without_a_body_concerns_every_task_and_names_none()
    {
        using var handler = new ScriptedHandler("", System.Net.HttpStatusCode.ServiceUnavailable);
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A, Talk.B));

        failure.TaskUuid.ShouldBeNull();
        failure.Code.ShouldBe("HttpStatus");
    }
}
