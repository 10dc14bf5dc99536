namespace RunwarePS.Core.Tests.Execution;

/// <summary>Submits: what is repeated, under which id, and what the journal holds afterwards.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_sync_task_that_succeeds_takes_one_request_and_is_booked()
    {
        using var rig = new Rig(Say.Yes);
        var task = Some.Task(async: false);

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem().Prompt.ShouldBe(task.Prompt);
        result.Failures.ShouldBeEmpty();
        rig.Api.Calls.ShouldHaveSingleItem().IsPoll.ShouldBeFalse();
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Succeeded);
        row.IsOwned.ShouldBeFalse();
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
    }

    [Fact]
    public async Task An_async_task_is_asked_about_until_it_has_its_image()
    {
        using var rig = new Rig(call => !call.IsPoll ? Say.Yes(call) : call.Number < 4 ? Say.Reply([Say.Working(call.Id)]) : Say.Yes(call));
        var task = Some.Task();

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem();
        rig.Api.Submits.ShouldHaveSingleItem();
        rig.Api.Polls.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Conflict_on_the_first_send_of_the_users_own_id_is_the_users_error()
    {
        using var rig = new Rig(Say.Conflict);
        var task = Some.Task(async: false);

        var result = await rig.RunAsync(task);

        result.Images.ShouldBeEmpty();
        var failure = result.Failures.ShouldHaveSingleItem();
        failure.ErrorId.ShouldBe("Runware.conflictTaskUUID");
        failure.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Conflict_on_a_first_async_send_is_thrown()
    {
        using var rig = new Rig(Say.Conflict);

        var error = await Should.ThrowAsync<RunwareException>(() => rig.StartAsync(Some.Task()));

        error.Code.ShouldBe("conflictTaskUUID");
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Conflict_on_an_id_that_the_journal_holds_means_accepted()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Yes(call) : Say.Conflict(call));
        var task = (Some.Request(async: false) with { IsIdGiven = true }).ToTask();
        var begun = (await rig.Journal.BeginAsync(task)).ShouldBeOfType<BeginOutcome.Booked>();
        rig.Journal.Released(begun.Lease);

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem();
        result.Failures.ShouldBeEmpty();
        rig.Api.Submits.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Conflict_on_a_derived_id_always_means_accepted()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Yes(call) : Say.Conflict(call));
        var task = Some.Task(async: false).WithId(new DeterministicTaskId("night run"));

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem().TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Submits.ShouldHaveSingleItem().Id.ShouldBe(task.TaskUuid);
    }

    public static TheoryData<string> Unclear => ["network", "408", "500", "502", "503", "504", "unreadable", "silence", "torn", "error without a reason"];

    [Theory]
    [MemberData(nameof(Unclear))]
    public async Task Conflict_after_an_unclear_try_means_accepted(string how)
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Yes(call) : call.Number == 0 ? Unclearly(how) : Say.Conflict(call));
        var task = Some.Task(async: false);

        var result = await rig.RunAsync(task);

        result.Images.ShouldHaveSingleItem();
        result.Failures.ShouldBeEmpty();
        rig.Api.Submits.Select(s => s.Id).ShouldBe([task.TaskUuid, task.TaskUuid]);
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Theory]
    [MemberData(nameof(Unclear))]
    public async Task What_stays_unclear_is_repeated_as_it_was_and_stays_resumable(string how)
    {
        using var rig = new Rig(_ => Unclearly(how));
        var task = Some.Task();

        var error = await rig.FailAsync(task);

        error.TaskUuid.ShouldBe(task.TaskUuid);
        RetryPolicy.IsRepeatable(error).ShouldBeTrue();
        rig.Api.Calls.Count.ShouldBe(4);
        rig.Api.Calls.Select(c => c.Tasks[0].ToJsonString()).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Pending);
        row.IsOwned.ShouldBeFalse();
        (await rig.RequestAsync(task.TaskUuid)).ShouldNotBeNull().Json().ShouldBe(task.Json());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(5, 6)]
    public async Task MaxRetryCount_states_how_often_a_submit_is_repeated(int maxRetryCount, int requests)
    {
        using var rig = new Rig(_ => Say.Status(503), maxRetryCount: maxRetryCount);

        await rig.FailAsync(Some.Task());

        rig.Api.Calls.Count.ShouldBe(requests);
    }

    public static TheoryData<string, int, string?> Refusals => new()
    {
        { "invalidWidth", 400, null },
        { "invalidWidth", 500, null },
        { "unsupportedParameter", 503, null },
        { "missingPositivePrompt", 429, null },
        { "invalidApiKey", 401, null },
        { "invalidApiKey", 503, null },
        { "forbidden", 500, null },
        { "insufficientCredits", 402, null },
        { "insufficientCredits", 400, null },
        { "insufficientCredits", 200, null },
        { "insufficientCredits", 500, null },
        { "quotaExceeded", 429, null },
        { "invalidProviderContent", 400, null },
        { "invalidProviderContent", 503, null },
        { "contentPolicyViolation", 500, null },
        { "moderationFailed", 200, null },
        { "providerBadRequest", 400, "Your request was rejected by the safety system." },
        { "providerBadRequest", 500, "safety_violations=[violence]" },
        { "providerBadRequest", 503, "content_policy_violation" },
        { "providerBadRequest", 400, "Unknown size." },
        { "modelNotFound", 404, null },
        { "modelNotFound", 503, null },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_never_repeated_whatever_its_status(string code, int status, string? message)
    {
        using var rig = new Rig(call => Say.Error(status, code, call.Id, message ?? "No."));
        var task = Some.Task(async: false);

        var result = await rig.RunAsync(task);

        var failure = result.Failures.ShouldHaveSingleItem();
        failure.Code.ShouldBe(code);
        failure.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Calls.ShouldHaveSingleItem();
        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Failed);
        row.Failures.ShouldHaveSingleItem().Code.ShouldBe(code);
        (await rig.Journal.SpendAsync(null, null)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(413)]
    public async Task A_refusal_without_a_body_is_never_repeated(int status)
    {
        using var rig = new Rig(_ => Say.Status(status, "<h1>No</h1>"));
        var task = Some.Task();

        var error = await rig.FailAsync(task);

        error.StatusCode.ShouldBe(status);
        error.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Api.Calls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
    }

    [Theory]
    [InlineData("insufficientCredits", 402)]
    [InlineData("invalidApiKey", 401)]
    [InlineData("invalidProviderContent", 400)]
    [InlineData("invalidWidth", 400)]
    public async Task A_refused_repeat_reports_nothing_of_the_unclear_try_before_it(string code, int status)
    {
        // The first try may have been accepted and charged: perhaps with the last of the credit.
        using var rig = new Rig(call => call.Number == 0 ? throw new HttpRequestException("reset") : call.IsPoll ? Say.Reply([]) : Say.Error(status, code, call.Id), timeout: TimeSpan.FromMinutes(1));
        var task = Some.Task();

        try
        {
            await rig.RunAsync(task);
        }
        catch (RunwareException e)
        {
            e.TaskUuid.ShouldBe(task.TaskUuid);
        }

        rig.Api.Submits.Count.ShouldBe(2);
        var row = await rig.RowAsync(task.TaskUuid);
        row.HasEnded.ShouldBeFalse();
        if (row.Status == RunwareTaskStatus.Pending)
        {
            (await rig.RequestAsync(task.TaskUuid)).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_task_that_was_refused_and_is_bought_later_under_its_id_is_booked()
    {
        var hasCredit = false;
        using var rig = new Rig(call => hasCredit ? Say.Yes(call) : Say.Error(402, "insufficientCredits", call.Id));
        (await rig.RunAsync(Some.Task(async: false).WithId(new DeterministicTaskId("night run")))).Failures.ShouldHaveSingleItem();

        hasCredit = true;
        var task = Some.Task(async: false).WithId(new DeterministicTaskId("night run"));
        (await rig.RunAsync(task)).Images.ShouldHaveSingleItem();

        var row = await rig.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Succeeded);
        row.Failures.ShouldBeEmpty();
        (await rig.Journal.SpendAsync(null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
    }

    [Fact]
    public async Task A_task_that_is_refused_again_is_refused_and_not_left_open()
    {
        using var rig = new Rig(call => Say.Error(402, "insufficientCredits", call.Id), maxCost: Some.Price);
        for (var i = 0; i < 2; i++)
        {
            var task = Some.Task(async: false).WithId(new DeterministicTaskId("night run"));
            RunwareException? failure;
            try
            {
                failure = (await rig.RunAsync(task)).Failures.ShouldHaveSingleItem();
            }
            catch (RunwareException e)
            {
                failure = e;
            }

            failure.Code.ShouldBe("insufficientCredits");
            (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
        }

        (await rig.Journal.BeginAsync(Some.Task())).ShouldBeOfType<BeginOutcome.Booked>(); // nothing of the cap is still set aside
    }

    [Fact]
    public async Task A_task_that_was_refused_and_is_accepted_later_can_be_resumed()
    {
        var hasCredit = false;
        using var rig = new Rig(call => hasCredit ? Say.Yes(call) : Say.Error(402, "insufficientCredits", call.Id));
        await Should.ThrowAsync<RunwareException>(() => rig.StartAsync(Some.Task().WithId(new DeterministicTaskId("night run"))));

        hasCredit = true;
        var task = await rig.StartAsync(Some.Task().WithId(new DeterministicTaskId("night run")));

        (await new TaskResumer(rig.Delivery, rig.Journal).FindAsync(null)).ShouldHaveSingleItem().TaskUuid.ShouldBe(task.TaskUuid);
    }

    [Theory]
    [InlineData("providerError", 500)]
    [InlineData("internalServerError", 500)]
    [InlineData("rateLimitExceeded", 429)]
    [InlineData("rateLimitExceeded", 400)]
    [InlineData("serviceUnavailable", 503)]
    [InlineData("somethingNew", 503)]
    public async Task What_the_api_states_about_itself_is_repeated(string code, int status)
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Error(status, code, call.Id) : Say.Yes(call));

        (await rig.RunAsync(Some.Task(async: false))).Images.ShouldHaveSingleItem();

        rig.Api.Submits.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Retry_after_in_seconds_is_waited_for()
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Status(429, retryAfter: "30") : Say.Yes(call));

        await rig.RunAsync(Some.Task(async: false));

        rig.Time.Waits[0].ShouldBe(TimeSpan.FromSeconds(30));
        (rig.Api.Calls[1].At - rig.Api.Calls[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_waited_for()
    {
        using var rig = new Rig(call => call.Number == 0
            ? Say.Status(429, retryAfter: DateTimeOffset.UtcNow.AddSeconds(240).ToString("R"))
            : Say.Yes(call));

        await rig.RunAsync(Some.Task(async: false));

        rig.Time.Waits[0].ShouldBeInRange(TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(241));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    public async Task Retry_after_that_asks_for_nothing_leaves_the_usual_wait(string retryAfter)
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Status(503, retryAfter: retryAfter) : Say.Yes(call));

        await rig.RunAsync(Some.Task(async: false));

        rig.Time.Waits[0].ShouldBeInRange(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(650));
    }

    [Fact]
    public async Task Retry_after_beyond_the_deadline_ends_it_at_once()
    {
        using var rig = new Rig(_ => Say.Status(429, retryAfter: "3600"), timeout: TimeSpan.FromMinutes(1));
        var task = Some.Task();

        var error = await rig.FailAsync(task);

        error.Category.ShouldBe(RunwareErrorCategory.RateLimit);
        error.TaskUuid.ShouldBe(task.TaskUuid);
        rig.Time.Waits.ShouldBeEmpty();
        rig.Api.Calls.ShouldHaveSingleItem();
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Pending);
    }

    [Fact]
    public async Task The_time_limit_ends_repeats_before_their_number_does()
    {
        using var rig = new Rig(_ => Say.Status(503), maxRetryCount: 100, timeout: TimeSpan.FromSeconds(20));
        var start = rig.Time.GetUtcNow();

        await rig.FailAsync(Some.Task());

        (rig.Time.GetUtcNow() - start).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(20));
        rig.Api.Calls.Count.ShouldBeInRange(4, 7);
    }

    [Fact]
    public async Task The_time_limit_covers_submit_and_polls_together()
    {
        using var rig = new Rig(call => call.IsPoll ? Say.Reply([Say.Working(call.Id)]) : Say.Yes(call), timeout: TimeSpan.FromMinutes(2));
        var task = Some.Task();
        var start = rig.Time.GetUtcNow();

        var error = await rig.FailAsync(task);

        error.Code.ShouldBe(ErrorCodes.TaskTimeout);
        error.TaskUuid.ShouldBe(task.TaskUuid);
        (rig.Time.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));
        (await rig.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Submitted);
    }

    [Fact]
    public async Task After_429_the_whole_pipeline_waits()
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Status(429, retryAfter: "30") : Say.Yes(call), new FakeTime());
        var first = rig.RunAsync(Some.Task(async: false));
        await Eventually.TrueAsync(() => rig.Time.Waiting == 1, "the first task waits");
        var other = rig.RunAsync(Some.Task(async: false));
        await Eventually.TrueAsync(() => rig.Time.Waiting == 2, "the other task waits too");

        rig.Time.Advance(TimeSpan.FromSeconds(29));
        rig.Api.Calls.ShouldHaveSingleItem();

        rig.Time.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(first, other);
        rig.Api.Calls.Sum(c => c.Tasks.Length).ShouldBe(3);
    }

    [Fact]
    public async Task After_429_what_waits_for_a_lane_waits_too()
    {
        var refuse = new TaskCompletionSource();
        using var rig = new Rig(
            async call =>
            {
                if (call.Number > 0)
                {
                    return Say.Yes(call);
                }

                await refuse.Task;
                return Say.Status(429, retryAfter: "30");
            },
            new FakeTime(),
            maxConcurrency: 1);
        var first = rig.StartAsync(Some.Task("First"));
        await Eventually.TrueAsync(() => rig.Api.Calls.Count == 1, "the first task is sent");
        var tasks = Some.Tasks(2).Select(rig.StartAsync).Append(first).ToArray();
        await Eventually.TrueAsync(() => rig.Queued == 2, "the others wait");

        refuse.SetResult();
        await Eventually.TrueAsync(() => rig.Time.Waiting >= 1, "the first task waits");
        await Eventually.TrueAsync(() => rig.Time.Waiting == 2 || rig.Api.Calls.Count > 1, "the lane waits for the others, or sends them");
        rig.Api.Calls.ShouldHaveSingleItem();

        rig.Time.Advance(TimeSpan.FromSeconds(31));
        await Task.WhenAll(tasks);
        rig.Api.Calls.SelectMany(c => c.Ids).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_503_delays_no_other_task()
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Status(503, retryAfter: "30") : Say.Yes(call), new FakeTime());
        var first = rig.RunAsync(Some.Task(async: false));
        await Eventually.TrueAsync(() => rig.Time.Waiting == 1, "the first task waits");

        (await rig.RunAsync(Some.Task(async: false))).Images.ShouldHaveSingleItem();

        first.IsCompleted.ShouldBeFalse();
        rig.Time.Advance(TimeSpan.FromSeconds(31));
        await first;
    }

    [Fact]
    public async Task A_sync_response_that_breaks_off_after_some_images_loses_none()
    {
        using var rig = new Rig(call =>
        {
            if (call.IsPoll)
            {
                return Say.Reply([.. Enumerable.Range(0, 4).Select(i => Say.Picture(call.Id, i))]);
            }

            var whole = Say.Reply([.. Enumerable.Range(0, 4).Select(i => Say.Picture(call.Id, i))]).Content.ReadAsStringAsync().Result;
            return call.Number == 0 ? Say.Status(200, whole[..(whole.Length / 2)]) : Say.Conflict(call);
        });
        var task = Some.Task(async: false, count: 4);

        var result = await rig.RunAsync(task);

        result.Images.Count.ShouldBe(4);
        result.Failures.ShouldBeEmpty();
        (await rig.RowAsync(task.TaskUuid)).Images.Count.ShouldBe(4);
    }

    [Fact]
    public async Task What_the_daily_cap_forbids_is_not_sent()
    {
        using var rig = new Rig(Say.Yes, maxCost: Some.Price * 2);
        await rig.RunAsync(Some.Task("One"));
        await rig.RunAsync(Some.Task("Two"));

        var error = await rig.FailAsync(Some.Task("Three"));

        error.Code.ShouldBe(ErrorCodes.BudgetExceeded);
        rig.Api.Submits.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_refusal_gives_its_share_of_the_daily_cap_back()
    {
        using var rig = new Rig(call => call.Number == 0 ? Say.Error(400, "invalidProviderContent", call.Id) : Say.Yes(call), maxCost: Some.Price);
        (await rig.RunAsync(Some.Task(async: false))).Failures.ShouldHaveSingleItem();

        (await rig.RunAsync(Some.Task(async: false))).Images.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("refused", true)]
    [InlineData("unclear", false)]
    [InlineData("accepted", false)]
    [InlineData("poll without a key", false)]
    public async Task A_share_of_the_pipelines_cap_is_given_back_only_where_nothing_was_bought(string how, bool givenBack)
    {
        var budget = new Budget(Some.Price);
        using var rig = new Rig(
            call => how switch
            {
                "refused" => Say.Error(400, "invalidProviderContent", call.Id),
                "unclear" => Say.Status(503),
                "poll without a key" when call.IsPoll => Say.Error(401, "invalidApiKey"),
                _ => Say.Yes(call),
            },
            budget: budget);
        var task = Some.Task();
        budget.Reserve(task);

        try
        {
            await (how == "accepted" ? rig.StartAsync(task) : (Task)rig.RunAsync(task));
        }
        catch (RunwareException)
        {
            // What it is, other tests say.
        }

        if (givenBack)
        {
            budget.Reserve(Some.Task());
        }
        else
        {
            Should.Throw<RunwareException>(() => budget.Reserve(Some.Task())).Code.ShouldBe(ErrorCodes.BudgetExceeded);
        }
    }

    private static HttpResponseMessage Unclearly(string how) => how switch
    {
        "network" => throw new HttpRequestException("The connection was reset."),
        "unreadable" => Say.Status(200, "<html>Welcome to this hotel</html>"),
        "silence" => Say.Reply([]),
        "torn" => Say.Status(200, """{"data":[{"taskType":"imageInf"""),
        "error without a reason" => Say.Status(500, """{"error":"upstream"}"""),
        _ => Say.Status(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture), "<html>Sorry</html>"),
    };
}
