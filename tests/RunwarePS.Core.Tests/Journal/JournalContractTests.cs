using System.Collections.Concurrent;
using System.Text;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>What every journal does, whatever keeps it. Each kind derives a class.</summary>
public abstract class JournalContractTests
{
    /// <summary>Opens the journal of the test as another process would.</summary>
    /// <param name="time">The clock of that process, by default this machine's.</param>
    private protected abstract Task<TestJournal> OpenAsync(TimeProvider? time = null);

    /// <summary>Lets all leases end.</summary>
    private protected abstract void EndLeases();

    /// <summary>How many rows a table has: task, output, media.</summary>
    private protected abstract long Count(string table);

    /// <summary>The sum of what the days were charged, and of what the tasks were.</summary>
    private protected abstract (decimal Days, decimal Tasks) Charges();

    [SkippableFact]
    public async Task A_task_is_begun_once_and_its_holder_keeps_others_out()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var task = await mine.BegunAsync();

        (await BeginAsync(mine, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.InProgress>();
        (await BeginAsync(other, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.InProgress>();
        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await other.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        Count("task").ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_released_task_is_held_by_who_begins_it_next_with_another_fence()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var task = await mine.BegunAsync();
        await mine.ReleasedAsync(Rows.Mine, task.TaskUuid);
        (await other.RowAsync(task.TaskUuid)).IsOwned.ShouldBeFalse();

        var held = (await BeginAsync(other, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.Held>();

        held.Lease.Fence.ShouldBeGreaterThan(mine.LeaseOf(Rows.Mine, task.TaskUuid).Fence);
        (await mine.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await other.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_task_whose_release_was_lost_is_free_when_its_lease_ends()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var task = await mine.BegunAsync();
        EndLeases();

        (await other.RowAsync(task.TaskUuid)).IsOwned.ShouldBeFalse();
        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();

        (await mine.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await mine.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
    }

    [SkippableTheory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task A_process_whose_clock_is_wrong_neither_takes_over_a_task_nor_loses_its_own(int hours)
    {
        var (right, wrong) = (await OpenAsync(), await OpenAsync(new WrongClock(hours)));
        var (theirs, mine) = (await right.BegunAsync(), await wrong.BegunAsync());

        (await wrong.ClaimAsync(Rows.Mine, theirs.TaskUuid)).ShouldBeFalse();
        (await BeginAsync(wrong, Rows.Task(theirs.TaskUuid))).ShouldBeOfType<BeginOutcome.InProgress>();
        (await right.ClaimAsync(Rows.Mine, mine.TaskUuid)).ShouldBeFalse();
        (await BeginAsync(right, Rows.Task(mine.TaskUuid))).ShouldBeOfType<BeginOutcome.InProgress>();
        (await wrong.ListAsync(Rows.Mine, null)).ShouldAllBe(t => t.IsOwned);
        (await wrong.EnsureOwnedAsync(Rows.Mine, mine.TaskUuid)).ShouldBeTrue();

        EndLeases();
        (await wrong.ClaimAsync(Rows.Mine, theirs.TaskUuid)).ShouldBeTrue();
        (await right.RefusedAsync(Rows.Mine, theirs.TaskUuid, new RunwareFailure(), DateTime.UtcNow)).ShouldBeFalse();
        (await wrong.RowAsync(theirs.TaskUuid)).IsOwned.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Of_many_claims_one_succeeds()
    {
        TestJournal[] journals = [await OpenAsync(), await OpenAsync(), await OpenAsync()];
        var task = await journals[0].BegunAsync();
        await journals[0].ReleasedAsync(Rows.Mine, task.TaskUuid);

        var claims = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => journals[i % 3].ClaimAsync(Rows.Mine, task.TaskUuid))));

        claims.Count(c => c).ShouldBe(1);
    }

    [SkippableFact]
    public async Task What_is_not_there_cannot_be_claimed_ended_or_refused()
    {
        var journal = await OpenAsync();
        var task = Rows.Task();

        (await journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow)).ShouldBeFalse();
        (await journal.RefusedAsync(Rows.Mine, task.TaskUuid, new RunwareFailure(), DateTime.UtcNow)).ShouldBeFalse();
        (await journal.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task Only_the_holder_may_state_that_nothing_was_bought()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var (kept, lost) = (await mine.BegunAsync(), await mine.BegunAsync());
        EndLeases();
        (await other.ClaimAsync(Rows.Mine, lost.TaskUuid)).ShouldBeTrue();
        var failure = new RunwareFailure { Code = "invalidWidth" };

        (await mine.RefusedAsync(Rows.Mine, kept.TaskUuid, failure, DateTime.UtcNow)).ShouldBeTrue();
        (await mine.RefusedAsync(Rows.Mine, lost.TaskUuid, failure, DateTime.UtcNow)).ShouldBeFalse();

        (await mine.RowAsync(kept.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Failed);
        var row = await mine.RowAsync(lost.TaskUuid);
        (row.Status, row.IsOwned).ShouldBe((RunwareTaskStatus.Pending, true));
        Drift();
    }

    [SkippableFact]
    public async Task A_stale_holder_cannot_release_and_anyone_may_record_a_result()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var task = await mine.BegunAsync();
        EndLeases();
        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();

        await mine.ReleasedAsync(Rows.Mine, task.TaskUuid);
        (await mine.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        await mine.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: false);
        (await mine.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        await mine.EndedAsync(task, Rows.Image(task));

        var row = await other.RowAsync(task.TaskUuid);
        (row.Status, row.IsOwned).ShouldBe((RunwareTaskStatus.Succeeded, false));
        (await other.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue(); // trusted until the next renewal: the fence holds all the same
    }

    [SkippableFact]
    public async Task An_ended_task_is_not_sent_again_and_another_request_is_refused()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var task = await mine.BegunAsync();
        var different = Rows.Task(task.TaskUuid);
        different.Metadata.RequestHash = "OTHER";

        (await BeginAsync(other, different)).ShouldBeOfType<BeginOutcome.DifferentRequest>();
        await mine.EndedAsync(task, Rows.Image(task));
        (await BeginAsync(other, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.Ended>();
        (await BeginAsync(other, different)).ShouldBeOfType<BeginOutcome.DifferentRequest>();
    }

    [SkippableFact]
    public async Task A_failed_task_begins_anew_under_its_ID()
    {
        var journal = await OpenAsync();
        var (task, later) = (await journal.BegunAsync(), await journal.BegunAsync());
        var fence = journal.LeaseOf(Rows.Mine, task.TaskUuid).Fence;
        await journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [new RunwareFailure { Code = "timeoutProvider" }], DateTime.UtcNow);
        Drift();

        var lease = (await BeginAsync(journal, Rows.Task(task.TaskUuid, reserved: 2))).ShouldBeOfType<BeginOutcome.Booked>().Lease;

        var row = await journal.RowAsync(task.TaskUuid);
        (row.Status, row.Failures.Count, row.CompletedAt, row.IsOwned).ShouldBe((RunwareTaskStatus.Pending, 0, null, true));
        lease.Fence.ShouldBeGreaterThan(fence); // a late refusal of the first attempt says nothing about this one
        (await journal.ListAsync(Rows.Mine, null)).Select(t => t.TaskUuid).ShouldBe([later.TaskUuid, task.TaskUuid]);
        Charges().Tasks.ShouldBe(2 + Some.Price);
        Drift();
    }

    [SkippableFact]
    public async Task What_is_there_comes_before_what_fits()
    {
        var journal = await OpenAsync();
        var (held, ended) = (await journal.BegunAsync(Rows.Task(reserved: 1)), await journal.BegunAsync(Rows.Task(reserved: 1)));
        await journal.ReleasedAsync(Rows.Mine, held.TaskUuid);
        await journal.EndedAsync(ended, Rows.Image(ended, cost: 1));

        (await journal.BeginAsync(Rows.Mine, Rows.Task(held.TaskUuid, reserved: 1), Rows.NoPictures, dailyCap: 1)).ShouldBeOfType<BeginOutcome.Held>();
        (await journal.BeginAsync(Rows.Mine, Rows.Task(ended.TaskUuid, reserved: 1), Rows.NoPictures, dailyCap: 1)).ShouldBeOfType<BeginOutcome.Ended>();
        (await journal.BeginAsync(Rows.Mine, Rows.Task(reserved: 1), Rows.NoPictures, dailyCap: 1)).ShouldBeOfType<BeginOutcome.OverBudget>()
            .BookedToday.ShouldBe(2);
    }

    [SkippableFact]
    public async Task A_begin_that_does_not_fit_leaves_nothing()
    {
        var journal = await OpenAsync();
        var failed = await journal.BegunAsync();
        await journal.EndedAsync(Rows.Mine, failed.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow);
        var over = Rows.Task(reserved: 5);

        (await BeginAsync(journal, over, cap: 4)).ShouldBeOfType<BeginOutcome.OverBudget>().BookedToday.ShouldBe(0);
        (await BeginAsync(journal, Rows.Task(failed.TaskUuid, reserved: 5), cap: 4)).ShouldBeOfType<BeginOutcome.OverBudget>();

        (await journal.ListAsync(Rows.Mine, [over.TaskUuid])).ShouldBeEmpty();
        Charges().ShouldBe((0, 0));
    }

    [SkippableFact]
    public async Task Two_processes_share_one_cap()
    {
        TestJournal[] journals = [await OpenAsync(), await OpenAsync()];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            Task.Run(() => journals[i % 2].BeginAsync(Rows.Mine, Rows.Task(reserved: 0.25m), Rows.NoPictures, dailyCap: 10.1m))));

        outcomes.OfType<BeginOutcome.Booked>().Count().ShouldBe(40);
        outcomes.OfType<BeginOutcome.OverBudget>().Count().ShouldBe(60);
        Charges().ShouldBe((10, 10));
    }

    [SkippableFact]
    public async Task A_batch_has_an_outcome_for_each()
    {
        var journal = await OpenAsync();
        var (ended, other) = (await journal.BegunAsync(), await journal.BegunAsync());
        await journal.EndedAsync(ended, Rows.Image(ended));
        var different = Rows.Task(other.TaskUuid);
        different.Metadata.RequestHash = "OTHER";
        JournalTask[] tasks = [.. Enumerable.Range(0, 253).Select(_ => Rows.Task()), Rows.Task(ended.TaskUuid), Rows.Task(reserved: 1000), different];
        Random.Shared.Shuffle(tasks);

        var outcomes = await Task.WhenAll(tasks.Select(t => BeginAsync(journal, t, cap: 900)));

        outcomes.OfType<BeginOutcome.Booked>().Count().ShouldBe(253);
        outcomes.OfType<BeginOutcome.Ended>().Count().ShouldBe(1);
        outcomes.OfType<BeginOutcome.OverBudget>().Count().ShouldBe(1);
        outcomes.OfType<BeginOutcome.DifferentRequest>().Count().ShouldBe(1);
        Count("task").ShouldBe(255);
        Drift();
    }

    [SkippableFact]
    public async Task Two_processes_begin_the_same_tasks_in_opposite_orders()
    {
        TestJournal[] journals = [await OpenAsync(), await OpenAsync()];
        for (var round = 0; round < Rounds; round++)
        {
            var ids = Enumerable.Range(0, 256).Select(_ => Guid.NewGuid()).ToArray();
            var outcomes = await Task.WhenAll(
                Task.WhenAll(ids.Select(id => BeginAsync(journals[0], Rows.Task(id)))),
                Task.WhenAll(ids.Reverse().Select(id => BeginAsync(journals[1], Rows.Task(id)))));

            outcomes.SelectMany(o => o).OfType<BeginOutcome.Booked>().Select(b => b.Lease.TaskUuid).Order().ShouldBe(ids.Order());
            outcomes.SelectMany(o => o).OfType<BeginOutcome.InProgress>().Count().ShouldBe(256);
        }
    }

    [SkippableFact]
    public async Task Many_processes_send_a_task_once()
    {
        TestJournal[] journals = [await OpenAsync(), await OpenAsync(), await OpenAsync(), await OpenAsync()];
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        var sent = new ConcurrentBag<Guid>();

        await Task.WhenAll(journals.SelectMany(j => ids.Select(id => Task.Run(() => GetAsync(j, id)))));

        sent.Order().ShouldBe(ids.Order());
        (await journals[0].ListAsync(Rows.Mine, null)).ShouldAllBe(t => t.Status == RunwareTaskStatus.Succeeded && !t.IsOwned);
        Drift();

        async Task GetAsync(TestJournal journal, Guid id)
        {
            while (await BeginAsync(journal, Rows.Task(id)) is var outcome and not BeginOutcome.Ended)
            {
                if (outcome is BeginOutcome.Booked or BeginOutcome.Held)
                {
                    sent.Add(id);
                    await journal.AcceptedAsync(Rows.Mine, id, isWaitedFor: true);
                    await journal.EndedAsync(Rows.Task(id), Rows.Image(Rows.Task(id)));
                }
                else
                {
                    await Task.Delay(5);
                }
            }
        }
    }

    [SkippableFact]
    public async Task A_begin_that_is_canceled_before_it_starts_records_nothing()
    {
        var journal = await OpenAsync();
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => journal.BeginAsync(Rows.Mine, Rows.Task(), Rows.NoPictures, dailyCap: null, canceled.Token));
        await journal.FlushAsync();

        Count("task").ShouldBe(0);
    }

    [SkippableFact]
    public async Task A_begin_that_is_canceled_at_any_moment_is_recorded_wholly_or_not_at_all()
    {
        var journal = await OpenAsync();
        var booked = new ConcurrentBag<Guid>();
        for (var i = 0; i < 60; i++)
        {
            using var canceled = new CancellationTokenSource(TimeSpan.FromMicroseconds(i * 50));
            var task = Rows.Task();
            try
            {
                await journal.BeginAsync(Rows.Mine, task, Rows.NoPictures, dailyCap: null, canceled.Token);
                booked.Add(task.TaskUuid);
            }
            catch (OperationCanceledException)
            {
                // Then it is not there.
            }
        }

        await journal.FlushAsync();

        (await journal.ListAsync(Rows.Mine, null)).Select(t => t.TaskUuid).Order().ShouldBe(booked.Order());
        Drift();
    }

    [SkippableFact]
    public async Task A_row_is_read_as_it_was_written()
    {
        var journal = await OpenAsync();
        var task = Rows.Task(tag: "it's; DROP TABLE task; --", expected: 3);
        task.Metadata.Prompt = "' OR 1=1; $1 \0 \ud800 ä \"quoted\" \\";
        await journal.BegunAsync(task);

        var row = await (await OpenAsync()).RowAsync(task.TaskUuid);

        (row.Status, row.TaskType, row.Expected, row.HasEnded, row.CompletedAt).ShouldBe((RunwareTaskStatus.Pending, "imageInference", 3, false, null));
        row.Metadata.ShouldBe(task.Metadata with { Prompt = row.Metadata.Prompt });
        row.Metadata.Prompt.ShouldBe(task.Metadata.Prompt.Replace('\ud800', '\ufffd'));
        row.SubmittedAt.Kind.ShouldBe(DateTimeKind.Utc);
        (row.SubmittedAt - DateTime.UtcNow).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [SkippableFact]
    public async Task Results_are_read_as_they_were_written()
    {
        var journal = await OpenAsync();
        var task = await journal.BegunAsync(Rows.Task(expected: 3));
        var data = ValueReader.ToHashtable(System.Text.Json.JsonDocument.Parse("""{"min":256,"tiny":1e-300,"huge":1e400,"text":"a\u0000b ä","deep":[[{"a":null}]]}""").RootElement);
        var text = new RunwareText { TaskUuid = task.TaskUuid, Index = 1, Text = "line\0 ä 😀", Data = data, FinishReason = "stop", Usage = ValueReader.ToHashtable(System.Text.Json.JsonDocument.Parse("""{"total":7}""").RootElement) };
        var failure = new RunwareFailure { Code = "timeoutProvider", Category = "Timeout", Message = "Slow: \0 ä", Parameter = "width", StatusCode = 422, AdditionalData = data };
        await journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.PartiallySucceeded, [Rows.Image(task), text], [failure], DateTime.UtcNow);

        var row = await (await OpenAsync()).RowAsync(task.TaskUuid);

        (row.Status, row.HasEnded, row.OutputCount).ShouldBe((RunwareTaskStatus.PartiallySucceeded, true, 2));
        var (image, expected) = (row.Images.ShouldHaveSingleItem(), Rows.Image(task));
        (image.ImageUuid, image.ImageUrl, image.Index, image.Cost, image.Seed, image.NsfwContent, image.CreatedAt, image.Path, image.Prompt)
            .ShouldBe((expected.ImageUuid, expected.ImageUrl, 0, expected.Cost, expected.Seed, expected.NsfwContent, expected.CreatedAt, null, task.Metadata.Prompt));
        var read = row.Outputs[1].ShouldBeOfType<RunwareText>();
        (read.Text, read.FinishReason, read.Index).ShouldBe((text.Text, "stop", 1));
        Json(read.Data).ShouldBe(Json(data));
        Json(read.Usage).ShouldBe(Json(text.Usage));
        var known = row.Failures.ShouldHaveSingleItem();
        (known.Code, known.Category, known.Message, known.Parameter, known.StatusCode).ShouldBe(("timeoutProvider", "Timeout", failure.Message, "width", 422));
        Json(known.AdditionalData).ShouldBe(Json(data));

        static string Json(object? value) => value is System.Collections.Hashtable table
            ? string.Join(',', table.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => $"{k}:{table[k]?.GetType()}:{Json(table[k])}"))
            : ValueReader.ToJson(new System.Collections.Hashtable { [""] = value }).ToJsonString();
    }

    [SkippableFact]
    public async Task An_end_is_recorded_twice_without_effect_and_fewer_results_replace_none()
    {
        var journal = await OpenAsync();
        var task = await journal.BegunAsync(Rows.Task(expected: 2, reserved: 1));
        await journal.EndedAsync(task, Rows.Image(task), Rows.Image(task, 1));
        await journal.SavedAsync(Rows.Mine, Rows.Image(task), "/pictures/fox.png");

        await journal.EndedAsync(task, Rows.Image(task, 1), Rows.Image(task));
        (await journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [new RunwareFailure()], DateTime.UtcNow)).ShouldBeTrue();

        var row = await journal.RowAsync(task.TaskUuid);
        (row.Status, row.Outputs.Count, row.Failures.Count, row.Cost).ShouldBe((RunwareTaskStatus.Succeeded, 2, 0, Some.Price * 2));
        row.Images.Single(i => i.Index == 0).Path.ShouldBe("/pictures/fox.png");
        Charges().ShouldBe((Some.Price * 2, Some.Price * 2));
    }

    [SkippableFact]
    public async Task A_charge_is_the_cost_or_else_the_reservation_and_nothing_for_a_failure()
    {
        var journal = await OpenAsync();
        var (paid, unknown, failed, open) = (
            await journal.BegunAsync(Rows.Task(reserved: 1)), await journal.BegunAsync(Rows.Task(reserved: 10)),
            await journal.BegunAsync(Rows.Task(reserved: 100)), await journal.BegunAsync(Rows.Task(reserved: 1000)));
        await journal.EndedAsync(paid, Rows.Image(paid, cost: 0.123456789m));
        await journal.EndedAsync(unknown, Rows.Image(unknown, cost: null));
        await journal.RefusedAsync(Rows.Mine, failed.TaskUuid, new RunwareFailure(), DateTime.UtcNow);

        Charges().ShouldBe((1010.123456789m, 1010.123456789m));
        (await journal.BookedAsync(Rows.Mine)).ShouldBe(1010.123456789m);
        var spend = await journal.SpendAsync(Rows.Mine, since: null, until: null);
        spend.Select(s => (s.TaskUuid, s.Cost, s.Reserved, s.Count)).ShouldBe([(paid.TaskUuid, 0.123456789m, 1m, 1), (unknown.TaskUuid, null, 10m, 1)]);
    }

    [SkippableFact]
    public async Task A_removed_task_stays_in_the_ledger_and_on_its_day()
    {
        var journal = await OpenAsync();
        var (ended, open) = (await journal.BegunAsync(Rows.Task(tag: "a", reserved: 1)), await journal.BegunAsync(Rows.Task(tag: "b", reserved: 2)));
        await journal.EndedAsync(ended, Rows.Image(ended));

        (await journal.RemoveAsync(Rows.Mine, [ended.TaskUuid, open.TaskUuid, Guid.NewGuid()])).ShouldBe(2);

        (Count("task"), Count("output")).ShouldBe((0, 0));
        (await journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().TaskUuid.ShouldBe(ended.TaskUuid);
        (await journal.TagsAsync(Rows.Mine, null, default)).Select(t => t.Tag).ShouldContain("a", StringComparer.Ordinal);
        Charges().Days.ShouldBe(2 + Some.Price);
        (await journal.EndedAsync(Rows.Mine, open.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow)).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task At_most_so_many_tasks_are_removed()
    {
        var journal = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await journal.BegunAsync(Rows.Task(tag: "old"));
        }

        var session = await journal.SessionAsync(Rows.Mine);
        (await session.RemoveAsync(new TaskQuery { Tags = ["old"] }, most: 3, default)).ShouldBe(3);
        (await session.RemoveAsync(new TaskQuery { Tags = ["old"] }, most: 3, default)).ShouldBe(2);
        (await session.RemoveAsync(new TaskQuery { Tags = ["old"] }, most: 3, default)).ShouldBe(0);
    }

    [SkippableFact]
    public async Task Media_are_asked_for_once_and_kept_until_no_request_needs_them()
    {
        var (mine, other) = (await OpenAsync(), await OpenAsync());
        var asked = new ConcurrentBag<string>();
        var (one, two) = (Rows.Task(), Rows.Task());
        await mine.BeginAsync(Rows.Mine, one, Media("a"), dailyCap: null);
        await other.BeginAsync(Rows.Mine, two, Media("a", "b"), dailyCap: null);

        asked.Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        Count("media").ShouldBe(2);
        var kept = (await mine.RequestAsync(Rows.Mine, two.TaskUuid)).ShouldNotBeNull();
        Encoding.UTF8.GetString(kept.Request).ShouldBe("{\"a\":1}");
        kept.Media.Keys.Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        kept.Media["b"].ShouldBe(Bytes("b"));

        await other.AcceptedAsync(Rows.Mine, two.TaskUuid, isWaitedFor: true);
        Count("media").ShouldBe(1);
        (await mine.RequestAsync(Rows.Mine, two.TaskUuid)).ShouldBeNull();
        (await other.RequestAsync(Rows.Mine, one.TaskUuid)).ShouldNotBeNull().Media.Count.ShouldBe(1);
        await other.EndedAsync(one, Rows.Image(one));
        Count("media").ShouldBe(0);

        IReadOnlyDictionary<string, Func<byte[]>> Media(params string[] names) => names.ToDictionary<string, string, Func<byte[]>>(
            n => n,
            n => () =>
            {
                asked.Add(n);
                return Bytes(n);
            },
            StringComparer.Ordinal);

        static byte[] Bytes(string name) => Some.Picture(name[0], 3_000_000);
    }

    [SkippableFact]
    public async Task Media_of_a_begin_that_did_not_come_about_are_not_kept()
    {
        var journal = await OpenAsync();
        var media = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal) { ["a"] = () => Some.Picture() };
        var task = Rows.Task(reserved: 1);

        (await journal.BeginAsync(Rows.Mine, task, media, dailyCap: 0.5m)).ShouldBeOfType<BeginOutcome.OverBudget>();
        (await journal.BeginAsync(Rows.Mine, task, media, dailyCap: null)).ShouldBeOfType<BeginOutcome.Booked>();
        await journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);

        Count("media").ShouldBe(0);
    }

    [SkippableFact]
    public async Task Many_processes_share_media_that_come_and_go()
    {
        TestJournal[] journals = [await OpenAsync(), await OpenAsync(), await OpenAsync()];
        var media = Enumerable.Range(0, 4).ToDictionary<int, string, Func<byte[]>>(i => $"m{i}", i => () => Some.Picture(i, 1000), StringComparer.Ordinal);

        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => Task.Run(async () =>
        {
            var (journal, task) = (journals[i % 3], Rows.Task());
            (await journal.BeginAsync(Rows.Mine, task, media, dailyCap: null)).ShouldBeOfType<BeginOutcome.Booked>();
            (await journal.RequestAsync(Rows.Mine, task.TaskUuid)).ShouldNotBeNull().Media.Count.ShouldBe(4);
            await journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: false);
        })));

        Count("media").ShouldBe(0);
    }

    [SkippableFact]
    public async Task Acceptance_keeps_the_lease_of_who_waits_and_ends_that_of_who_does_not()
    {
        var journal = await OpenAsync();
        var (waits, leaves) = (await journal.BegunAsync(), await journal.BegunAsync());
        await journal.AcceptedAsync(Rows.Mine, waits.TaskUuid, isWaitedFor: true);
        await journal.AcceptedAsync(Rows.Mine, leaves.TaskUuid, isWaitedFor: false);

        var (kept, free) = (await journal.RowAsync(waits.TaskUuid), await journal.RowAsync(leaves.TaskUuid));
        (kept.Status, kept.IsOwned, free.Status, free.IsOwned).ShouldBe((RunwareTaskStatus.Submitted, true, RunwareTaskStatus.Submitted, false));
        await journal.EndedAsync(waits, Rows.Image(waits));
        await journal.AcceptedAsync(Rows.Mine, waits.TaskUuid, isWaitedFor: true);
        (await journal.RowAsync(waits.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Succeeded);
    }

    [SkippableFact]
    public async Task Tasks_are_selected_by_every_condition()
    {
        var journal = await OpenAsync();
        var (pending, saved, unsaved, failed) = (
            await journal.BegunAsync(Rows.Task(tag: "a")), await journal.BegunAsync(Rows.Task(tag: "b")),
            await journal.BegunAsync(Rows.Task(tag: "A")), await journal.BegunAsync());
        await journal.EndedAsync(saved, Rows.Image(saved));
        await journal.SavedAsync(Rows.Mine, Rows.Image(saved), "/fox.png");
        await journal.EndedAsync(unsaved, Rows.Image(unsaved));
        await journal.EndedAsync(Rows.Mine, failed.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow);
        JournalTask[] all = [pending, saved, unsaved, failed];
        var (past, future) = (DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1));

        await SelectsAsync(new(), all);
        await SelectsAsync(new() { TaskUuids = [failed.TaskUuid, pending.TaskUuid, Guid.NewGuid()] }, pending, failed);
        await SelectsAsync(new() { TaskUuids = [] });
        await SelectsAsync(new() { IdBeginning = saved.TaskUuid.ToString("D")[..15] }, saved);
        await SelectsAsync(new() { IdBeginning = saved.TaskUuid.ToString("D") }, saved);
        await SelectsAsync(new() { IdBeginning = "not an ID" });
        await SelectsAsync(new() { IdBeginning = "%" });
        await SelectsAsync(new() { Tags = ["a", "b"] }, pending, saved);
        await SelectsAsync(new() { Statuses = [RunwareTaskStatus.Succeeded] }, saved, unsaved);
        await SelectsAsync(new() { Since = past, Until = future }, all);
        await SelectsAsync(new() { Since = future });
        await SelectsAsync(new() { Until = past });
        await SelectsAsync(new() { IsPending = true }, pending);
        await SelectsAsync(new() { OpenSince = past }, pending, unsaved);
        await SelectsAsync(new() { OpenSince = future }, pending);
        await SelectsAsync(new() { IsSettled = true }, saved, failed);
        await SelectsAsync(new() { Newest = 3 }, failed, unsaved, saved);
        await SelectsAsync(new() { Newest = 2, IsSettled = true, Since = past }, failed, saved);

        async Task SelectsAsync(TaskQuery query, params JournalTask[] tasks) =>
            (await journal.QueryAsync(Rows.Mine, query, default).ToListAsync()).Select(t => t.TaskUuid).ShouldBe(tasks.Select(t => t.TaskUuid), query.ToString());
    }

    [SkippableFact]
    public async Task Pages_are_stable_while_rows_are_added_and_removed()
    {
        var (journal, other) = (await OpenAsync(), await OpenAsync());
        var tasks = Enumerable.Range(0, 2100).Select(_ => Rows.Task()).ToArray();
        await Task.WhenAll(tasks.Select(t => journal.BegunAsync(t)));
        var seen = new List<Guid>();

        await foreach (var row in journal.QueryAsync(Rows.Mine, TaskQuery.All, default))
        {
            seen.Add(row.TaskUuid);
            if (seen.Count % 500 == 0)
            {
                await other.BegunAsync();
                await other.RemoveAsync(Rows.Mine, [seen[0]]);
            }
        }

        seen.ShouldBeUnique();
        tasks.Select(t => t.TaskUuid).Except(seen).ShouldBeEmpty();
        (await journal.QueryAsync(Rows.Mine, new TaskQuery { Newest = 1500 }, default).ToListAsync()).Count.ShouldBe(1500);
    }

    [SkippableFact]
    public async Task The_ledger_is_read_in_pages_in_order_with_each_purchase_once()
    {
        var journal = await OpenAsync();
        var tasks = Enumerable.Range(0, 2100).Select(i => Rows.Task(tag: i % 2 == 0 ? "even" : "odd", at: DateTime.UtcNow.AddSeconds(i - 3000))).ToArray();
        await Task.WhenAll(tasks.Select(async task => await journal.EndedAsync(await journal.BegunAsync(task), Rows.Image(task))));
        await journal.RemoveAsync(Rows.Mine, [.. tasks.Take(700).Select(t => t.TaskUuid)]);
        foreach (var found in tasks.Take(3)) // again, under its ID
        {
            await journal.EndedAsync(await journal.BegunAsync(Rows.Task(found.TaskUuid)), Rows.Image(found));
        }

        var all = await journal.SpendAsync(Rows.Mine, null, null);

        all.Select(s => s.TaskUuid).Order().ShouldBe(tasks.Select(t => t.TaskUuid).Order());
        all.Select(s => s.At).ShouldBeInOrder();
        all.ShouldAllBe(s => s.Count == 1 && s.Cost == Some.Price);
        (await journal.SpendAsync(Rows.Mine, all[100].At, all[2000].At)).Select(s => s.TaskUuid)
            .ShouldBe(all.Where(s => s.At >= all[100].At && s.At < all[2000].At).Select(s => s.TaskUuid));
        (await journal.SpendAsync(Rows.Mine, new SpendQuery(Tags: ["even"]), default).ToListAsync()).Count.ShouldBe(1050);
    }

    [SkippableFact]
    public async Task Scopes_do_not_see_each_other()
    {
        var journal = await OpenAsync();
        var theirs = new JournalScope(Rows.Mine.Endpoint, "OTHER");
        var id = Guid.NewGuid();
        await journal.BegunAsync(Rows.Task(id, reserved: 3, tag: "mine"));
        await journal.BegunAsync(Rows.Task(id, reserved: 5, tag: "theirs"), theirs);
        await journal.UploadedAsync(Rows.Mine, "HASH", new StoredMedium(Guid.NewGuid(), null), DateTime.UtcNow);

        (await journal.RowAsync(id)).Metadata.Tag.ShouldBe("mine");
        (await journal.RowAsync(id, theirs)).Metadata.Tag.ShouldBe("theirs");
        (await journal.TagsAsync(theirs, 10, default)).ShouldHaveSingleItem().Tag.ShouldBe("theirs");
        (await journal.BookedAsync(Rows.Mine), await journal.BookedAsync(theirs)).ShouldBe((3, 5));
        (await journal.FindUploadAsync(theirs, "HASH", default)).ShouldBeNull();
        (await journal.Store.ReadAsync(theirs, default)).ShouldNotBeNull();
        (await journal.Store.ReadAsync(new JournalScope("nowhere", "nobody"), default)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task An_upload_is_known_to_all_until_it_is_removed()
    {
        var (journal, other) = (await OpenAsync(), await OpenAsync());
        var (first, second) = (new StoredMedium(Guid.NewGuid(), null), new StoredMedium(Guid.NewGuid(), new Uri("https://im.example/a?b='")));

        await journal.UploadedAsync(Rows.Mine, "HASH", first, DateTime.UtcNow);
        (await other.FindUploadAsync(Rows.Mine, "HASH", default)).ShouldBe(first);
        await other.UploadedAsync(Rows.Mine, "HASH", second, DateTime.UtcNow);
        (await journal.FindUploadAsync(Rows.Mine, "HASH", default)).ShouldBe(second);
        await journal.UploadRemovedAsync(Rows.Mine, second.Uuid);
        (await other.FindUploadAsync(Rows.Mine, "HASH", default)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Many_openers_of_an_empty_journal_find_one_salt()
    {
        var journals = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => OpenAsync())));

        journals.Select(j => Convert.ToHexString(j.Salt)).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().Length.ShouldBeGreaterThanOrEqualTo(32);
        await Task.WhenAll(journals.Select(j => j.BegunAsync()));
        Count("task").ShouldBe(16);
    }

    [SkippableFact]
    public async Task A_journal_describes_itself()
    {
        var journal = await OpenAsync();
        await journal.BegunAsync();

        var info = await journal.Store.InfoAsync(default);

        (info.SchemaVersion > 0, info.Size > 0, info.Tasks).ShouldBe((true, true, 1));
    }

    /// <summary>A clock that shows another time than all others. Lengths of time are right.</summary>
    private sealed class WrongClock(int hours) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(hours);
    }

    /// <summary>How often two processes race for the same tasks.</summary>
    private protected virtual int Rounds => 10;

    private protected void Drift()
    {
        var (days, tasks) = Charges();
        days.ShouldBe(tasks);
    }

    private protected static Task<BeginOutcome> BeginAsync(TestJournal journal, JournalTask task, decimal? cap = null) =>
        journal.BeginAsync(Rows.Mine, task, Rows.NoPictures, cap);
}
