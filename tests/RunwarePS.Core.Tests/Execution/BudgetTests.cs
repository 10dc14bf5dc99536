namespace RunwarePS.Core.Tests.Execution;

/// <summary>The cap of one pipeline.</summary>
public sealed class BudgetTests
{
    [Fact]
    public void What_could_pass_the_cap_is_refused_and_sets_nothing_aside()
    {
        var budget = new Budget(0.34m);
        budget.Reserve(Some.Task("One"));
        budget.Reserve(Some.Task("Two"));

        var three = Some.Task("Three");
        var error = Should.Throw<RunwareException>(() => budget.Reserve(three));

        error.Code.ShouldBe(ErrorCodes.BudgetExceeded);
        error.Category.ShouldBe(RunwareErrorCategory.Quota);
        error.TaskUuid.ShouldBe(three.TaskUuid);
        error.Parameter.ShouldBe("MaxCost");
        error.Message.ShouldContain("0.334 of 0.34");
        Should.Throw<RunwareException>(() => budget.Reserve(three)).Message.ShouldBe(error.Message);
    }

    [Fact]
    public void A_cap_can_be_used_up_to_the_last_cent()
    {
        var budget = new Budget(Some.Price * 3);
        budget.Reserve(Some.Task(count: 3));

        Should.Throw<RunwareException>(() => budget.Reserve(Some.Task())).Code.ShouldBe(ErrorCodes.BudgetExceeded);
    }

    [Fact]
    public void Without_a_quality_the_highest_price_is_set_aside()
    {
        var budget = new Budget(Some.Price - 0.001m);

        Should.Throw<RunwareException>(() => budget.Reserve((Some.Request() with { Quality = null }).ToTask())).Code.ShouldBe(ErrorCodes.BudgetExceeded);
    }

    [Fact]
    public void What_was_cheaper_than_set_aside_leaves_room()
    {
        var budget = new Budget(0.2m);
        var task = Some.Task();
        budget.Reserve(task);

        budget.Settle(task.TaskUuid, Pictures(task, 0.02m));

        budget.Reserve(Some.Task());
    }

    [Fact]
    public void What_was_dearer_than_set_aside_takes_room()
    {
        var budget = new Budget(0.5m);
        var task = Some.Task();
        budget.Reserve(task);

        budget.Settle(task.TaskUuid, Pictures(task, 0.4m));

        Should.Throw<RunwareException>(() => budget.Reserve(Some.Task()));
    }

    [Fact]
    public void Where_the_cost_is_unknown_what_was_set_aside_stays()
    {
        var budget = new Budget(0.5m);
        var task = Some.Task(count: 2);
        budget.Reserve(task);

        budget.Settle(task.TaskUuid, Pictures(task, 0.01m, null));

        Should.Throw<RunwareException>(() => budget.Reserve(Some.Task()));
    }

    [Fact]
    public void Failures_cost_nothing()
    {
        var budget = new Budget(Some.Price);
        var task = Some.Task();
        budget.Reserve(task);

        budget.Settle(task.TaskUuid, Pictures(task));

        budget.Reserve(Some.Task());
    }

    [Fact]
    public void What_is_released_is_free_again()
    {
        var budget = new Budget(Some.Price);
        var task = Some.Task();
        budget.Reserve(task);

        budget.Release(task.TaskUuid);

        budget.Reserve(Some.Task());
    }

    [Fact]
    public void A_price_that_is_not_known_cannot_be_capped()
    {
        var task = (Some.Request() with { Model = "openai:gpt-image@2" }).ToTask();

        var error = Should.Throw<RunwareException>(() => new Budget(1000).Reserve(task));

        error.Code.ShouldBe(ErrorCodes.PriceUnknown);
        error.Category.ShouldBe(RunwareErrorCategory.Validation);
    }

    [Fact]
    public async Task Many_at_once_never_pass_the_cap()
    {
        var budget = new Budget(Some.Price * 10);

        var taken = await Task.WhenAll(Some.Tasks(60).Select(task => Task.Run(() =>
        {
            try
            {
                budget.Reserve(task);
                return true;
            }
            catch (RunwareException)
            {
                return false;
            }
        })));

        taken.Count(t => t).ShouldBe(10);
    }

    private static TaskResult Pictures(TaskRequest task, params decimal?[] costs)
    {
        var items = costs.Select(cost => new ResultItem { TaskUuid = task.TaskUuid, ImageUuid = Guid.NewGuid(), ImageUrl = "https://im.example/a.jpg", Cost = cost }).ToArray();
        var replies = new ResponsesByTask([task.TaskUuid], items, [], unanswered: null, Secrets.Of(null, []));
        return ResultReader.Read(replies.Of(task.TaskUuid), task.TaskUuid, TimeProvider.System);
    }
}
