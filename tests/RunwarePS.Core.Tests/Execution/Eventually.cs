using System.Diagnostics;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Waits for something that another thread brings about; the limit is there only for a test that has failed.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new TimeoutException($"It never came to this: {what}.");
            }

            await Task.Delay(2);
        }
    }
}
