using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace RunwarePS.Journal;

/// <summary>
/// Which process works on a task. An owner owns a task until the lease ends, which it renews while it works on the task. A process of this
/// machine is also known to have ended: then its tasks are free at once.
/// </summary>
internal static class Owner
{
    /// <summary>How long a task is owned without renewal.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How often leases are renewed.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    private const int StartField = 19;

    // Two containers may have the same host name and process ID: a process ID of one container is meaningless in the other.
    private static readonly string s_space = OperatingSystem.IsLinux()
        ? $"{Read("/proc/sys/kernel/random/boot_id")}/{new FileInfo("/proc/self/ns/pid").LinkTarget}"
        : "";

    private static readonly string s_me = Of(Environment.ProcessId, StartOf(Process.GetCurrentProcess()));

    /// <summary>This process, as one owner: each open journal is another one, and knows what it works on.</summary>
    public static string Create() => $"{s_me}|{Guid.NewGuid():N}";

    /// <summary>A process of this machine.</summary>
    public static string Of(int processId, long started) =>
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}|{processId}|{started}|{s_space}");

    /// <summary>When a process started. On Linux since the boot: its time of day changes whenever the clock is set.</summary>
    public static long StartOf(Process process) => OperatingSystem.IsLinux()
        ? Status(process.Id) is { Length: > StartField } fields
            ? long.Parse(fields[StartField], CultureInfo.InvariantCulture)
            : throw new Win32Exception()
        : process.StartTime.ToUniversalTime().Ticks;

    /// <summary>Whether an owner still owns what it took until its lease ends.</summary>
    public static bool IsAlive(string? owner, DateTime lease) =>
        owner?.Split('|') is [_, _, _, ..] && lease > DateTime.UtcNow && !HasEnded(owner);

    /// <summary>Whether an owner is known to be a process of this machine that has ended.</summary>
    public static bool HasEnded(string owner) => owner.Split('|') is [var machine, var pid, var started, var space, ..]
        && machine == Environment.MachineName && space == s_space && !IsRunning(pid, started);

    private static bool IsRunning(string pid, string started)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            return !process.HasExited && !IsZombie(process.Id) && StartOf(process) == long.Parse(started, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            return false;
        }
        catch (Win32Exception)
        {
            return true; // it is there, and not ours to look into
        }
    }

    /// <summary>Whether a process of Linux has ended and its parent hasn't noticed, as in a container without an init process.</summary>
    private static bool IsZombie(int processId) => Status(processId) is ["Z" or "X", ..];

    /// <summary>What Linux shows of a process, from its state on. It follows the name, which may contain any character.</summary>
    private static string[] Status(int processId)
    {
        var stat = OperatingSystem.IsLinux() ? Read($"/proc/{processId}/stat") : "";
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
