using System.Globalization;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>The life of a row: what is kept at each step, and what is forgotten.</summary>
public sealed class SqliteJournalTests : IDisposable
{
    private readonly TemporaryJournal _file = new();
    private readonly TestJournal _journal;

    public SqliteJournalTests() => _journal = _file.Open();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_task_is_durable_before_it_is_sent()
    {
        string? seen = null;
        long pictures = 0;
        Rig? rig = null;
        using var made = rig = new Rig(call =>
        {
            if (!call.IsPoll)
            {
                seen = (string?)rig!.File.Read(FormattableString.Invariant($"SELECT status || ':' || (request IS NOT NULL) FROM task WHERE uuid = '{call.Id:D}'"));
                pictures = rig.File.Count("media");
            }

            return Say.Yes(call);
        });

        await rig.StartAsync((Some.Request() with { ReferenceImages = [new MediaInput(Some.Picture())] }).ToTask());

        seen.ShouldBe("Pending:1");
        pictures.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_comes_back_as_it_was_written()
    {
        var task = await _journal.BegunAsync(Rows.Task(tag: "night", expected: 2, at: new DateTime(2026, 3, 1, 23, 59, 59, 123, DateTimeKind.Utc)));
        Reopened(out var journal);

        var row = await journal.RowAsync(task.TaskUuid);

        (row.Status, row.TaskType, row.Expected).ShouldBe(("Pending", task.TaskType, 2));
        row.Metadata.ShouldBe(task.Metadata);
        row.SubmittedAt.ShouldBe(task.SubmittedAt);
        row.SubmittedAt.Kind.ShouldBe(DateTimeKind.Utc);
        row.CompletedAt.ShouldBeNull();
        row.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task Images_come_back_as_they_were_written()
    {
        var task = await _journal.BegunAsync(Rows.Task(expected: 2));
        var at = new DateTime(2026, 3, 1, 12, 0, 1, 5, DateTimeKind.Utc);
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task), Rows.Image(task, 1, cost: null)],
            [new RunwareFailure { Code = "timeoutProvider", Category = "Timeout", Message = "Slow: ä", Parameter = "width" }], at);
        Reopened(out var journal);

        var row = await journal.RowAsync(task.TaskUuid);

        row.Status.ShouldBe(RunwareTaskStatus.PartiallySucceeded);
        row.CompletedAt.ShouldBe(at);
        var images = row.Images;
        images.Count.ShouldBe(2);
        for (var i = 0; i < 2; i++)
        {
            var expected = Rows.Image(task, i, i == 0 ? Some.Price : null);
            (images[i].ImageUuid, images[i].ImageUrl, images[i].Index, images[i].Cost, images[i].Seed, images[i].NsfwContent, images[i].CreatedAt)
                .ShouldBe((expected.ImageUuid, expected.ImageUrl, i, expected.Cost, expected.Seed, expected.NsfwContent, expected.CreatedAt));
            (images[i].Prompt, images[i].Model, images[i].Width, images[i].Height, images[i].OutputFormat, images[i].InputIndex, images[i].Path)
                .ShouldBe((task.Metadata.Prompt, task.Metadata.Model, 1536, 1024, "PNG", 7, null));
        }

        var failure = row.Failures.ShouldHaveSingleItem();
        (failure.Code, failure.Category, failure.Message, failure.Parameter).ShouldBe(("timeoutProvider", "Timeout", "Slow: ä", "width"));
    }

    [Fact]
    public async Task What_the_user_does_to_an_image_later_is_not_what_was_delivered()
    {
        var task = await _journal.BegunAsync(Rows.Task(expected: 2));
        var images = new List<RunwareImage> { Rows.Image(task), Rows.Image(task, 1) };
        var failures = new List<RunwareFailure> { new() { Code = "timeoutProvider" } };
        var saved = Rows.Image(task);
        var ended = _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, images, failures, DateTime.UtcNow);
        var path = _journal.SavedAsync(Rows.Mine, saved, "/pictures/fox.png");

        images[0].ImageUrl = null;
        images[0].Cost = 99;
        images[0].ImageUuid = Guid.NewGuid();
        images.RemoveAt(1);
        failures[0].Code = "changed";
        (saved.TaskUuid, saved.ImageUuid) = (Guid.NewGuid(), Guid.NewGuid());
        await Task.WhenAll(ended, path);

        var row = await _journal.RowAsync(task.TaskUuid);
        RunwareImage[] delivered = [Rows.Image(task), Rows.Image(task, 1)];
        row.Images.Select(i => (i.ImageUuid, i.ImageUrl, i.Cost)).ShouldBe(delivered.Select(i => (i.ImageUuid, i.ImageUrl, i.Cost)));
        row.Images[0].Path.ShouldBe("/pictures/fox.png");
        row.Failures.ShouldHaveSingleItem().Code.ShouldBe("timeoutProvider");
    }

    [Theory]
    [InlineData("timeoutProvider", true)]
    [InlineData("QuotaWeird", true)]
    [InlineData("UnreadableReply", false)]
    public async Task A_failure_is_kept_whole(string code, bool isFromServer)
    {
        var task = await _journal.BegunAsync();
        var deep = string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60));
        var data = ValueReader.ToHashtable(System.Text.Json.JsonDocument.Parse(
            $$"""{"min":256,"max":1.50,"tiny":1e-300,"huge":1e400,"none":null,"on":true,"deep":{{deep}},"allowedValues":["a",{"b.c":[1]}],"responseContent":"ä"}""").RootElement);
        var failure = new RunwareFailure
        {
            Code = code,
            Category = "Validation",
            StatusCode = 422,
            Documentation = new Uri("https://docs.example.test/page#width"),
            IsFromServer = isFromServer,
            AdditionalData = data,
        };
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [failure], DateTime.UtcNow);
        Reopened(out var journal);

        var read = (await journal.RowAsync(task.TaskUuid)).Failures.ShouldHaveSingleItem();

        var error = read.ToException(task.TaskUuid);
        error.ErrorId.ShouldBe(isFromServer ? "Runware." + code : code);
        (error.StatusCode, error.Documentation, error.TaskUuid, error.Category).ShouldBe((422, failure.Documentation, task.TaskUuid, RunwareErrorCategory.Validation));
        error.AdditionalData.Count.ShouldBe(data.Count);
        foreach (var key in data.Keys)
        {
            Wrapped(error.AdditionalData[key]).ShouldBe(Wrapped(data[key]), $"{key}");
            error.AdditionalData[key]?.GetType().ShouldBe(data[key]!.GetType(), $"{key}");
        }

        static string Wrapped(object? value) => ValueReader.ToJson(new System.Collections.Hashtable { [""] = value }).ToJsonString();
    }

    [Theory]
    [InlineData("accepted")]
    [InlineData("ended")]
    [InlineData("failed")]
    [InlineData("removed")]
    public async Task From_acceptance_on_the_request_and_its_images_are_gone(string how)
    {
        var task = await WithPicturesAsync(1, 2);
        _file.Count("media").ShouldBe(2);

        await (how switch
        {
            "accepted" => _journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: true),
            "ended" => _journal.EndedAsync(task, Rows.Image(task)),
            "failed" => _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow),
            _ => _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]),
        });

        (await _journal.RequestAsync(Rows.Mine, task.TaskUuid)).ShouldBeNull();
        _file.Count("media").ShouldBe(0);
        _file.Count("task_media").ShouldBe(0);
        _file.Read("SELECT COUNT(*) FROM task WHERE request IS NOT NULL").ShouldBe(0L);
    }

    [Fact]
    public async Task An_image_that_many_share_is_kept_once_and_until_the_last_lets_go()
    {
        var one = await WithPicturesAsync(1);
        var two = await WithPicturesAsync(1, 2);
        var three = await WithPicturesAsync(1);
        _file.Count("media").ShouldBe(2);

        await _journal.AcceptedAsync(Rows.Mine, one.TaskUuid, isWaitedFor: true);
        await _journal.RemoveAsync(Rows.Mine, [three.TaskUuid]);

        _file.Count("media").ShouldBe(2);
        (await _journal.RequestAsync(Rows.Mine, two.TaskUuid)).ShouldNotBeNull().Media.ShouldContain(m => Some.Seal.Open(m.Value, m.Key)!.SequenceEqual(Some.Picture(1, 3000)));
        await _journal.AcceptedAsync(Rows.Mine, two.TaskUuid, isWaitedFor: true);
        _file.Count("media").ShouldBe(0);
    }

    [Fact]
    public async Task Acceptance_does_not_undo_an_end()
    {
        var task = await _journal.BegunAsync();
        await _journal.EndedAsync(task, Rows.Image(task));

        await _journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: true);

        (await _journal.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [Fact]
    public async Task Reported_again_the_same_end_changes_nothing()
    {
        var task = await _journal.BegunAsync(Rows.Task(expected: 2));
        RunwareFailure[] failures = [new() { Code = "timeoutProvider" }];
        for (var i = 0; i < 3; i++)
        {
            await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task), Rows.Image(task, 1)], failures, DateTime.UtcNow);
            await _journal.SavedAsync(Rows.Mine, Rows.Image(task, 1), "/pictures/1.png");
        }

        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task), Rows.Image(task, 1)], failures, DateTime.UtcNow);

        var row = await _journal.RowAsync(task.TaskUuid);
        row.Images.Select(i => i.Path).ShouldBe([null, "/pictures/1.png"]);
        row.Failures.ShouldHaveSingleItem();
        var spend = (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem();
        spend.Cost.ShouldBe(Some.Price * 2);
        spend.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_better_end_replaces_a_worse_one()
    {
        // The response broke off; asked again, everything is there.
        var task = await _journal.BegunAsync(Rows.Task(expected: 2));
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task)], [new RunwareFailure { Code = "UnreadableReply" }], DateTime.UtcNow);

        await _journal.EndedAsync(task, Rows.Image(task), Rows.Image(task, 1));

        var row = await _journal.RowAsync(task.TaskUuid);
        row.Status.ShouldBe(RunwareTaskStatus.Succeeded);
        row.Images.Count.ShouldBe(2);
        row.Failures.ShouldBeEmpty();
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price * 2);
    }

    [Fact]
    public async Task Of_a_task_that_it_does_not_hold_it_keeps_nothing()
    {
        var stranger = Rows.Task();

        await _journal.AcceptedAsync(Rows.Mine, stranger.TaskUuid, isWaitedFor: true);
        await _journal.EndedAsync(stranger, Rows.Image(stranger));
        await _journal.SavedAsync(Rows.Mine, Rows.Image(stranger), "/x.png");
        await _journal.ReleasedAsync(Rows.Mine, stranger.TaskUuid);

        (await _journal.ListAsync(Rows.Mine, null)).ShouldBeEmpty();
        _file.Count("output").ShouldBe(0);
        (await _journal.RequestAsync(Rows.Mine, stranger.TaskUuid)).ShouldBeNull();
    }

    [Fact]
    public async Task Tasks_are_listed_oldest_first_and_by_their_place_in_the_pipeline()
    {
        var late = await _journal.BegunAsync(Rows.Task(at: DateTime.UtcNow.AddMinutes(1)));
        var early = await _journal.BegunAsync(Rows.Task(at: DateTime.UtcNow.AddMinutes(-1)));

        (await _journal.ListAsync(Rows.Mine, null)).Select(t => t.TaskUuid).ShouldBe([early.TaskUuid, late.TaskUuid]);
        (await _journal.ListAsync(Rows.Mine, [late.TaskUuid, Guid.NewGuid()])).ShouldHaveSingleItem().TaskUuid.ShouldBe(late.TaskUuid);
        (await _journal.ListAsync(Rows.Mine, [])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Removed_it_is_gone_with_all_that_belongs_to_it_but_its_cost()
    {
        var task = await _journal.BegunAsync();
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task)], [new RunwareFailure { Code = "x" }], DateTime.UtcNow);

        await _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);

        (await _journal.ListAsync(Rows.Mine, null)).ShouldBeEmpty();
        _file.Count("output").ShouldBe(0);
        _file.Count("failure").ShouldBe(0);
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
    }

    [Fact]
    public async Task Closing_commits_what_nothing_waited_for()
    {
        await _journal.SessionAsync(Rows.Mine);
        var tasks = Enumerable.Range(0, 300).Select(_ => Rows.Task()).ToArray();
        foreach (var task in tasks)
        {
            _ = _journal.BeginAsync(Rows.Mine, task, Rows.NoPictures, dailyCap: null);
            _ = _journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: true);
        }

        _journal.Dispose();

        _file.Read("SELECT COUNT(*) FROM task WHERE status = 'Submitted'").ShouldBe(300L);
        (await Should.ThrowAsync<RunwareException>(() => _journal.ListAsync(Rows.Mine, null))).Code.ShouldBe(ErrorCodes.JournalUnavailable);
    }

    [Fact]
    public async Task A_flush_is_complete_when_all_before_it_is_committed()
    {
        await _journal.SessionAsync(Rows.Mine);
        var tasks = Enumerable.Range(0, 100).Select(_ => Rows.Task()).ToArray();
        var begun = tasks.Select(t => _journal.BeginAsync(Rows.Mine, t, Rows.NoPictures, dailyCap: null)).ToArray();

        await _journal.FlushAsync();

        _file.Count("task").ShouldBe(100);
        (await Task.WhenAll(begun)).ShouldAllBe(o => o is BeginOutcome.Booked);
    }

    [Fact]
    public async Task Money_is_kept_to_the_billionth()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 0.123456789m));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.000000001m));

        var spend = (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem();

        spend.Cost.ShouldBe(0.000000001m);
        spend.Reserved.ShouldBe(0.123456789m);
    }

    [Fact]
    public async Task Another_culture_changes_nothing()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("ar-SA");
            var task = await _journal.BegunAsync(Rows.Task(at: new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc)));
            await _journal.EndedAsync(task, Rows.Image(task));

            (await _journal.RowAsync(task.TaskUuid)).SubmittedAt.Year.ShouldBe(2026);
            (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private void Reopened(out TestJournal journal)
    {
        _journal.Dispose();
        journal = _file.Open();
    }

    private async Task<JournalTask> WithPicturesAsync(params int[] numbers)
    {
        var task = (Some.Request() with { ReferenceImages = [.. numbers.Select(n => new MediaInput(Some.Picture(n, 3000)))] }).ToTask();
        var (row, pictures) = JournalRequest.ToRow(task, reserved: null, Some.Seal);
        (await _journal.BeginAsync(Rows.Mine, row, pictures, dailyCap: null)).ShouldBeOfType<BeginOutcome.Booked>();
        return row;
    }
}
