using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>What was spent, and the cap on what may be.</summary>
public sealed class LedgerTests : IDisposable
{
    private static readonly DateTime s_noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryJournal _file = new();
    private readonly TestJournal _journal;

    public LedgerTests() => _journal = _file.Open();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Each_charged_task_is_one_record()
    {
        var task = await _journal.BegunAsync(Rows.Task(tag: "night", reserved: 1, at: s_noon));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.25m), Rows.Image(task, 1, 0.5m));

        var spend = (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem();

        (spend.TaskUuid, spend.At, spend.Model, spend.Tag, spend.Count, spend.Cost, spend.Reserved).ShouldBe((task.TaskUuid, s_noon, "openai:1@1", "night", 2, 0.75m, 1m));
        spend.At.Kind.ShouldBe(DateTimeKind.Utc);
    }

    [Fact]
    public async Task A_cost_that_was_not_returned_is_unknown_and_no_sum_hides_it()
    {
        var all = await _journal.BegunAsync(Rows.Task(at: s_noon));
        await _journal.EndedAsync(all, Rows.Image(all, cost: null));
        var half = await _journal.BegunAsync(Rows.Task(at: s_noon.AddSeconds(1)));
        await _journal.EndedAsync(half, Rows.Image(half), Rows.Image(half, 1, cost: null));

        (await _journal.SpendAsync(Rows.Mine, null, null)).Select(s => s.Cost).ShouldBe([null, null]);
    }

    [Fact]
    public async Task What_was_not_charged_is_no_record()
    {
        await _journal.BegunAsync();
        var failed = await _journal.BegunAsync();
        await _journal.EndedAsync(Rows.Mine, failed.TaskUuid, RunwareTaskStatus.Failed, [], [new RunwareFailure { Code = "x" }], DateTime.UtcNow);

        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Since_is_within_and_until_is_not()
    {
        foreach (var hour in new[] { 0, 1, 2 })
        {
            var task = await _journal.BegunAsync(Rows.Task(at: s_noon.AddHours(hour)));
            await _journal.EndedAsync(task, Rows.Image(task));
        }

        (await At(s_noon.AddHours(1), null)).ShouldBe([1, 2]);
        (await At(null, s_noon.AddHours(1))).ShouldBe([0]);
        (await At(s_noon, s_noon.AddHours(2))).ShouldBe([0, 1]);
        (await At(s_noon.AddHours(3), null)).ShouldBeEmpty();

        async Task<int[]> At(DateTime? since, DateTime? until) =>
            [.. (await _journal.SpendAsync(Rows.Mine, since, until)).Select(s => (int)(s.At - s_noon).TotalHours)];
    }

    [Fact]
    public async Task What_is_reserved_counts_until_it_is_settled()
    {
        var first = await _journal.BegunAsync(Rows.Task(reserved: 0.6m));
        (await TryAsync(0.6m, cap: 1)).ShouldBeOfType<BeginOutcome.OverBudget>();

        await _journal.EndedAsync(first, Rows.Image(first, cost: 0.1m));

        var outcome = await TryAsync(0.6m, cap: 1);
        outcome.ShouldBeOfType<BeginOutcome.Booked>();
        (await _journal.BookedAsync(Rows.Mine)).ShouldBe(0.7m);
    }

    [Fact]
    public async Task What_is_over_the_cap_is_not_booked()
    {
        var outcome = await TryAsync(1.01m, cap: 1);

        outcome.ShouldBeOfType<BeginOutcome.OverBudget>();
        _file.Count("task").ShouldBe(0);
        (await TryAsync(1, cap: 1)).ShouldBeOfType<BeginOutcome.Booked>();
    }

    [Fact]
    public async Task An_unknown_cost_counts_with_what_was_reserved()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 0.6m));
        await _journal.EndedAsync(task, Rows.Image(task, cost: null));

        (await _journal.BookedAsync(Rows.Mine)).ShouldBe(0.6m);
    }

    [Fact]
    public async Task What_is_returned_again_counts_once_and_as_it_was_returned_last()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.EndedAsync(task, Rows.Image(task, cost: null));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.2m));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.3m));

        (await _journal.BookedAsync(Rows.Mine)).ShouldBe(0.3m);
    }

    [Fact]
    public async Task What_is_returned_later_of_a_task_whose_results_expired_takes_nothing_back()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1, expected: 2));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.2m), Rows.Image(task, 1, 0.2m));
        await _journal.EndedAsync(task, Rows.Image(task, cost: null), Rows.Image(task, 1, null));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 0.2m));
        await _journal.BeginAsync(Rows.Mine, Rows.Task(task.TaskUuid), Rows.NoPictures, dailyCap: null); // asked for again, under its id
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [new RunwareFailure { Code = "taskFailedOrNotFound" }], DateTime.UtcNow);

        var row = await _journal.RowAsync(task.TaskUuid);
        (row.Status, row.IsOwned, row.Failures.Count).ShouldBe((RunwareTaskStatus.Succeeded, false, 0));
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(0.4m);
        (await _journal.BookedAsync(Rows.Mine)).ShouldBe(0.4m);
    }

    [Fact]
    public async Task What_was_removed_and_found_again_under_its_id_is_one_record()
    {
        var task = await _journal.BegunAsync(Rows.Task(at: s_noon));
        await _journal.EndedAsync(task, Rows.Image(task));
        await _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);
        await _journal.BegunAsync(Rows.Task(task.TaskUuid, at: s_noon.AddDays(1)));
        await _journal.EndedAsync(task, Rows.Image(task));

        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().At.ShouldBe(s_noon);
        (await _journal.SpendAsync(Rows.Mine, s_noon.AddHours(1), null)).ShouldBeEmpty();
        await _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(Some.Price);
    }

    [Fact]
    public async Task What_may_yet_be_charged_counts_though_it_was_removed()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);

        (await TryAsync(0.01m, cap: 1)).ShouldBeOfType<BeginOutcome.OverBudget>();
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failure_gives_its_reservation_back()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow);

        (await TryAsync(1, cap: 1)).ShouldBeOfType<BeginOutcome.Booked>();
    }

    [Fact]
    public async Task What_was_charged_counts_though_it_was_removed()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.EndedAsync(task, Rows.Image(task, cost: 1));
        await _journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);

        (await TryAsync(0.01m, cap: 1)).ShouldBeOfType<BeginOutcome.OverBudget>();
    }

    [Fact]
    public async Task A_day_is_a_day_of_utc()
    {
        await _journal.BegunAsync(Rows.Task(reserved: 1, at: s_noon.Date.AddMilliseconds(-1)));
        await _journal.BegunAsync(Rows.Task(reserved: 1, at: s_noon.Date.AddDays(1)));

        (await TryAsync(1, cap: 1, s_noon)).ShouldBeOfType<BeginOutcome.Booked>();
        (await TryAsync(0.01m, cap: 1, s_noon.Date)).ShouldBeOfType<BeginOutcome.OverBudget>();
        (await TryAsync(0.01m, cap: 1, s_noon.Date.AddDays(1).AddMilliseconds(-1))).ShouldBeOfType<BeginOutcome.OverBudget>();
    }

    [Fact]
    public async Task A_task_that_was_refused_and_begins_again_is_booked_anew()
    {
        var task = await _journal.BegunAsync(Rows.Task(reserved: 1));
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Failed, [], [new RunwareFailure { Code = "insufficientCredits" }], DateTime.UtcNow);

        await _journal.BeginAsync(Rows.Mine, Rows.Task(task.TaskUuid, reserved: 1), Rows.NoPictures, dailyCap: 1);

        (await _journal.RowAsync(task.TaskUuid)).Status.ShouldBe(RunwareTaskStatus.Pending);
        (await _journal.RequestAsync(Rows.Mine, task.TaskUuid)).ShouldNotBeNull();
        (await TryAsync(0.01m, cap: 1)).ShouldBeOfType<BeginOutcome.OverBudget>();
        await _journal.EndedAsync(task, Rows.Image(task, cost: 1));
        (await _journal.SpendAsync(Rows.Mine, null, null)).ShouldHaveSingleItem().Cost.ShouldBe(1);
    }

    [Fact]
    public async Task Two_sessions_with_one_file_and_one_cap_never_pass_it_together()
    {
        var other = _file.Open();
        var begins = Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            var journal = i % 2 == 0 ? _journal : other;
            var task = Rows.Task(reserved: 0.1m);
            var outcome = await BeginAsync(journal, task);
            if (outcome is BeginOutcome.Booked && i % 3 == 0)
            {
                await journal.EndedAsync(task, Rows.Image(task, cost: 0.1m));
            }

            return outcome;
        }));

        var results = await Task.WhenAll(begins);

        results.Count(r => r is BeginOutcome.Booked).ShouldBe(20);
        results.Count(r => r is BeginOutcome.OverBudget).ShouldBe(80);
        _file.Read("SELECT SUM(charge) FROM day").ShouldBe(2_000_000_000L);

        // A busy machine can keep one session waiting for longer than the ten seconds after which a begin ends without having begun.
        static async Task<BeginOutcome> BeginAsync(TestJournal journal, JournalTask task)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await journal.BeginAsync(Rows.Mine, task, Rows.NoPictures, dailyCap: 2);
                }
                catch (RunwareException e) when (e.Code == ErrorCodes.JournalUnavailable && attempt < 10)
                {
                }
            }
        }
    }

    [Fact]
    public async Task Two_connections_with_one_cap_never_buy_more_than_it_allows()
    {
        using var one = new Rig(Say.Yes, maxCost: Some.Price * 5);
        var second = one.File.Open();
        var settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("secret-key")) with { MaxCost = Some.Price * 5 };
        var other = new ConnectionJournal(_ => Task.FromResult(second.Store), settings, _ => { });

        var outcomes = await Task.WhenAll(Some.Tasks(20).Select((task, i) => Task.Run(async () =>
        {
            try
            {
                await (i % 2 == 0 ? one.Journal : other).BeginAsync(task);
                return null;
            }
            catch (RunwareException e)
            {
                return e.Code;
            }
        })));

        outcomes.Count(code => code is null).ShouldBe(5);
        outcomes.Count(code => code == ErrorCodes.BudgetExceeded).ShouldBe(15);
    }

    private Task<BeginOutcome> TryAsync(decimal reserved, decimal cap, DateTime? at = null) =>
        _journal.BeginAsync(Rows.Mine, Rows.Task(reserved: reserved, at: at), Rows.NoPictures, cap);
}
