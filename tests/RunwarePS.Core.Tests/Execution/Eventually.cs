using System.Diagnostics;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Waits for something that another thread brings about; the limit is there only for a test that has failed.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new TimeoutException($"It never came to this: {what}.");
            }

            await Task.Delay(2);
        }
    }
}
