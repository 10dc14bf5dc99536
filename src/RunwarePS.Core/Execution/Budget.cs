namespace RunwarePS.Execution;

/// <summary>
/// A cap on what one pipeline may cost: the most a task can cost is set aside before it is sent, and settled with what it did cost.
/// </summary>
internal sealed class Budget(decimal cap)
{
    private readonly object _lock = new();
    private readonly Dictionary<Guid, decimal> _booked = [];
    private decimal _total;

    /// <exception cref="RunwareException"><c>PriceUnknown</c> or <c>BudgetExceeded</c>; nothing is set aside then.</exception>
    public void Reserve(TaskRequest task)
    {
        var amount = task.Forecast.Reserved ?? throw CostLimit.PriceUnknown(task.Model);
        lock (_lock)
        {
            if (_total + amount > cap)
            {
                throw CostLimit.Exceeded(task.TaskUuid, amount, _total, cap, Strings.BookedInPipeline);
            }

            Book(task.TaskUuid, amount);
        }
    }

    /// <summary>Books what a task cost; what was set aside stays where that is not known.</summary>
    public void Settle(Guid taskUuid, TaskResult result)
    {
        if (result.IsCostKnown)
        {
            lock (_lock)
            {
                Book(taskUuid, result.Cost ?? 0);
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

    private void Book(Guid taskUuid, decimal amount)
    {
        _total += amount - _booked.GetValueOrDefault(taskUuid);
        _booked[taskUuid] = amount;
    }
}
