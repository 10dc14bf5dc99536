using System.Net;

namespace RunwarePS.Core.Tests;

/// <summary>What one response says of one task, read to its end.</summary>
public sealed class TaskResultTests
{
    private static readonly DateTimeOffset s_now = new(2031, 4, 5, 6, 7, 8, TimeSpan.Zero);

    [Fact]
    public async Task Each_image_has_its_place_its_task_and_its_moment()
    {
        var result = await ReadAsync(Talk.Envelope(Talk.Item(Talk.A, more: ",\"cost\":0.25") + "," + Talk.Item(Talk.A, more: ",\"seed\":9")));

        result.Failures.ShouldBeEmpty();
        result.Images.Select(i => i.Index).ShouldBe([0, 1]);
        result.Images.ShouldAllBe(i => i.TaskUuid == Talk.A && i.CreatedAt == s_now.UtcDateTime);
        result.Images.Select(i => i.Cost).ShouldBe([0.25m, null]);
        result.Images.Select(i => i.Seed).ShouldBe([null, 9L]);
        result.Status.ShouldBe("Succeeded");
    }

    [Fact]
    public async Task What_only_the_request_knows_is_written_onto_the_images()
    {
        var task = (new ImageRequest
        {
            TaskUuid = Talk.A, Prompt = "two swans", Width = 1536, Height = 1024, Count = 2, OutputFormat = "webp", InputIndex = 4, Tag = "lake",
        }).ToTask();
        var view = TaskView.Of(task, await ReadAsync(Talk.Envelope(Talk.Item(Talk.A) + "," + Talk.Item(Talk.A))));

        view.Expected.ShouldBe(2);
        view.Status.ShouldBe("Succeeded");
        view.Tag.ShouldBe("lake");
        view.Image.Length.ShouldBe(2);
        view.Image.ShouldAllBe(i => i.Prompt == "two swans" && i.Model == "openai:1@1" && i.Width == 1536 && i.Height == 1024 && i.OutputFormat == "WEBP" && i.InputIndex == 4 && i.Tag == "lake");
    }

    [Fact]
    public async Task A_format_that_was_not_asked_for_is_the_models_default() =>
        TaskView.Of((new ImageRequest { TaskUuid = Talk.A, Prompt = "a mole" }).ToTask(), await ReadAsync(Talk.Envelope(Talk.Item(Talk.A))))
            .Image.ShouldHaveSingleItem().OutputFormat.ShouldBe("JPG");

    [Fact]
    public async Task An_image_that_is_returned_twice_is_one_image()
    {
        var item = Talk.Item(Talk.A, more: $",\"imageUUID\":\"{Talk.B}\"");

        (await ReadAsync(Talk.Envelope(item + "," + item))).Images.ShouldHaveSingleItem().ImageUuid.ShouldBe(Talk.B);
    }

    [Fact]
    public async Task A_success_without_an_image_is_a_failure_of_that_result_alone()
    {
        var result = await ReadAsync(Talk.Envelope(Talk.Item(Talk.A) + $",{{\"taskUUID\":\"{Talk.A}\",\"imageUUID\":\"{Talk.B}\",\"status\":\"success\"}}"));

        result.Images.Count.ShouldBe(1);
        result.Failures.ShouldHaveSingleItem().Code.ShouldBe(ErrorCodes.UnreadableReply);
    }

    [Fact]
    public async Task Good_results_and_failures_of_one_task_are_both_there()
    {
        var result = await ReadAsync(Talk.Envelope(Talk.Item(Talk.A) + "," + Talk.Item(Talk.A), Talk.Error("invalidProviderContent", Talk.A)));

        result.Images.Count.ShouldBe(2);
        result.Failures.ShouldHaveSingleItem().Category.ShouldBe(RunwareErrorCategory.Safety);
        result.Status.ShouldBe("PartiallySucceeded");
        result.HasEnded(expected: 3).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"taskUUID":"ID","status":"error","error":{"code":"timeoutProvider","message":"Too slow.","parameter":"model"}}""", "timeoutProvider", "Too slow.")]
    [InlineData("""{"taskUUID":"ID","status":"error","code":"providerError","message":"It broke."}""", "providerError", "It broke.")]
    [InlineData("""{"taskUUID":"ID","status":"error","error":"It broke."}""", "taskFailed", "It broke.")]
    [InlineData("""{"taskUUID":"ID","error":{"message":"It broke."}}""", "taskFailed", "It broke.")]
    public async Task A_failure_inside_the_data_is_a_failure(string item, string code, string message)
    {
        var result = await ReadAsync(Talk.Envelope(item.Replace("\"ID\"", $"\"{Talk.A}\"", StringComparison.Ordinal)));

        result.Images.ShouldBeEmpty();
        result.Status.ShouldBe("Failed");
        var failure = result.Failures.ShouldHaveSingleItem();
        failure.Code.ShouldBe(code);
        failure.Message.ShouldBe(message);
        failure.TaskUuid.ShouldBe(Talk.A);
    }

    [Theory]
    [InlineData("""{"taskUUID":"ID","status":"error","error":"\ud800"}""")]
    [InlineData("""{"taskUUID":"ID","status":"error","code":"\ud800","message":"\ud800"}""")]
    [InlineData("""{"taskUUID":"ID","status":"error","error":{"code":"\ud800","message":"\ud800","more":"\ud800"}}""")]
    public async Task Half_a_character_in_such_a_failure_costs_no_more_than_that_character(string item)
    {
        var result = await ReadAsync(Talk.Envelope(item.Replace("\"ID\"", $"\"{Talk.A}\"", StringComparison.Ordinal) + "," + Talk.Item(Talk.A)));

        result.Images.Count.ShouldBe(1);
        result.Failures.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("processing")]
    [InlineData("pending")]
    [InlineData("queued")]
    [InlineData("scheduled")]
    [InlineData("waiting")]
    public async Task A_task_that_runs_is_processing(string status)
    {
        var result = await ReadAsync(Talk.Envelope($$"""{"taskType":"imageInference","taskUUID":"{{Talk.A}}","status":"{{status}}","progress":40}"""));

        result.Status.ShouldBe("Processing");
        result.Progress.ShouldBe(40);
        result.TaskType.ShouldBe("imageInference");
        result.Images.ShouldBeEmpty();
        result.HasEnded(expected: null).ShouldBeFalse();
    }

    [Theory]
    [InlineData("-5", 0)]
    [InlineData("250", 100)]
    [InlineData("\"37\"", 37)]
    [InlineData("\"half\"", null)]
    [InlineData("37.5", null)]
    public async Task Progress_is_read_as_a_percentage_and_never_costs_the_task(string progress, int? expected) =>
        (await ReadAsync(Talk.Envelope($$"""{"taskUUID":"{{Talk.A}}","status":"processing","progress":{{progress}} }"""))).Progress.ShouldBe(expected);

    [Fact]
    public async Task Images_that_are_done_come_while_others_are_made()
    {
        var result = await ReadAsync(Talk.Envelope(Talk.Item(Talk.A, more: ",\"status\":\"success\",\"cost\":0.25") + $$""",{"taskUUID":"{{Talk.A}}","status":"processing"}"""));

        result.Status.ShouldBe("Processing");
        result.Images.Count.ShouldBe(1);
        TaskView.Of(Talk.A, result).Cost.ShouldBe(0.25m);
    }

    [Fact]
    public async Task The_cost_of_a_task_is_the_sum_of_its_images() =>
        TaskView.Of(Talk.A, await ReadAsync(Talk.Envelope(Talk.Item(Talk.A, more: ",\"cost\":0.25") + "," + Talk.Item(Talk.A, more: ",\"cost\":0.25")))).Cost.ShouldBe(0.5m);

    [Fact]
    public async Task No_cost_in_any_image_is_an_unknown_cost() => TaskView.Of(Talk.A, await ReadAsync(Talk.Envelope(Talk.Item(Talk.A)))).Cost.ShouldBeNull();

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.25, false)]
    [InlineData(0.1, false)]
    public async Task Where_each_image_seems_to_carry_the_cost_of_all_it_stands_out(double each, bool standsOut)
    {
        var task = (new ImageRequest { TaskUuid = Talk.A, Prompt = "a mole", Width = 1536, Height = 1024, Quality = "high", Count = 2 }).ToTask();
        var item = Talk.Item(Talk.A, more: FormattableString.Invariant($",\"cost\":{each}"));

        var another = Talk.Item(Talk.A, more: FormattableString.Invariant($",\"cost\":{each}"));

        (await ReadAsync(Talk.Envelope(item + "," + another))).CostLooksMultiplied(task).ShouldBe(standsOut);
    }

    [Fact]
    public async Task A_failed_task_reported_with_400_is_a_failed_task()
    {
        var result = await ReadAsync(Talk.Envelope(errors: Talk.Error("timeoutProvider", Talk.A, ",\"status\":\"error\"")), HttpStatusCode.BadRequest);

        result.Status.ShouldBe("Failed");
        TaskView.Of(Talk.A, result).Failure.ShouldHaveSingleItem().Category.ShouldBe("Timeout");
    }

    [Fact]
    public async Task An_acknowledgement_alone_is_submitted()
    {
        var result = await ReadAsync(Talk.Envelope($$"""{"taskType":"imageInference","taskUUID":"{{Talk.A}}"}"""));

        result.Status.ShouldBe("Submitted");
        result.HasEnded(expected: 1).ShouldBeFalse();
        result.HasEnded(expected: null).ShouldBeFalse();
    }

    [Fact]
    public async Task An_id_that_the_server_reports_nothing_about_is_unknown()
    {
        var result = await ReadAsync("""{"data":[]}""");

        result.Status.ShouldBe("Unknown");
        result.IsKnown.ShouldBeFalse();
        result.HasEnded(expected: 1).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, 2, true)]
    [InlineData(1, null, true)]
    public async Task A_task_has_ended_with_as_many_images_as_were_asked_for(int pictures, int? expected, bool hasEnded) =>
        (await ReadAsync(Talk.Envelope(string.Join(',', Enumerable.Range(0, pictures).Select(_ => Talk.Item(Talk.A)))))).HasEnded(expected).ShouldBe(hasEnded);

    private static async Task<TaskResult> ReadAsync(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        ResultReader.Read(await Talk.ReplyToAsync(body, status), Talk.A, new FakeTime(start: s_now));
}
