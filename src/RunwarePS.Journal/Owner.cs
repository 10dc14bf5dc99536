using System.Diagnostics;
using System.Globalization;

namespace RunwarePS.Journal;

/// <summary>Who works on a task: a process of this machine, told from a later one of the same number by the time it started.</summary>
internal static class Owner
{
    /// <summary>How long an owner that nobody here can look at is taken to live.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_startTolerance = TimeSpan.FromSeconds(5);

    /// <summary>This process.</summary>
    public static readonly string Me = string.Create(CultureInfo.InvariantCulture,
        $"{Environment.MachineName}|{Environment.ProcessId}|{Process.GetCurrentProcess().StartTime.ToUniversalTime().Ticks}");

    /// <summary>Whether an owner still lives. One of another machine, which a shared folder can bring in, counts until the lease ends that it took with the task.</summary>
    public static bool IsAlive(string? owner, DateTime lease)
    {
        var parts = owner?.Split('|');
        if (parts is not [var machine, var pid, var started])
        {
            return false;
        }

        if (machine != Environment.MachineName)
        {
            return lease > DateTime.UtcNow;
        }

        try
        {
            using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            var difference = process.StartTime.ToUniversalTime() - new DateTime(long.Parse(started, CultureInfo.InvariantCulture), DateTimeKind.Utc);
            return !process.HasExited && difference.Duration() < s_startTolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return true; // it is there, and not ours to look into
        }
    }
}
