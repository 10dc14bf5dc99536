namespace RunwarePS.Models;

/// <summary>The errors of tasks that a cap on cost keeps from being sent.</summary>
internal static class CostLimit
{
    public static RunwareException PriceUnknown(string? model) =>
        RunwareException.Invalid(ErrorCodes.PriceUnknown, "MaxCost",
            Strings.PriceUnknown.With(model));

    /// <param name="taskUuid">The task that isn't sent.</param>
    /// <param name="amount">The most that it can cost in USD.</param>
    /// <param name="booked">What is booked already, in USD.</param>
    /// <param name="cap">The limit in USD.</param>
    /// <param name="where">Whose limit it is, in words.</param>
    public static RunwareException Exceeded(Guid taskUuid, decimal amount, decimal booked, decimal cap, string where) =>
        new(ErrorCodes.BudgetExceeded, RunwareErrorCategory.Quota,
            Strings.BudgetExceeded.With(amount, booked, cap, where))
        {
            Parameter = "MaxCost",
            TaskUuid = taskUuid,
        };
}
