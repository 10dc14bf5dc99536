using System.Globalization;

namespace RunwarePS.Execution;

/// <summary>A cap on what one pipeline may cost: the most a task can cost is set aside before it is sent, and settled with what it did cost.</summary>
internal sealed class Budget(decimal cap)
{
    private readonly object _lock = new();
    private readonly Dictionary<Guid, decimal> _booked = [];
    private decimal _total;

    /// <exception cref="RunwareException"><c>PriceUnknown</c> or <c>BudgetExceeded</c>; nothing is set aside then.</exception>
    public void Reserve(ImageTask task)
    {
        var amount = task.Forecast.Exact ?? task.Forecast.AtMost ?? throw PriceUnknown(task);
        lock (_lock)
        {
            if (_total + amount > cap)
            {
                throw Exceeded(task, amount, _total, cap, "in this pipeline");
            }

            Book(task.TaskUuid, amount);
        }
    }

    /// <summary>Books what a task cost; what was set aside stays where that is not known.</summary>
    public void Settle(Guid taskUuid, TaskResult result)
    {
        if (result.Images.TrueForAll(i => i.Cost is not null))
        {
            lock (_lock)
            {
                Book(taskUuid, result.Images.Sum(i => i.Cost!.Value));
            }
        }
    }

    /// <summary>Nothing was bought.</summary>
    public void Release(Guid taskUuid)
    {
        lock (_lock)
        {
            Book(taskUuid, 0);
        }
    }

    public static RunwareException PriceUnknown(ImageTask task) =>
        RunwareException.Invalid(ErrorCodes.PriceUnknown, "MaxCost",
            $"The catalogue has no price for {task.Model} in this size, so a cap cannot be held.");

    public static RunwareException Exceeded(ImageTask task, decimal amount, decimal booked, decimal cap, string where) =>
        new(ErrorCodes.BudgetExceeded, RunwareErrorCategory.Quota,
            string.Create(CultureInfo.InvariantCulture, $"This task can cost up to {amount:0.######} USD; {booked:0.######} of {cap:0.######} USD are booked {where}. It was not sent."))
        {
            Parameter = "MaxCost",
            TaskUuid = task.TaskUuid,
        };

    private void Book(Guid taskUuid, decimal amount)
    {
        _total += amount - _booked.GetValueOrDefault(taskUuid);
        _booked[taskUuid] = amount;
    }
}
