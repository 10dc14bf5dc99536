using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>A response changes only the tasks that it names: no error of another, and none without an ID, ends an accepted task.</summary>
public sealed class ForeignErrorTests
{
    private static readonly Guid s_other = Guid.NewGuid();

    public static TheoryData<string, bool> Errors
    {
        get
        {
            var data = new TheoryData<string, bool>();
            string[] codes =
            [
                "invalidProviderContent", "providerError", "insufficientCredits", "invalidApiKey", "rateLimitExceeded", "conflictTaskUUID",
            ];
            foreach (var code in codes)
            {
                data.Add(code, true);
                data.Add(code, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_acknowledged_task_is_accepted_whatever_error_stands_beside_it(string code, bool namesAnother)
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Yes(call) : Say.Reply([Say.Accepted(call.Id)], Foreign(code, namesAnother)));

        var result = await rig.RunAsync(Some.Task());

        result.Failures.ShouldBeEmpty();
        result.Images.ShouldHaveSingleItem();
        rig.Api.Submits.ShouldHaveSingleItem();
        (await rig.RowAsync(result.Images[0].TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_async_task_is_submitted_whatever_error_stands_beside_it(string code, bool namesAnother)
    {
        using var rig = new Rig(call => Say.Reply([Say.Accepted(call.Id)], Foreign(code, namesAnother)));

        (await rig.StartAsync(Some.Task())).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task A_refusal_of_another_task_is_no_response_to_this_one(int status)
    {
        using var rig = new Rig(call => call.Number > 0
            ? Say.Yes(call)
            : Say.Reply(status, [], Foreign("invalidProviderContent", namesAnother: true)));

        (await rig.RunAsync(Some.Task())).Images.ShouldHaveSingleItem();

        rig.Api.Submits.Select(c => c.Id).Distinct().ShouldHaveSingleItem(); // sent again under its own ID
    }

    [Fact]
    public async Task A_status_applies_to_the_whole_request_whatever_its_errors_name()
    {
        using var rig = new Rig(_ => Say.Reply(401, [], Foreign("invalidApiKey", namesAnother: true)));

        var error = await rig.FailAsync(Some.Task());

        error.Category.ShouldBe(RunwareErrorCategory.Authentication);
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(200, "invalidProviderContent")]
    [InlineData(200, "taskFailed")]
    [InlineData(400, "invalidProviderContent")]
    [InlineData(400, "conflictTaskUUID")]
    public async Task A_poll_that_carries_the_error_of_another_task_leaves_this_one_in_progress(int status, string code)
    {
        using var rig = new Rig(call => call is { IsPoll: true, Number: < 3 }
            ? Say.Reply(status, [], Foreign(code, namesAnother: true))
            : Say.Yes(call));

        var result = await rig.RunAsync(Some.Task());

        result.Failures.ShouldBeEmpty();
        result.Images.ShouldHaveSingleItem();
        rig.Api.Polls.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_poll_that_shows_the_task_in_progress_is_not_changed_by_another_error(bool namesAnother)
    {
        using var rig = new Rig(call => call is { IsPoll: true, Number: < 3 }
            ? Say.Reply([Say.Accepted(call.Id)], Foreign("providerError", namesAnother))
            : Say.Yes(call));

        var result = await rig.RunAsync(Some.Task());

        result.Failures.ShouldBeEmpty();
        result.Images.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_rate_limit_of_another_task_delays_no_other_task()
    {
        using var rig = new Rig(call =>
        {
            var response = call.IsPoll
                ? Say.Yes(call)
                : Say.Reply([Say.Accepted(call.Id)], Foreign("rateLimitExceeded", namesAnother: true));
            response.Headers.TryAddWithoutValidation("Retry-After", "3600");
            return response;
        });

        (await rig.RunAsync(Some.Task())).Images.ShouldHaveSingleItem();

        rig.Time.Waits.ShouldAllBe(wait => wait < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Of_several_tasks_each_hears_only_what_names_it()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(
            $$"""{"taskType":"imageInference","taskUUID":"{{Talk.A:D}}"}""",
            $"{Talk.Error("promptBlocked", Talk.B)},{Talk.Error("providerError", s_other)}"));
        var replies = await Talk.Client(handler).AskAsync(Talk.A, Talk.B, Talk.C);

        replies.Results(Talk.A).Status.ShouldBe(RunwareTaskStatus.Submitted);
        replies.Results(Talk.B).Failures.ShouldHaveSingleItem().Code.ShouldBe("promptBlocked");
        replies.Results(Talk.C).Status.ShouldBe(RunwareTaskStatus.Unknown);
    }

    [Fact]
    public async Task Beside_the_only_image_an_error_of_another_task_is_not_this_task_s()
    {
        var reply = await Talk.ReplyToAsync(Talk.Envelope(Talk.Item(Talk.A), Talk.Error("providerError", s_other)));

        reply.Items.Count.ShouldBe(1);
        reply.Errors.ShouldBeEmpty();
    }

    private static JsonObject Foreign(string code, bool namesAnother) => Say.Failure(code, namesAnother ? s_other : null);
}
