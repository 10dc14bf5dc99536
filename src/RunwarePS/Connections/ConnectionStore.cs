using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using RunwarePS.Isolation;
using RunwarePS.Sandbox;

namespace RunwarePS.Connections;

/// <summary>An explicit connection, with everything that Disconnect-Runware needs.</summary>
internal sealed record ConnectionEntry(ConnectionSettings Settings, string KeySource, string Scope, RunwareSandbox? Sandbox,
    JournalAddress Journal, bool IsJournalTemporary = false, bool IsSandbox = false)
{
    /// <summary>Ends what was started for this connection alone.</summary>
    public void End()
    {
        Sandbox?.Dispose();
        if (IsJournalTemporary)
        {
            JournalStore.Delete((FileAddress)Journal);
        }
    }

    /// <param name="journal">What is known of a journal on a server.</param>
    public RunwareConnection ToPublic(JournalInfo? journal = null) => new()
    {
        Endpoint = new Uri(Redaction.Address(Settings.Endpoint)),
        KeySource = KeySource,
        IsSandbox = IsSandbox,
        Scope = Scope,
        TimeoutSec = (int)Settings.Timeout.TotalSeconds,
        MaxRetryCount = Settings.MaxRetryCount,
        MaxCost = Settings.MaxCost,
        Journal = Journal.ToString(),
        JournalPath = (Journal as FileAddress)?.Path,
        JournalRequired = Settings.JournalRequired,
        JournalRole = journal?.Role,
        JournalSchemaVersion = journal?.SchemaVersion,
        JournalSize = journal?.Size,
        JournalTaskCount = journal?.Tasks,
        JournalClockOffset = journal?.ClockOffset,
    };
}

/// <summary>
/// The connection in effect: this runspace's own, else the process's last, else that of the environment. The process comes before the
/// environment because the runspaces of <c>ForEach-Object -Parallel</c> are new: after <c>Connect-Runware -Sandbox</c> they must not
/// fall through to the live API.
/// </summary>
internal static class ConnectionStore
{
    private static readonly object s_gate = new();
    private static readonly ConditionalWeakTable<Runspace, ConnectionEntry> s_byRunspace = [];
    private static ConnectionEntry? s_process;

    /// <summary>The connection in force, or null where only the environment could give one.</summary>
    public static ConnectionEntry? Current
    {
        get
        {
            lock (s_gate)
            {
                return OfRunspace() ?? s_process;
            }
        }
    }

    /// <summary>Makes a connection the one in force. One for the process replaces this runspace's own too.</summary>
    public static void Set(ConnectionEntry entry)
    {
        ConnectionEntry?[] replaced;
        lock (s_gate)
        {
            var mine = TakeOfRunspace();
            if (entry.Scope == nameof(ConnectionScope.Process))
            {
                replaced = [mine, s_process];
                s_process = entry;
            }
            else
            {
                replaced = [mine];
                if (Runspace.DefaultRunspace is { } runspace)
                {
                    s_byRunspace.Add(runspace, entry);
                    runspace.StateChanged += EndWithRunspace;
                }
            }
        }

        End(replaced);
    }

    /// <summary>Forgets this runspace's connection and the process's, and stops the sandboxes they started.</summary>
    public static void Clear()
    {
        ConnectionEntry?[] replaced;
        lock (s_gate)
        {
            replaced = [TakeOfRunspace(), s_process];
            s_process = null;
        }

        End(replaced);
    }

    private static ConnectionEntry? OfRunspace() =>
        Runspace.DefaultRunspace is { } runspace && s_byRunspace.TryGetValue(runspace, out var entry) ? entry : null;

    private static ConnectionEntry? TakeOfRunspace()
    {
        return Runspace.DefaultRunspace is { } runspace ? Take(runspace) : null;
    }

    private static ConnectionEntry? Take(Runspace runspace)
    {
        if (!s_byRunspace.TryGetValue(runspace, out var entry))
        {
            return null;
        }

        s_byRunspace.Remove(runspace);
        runspace.StateChanged -= EndWithRunspace;
        return entry;
    }

    // It isn't reachable after that, and its sandbox would listen until the process ends.
    private static void EndWithRunspace(object? sender, RunspaceStateEventArgs e)
    {
        if (sender is Runspace runspace && e.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
        {
            ConnectionEntry? entry;
            lock (s_gate)
            {
                entry = Take(runspace);
            }

            entry?.End();
        }
    }

    private static void End(ConnectionEntry?[] entries)
    {
        foreach (var entry in entries)
        {
            entry?.End();
        }
    }
}
