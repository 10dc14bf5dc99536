using System.Globalization;

namespace RunwarePS.Models;

/// <summary>The errors of tasks that a cap on cost keeps from being sent.</summary>
internal static class CostLimit
{
    public static RunwareException PriceUnknown(string? model) =>
        RunwareException.Invalid(ErrorCodes.PriceUnknown, "MaxCost",
            $"The catalog doesn't have a price for '{model}' in this size, so the module can't keep the task within MaxCost.");

    /// <param name="taskUuid">The task that isn't sent.</param>
    /// <param name="amount">The most that it can cost in USD.</param>
    /// <param name="booked">What is booked already, in USD.</param>
    /// <param name="cap">The limit in USD.</param>
    /// <param name="where">Whose limit it is, in words.</param>
    public static RunwareException Exceeded(Guid taskUuid, decimal amount, decimal booked, decimal cap, string where) =>
        new(ErrorCodes.BudgetExceeded, RunwareErrorCategory.Quota,
            string.Create(CultureInfo.InvariantCulture,
                $"The task can cost up to {amount:0.######} USD, and {booked:0.######} of {cap:0.######} USD are booked {where}. It wasn't sent."))
        {
            Parameter = "MaxCost",
            TaskUuid = taskUuid,
        };
}
