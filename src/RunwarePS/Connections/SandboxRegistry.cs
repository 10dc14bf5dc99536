using RunwarePS.Sandbox;

namespace RunwarePS;

/// <summary>The sandboxes that <c>Start-RunwareSandbox</c> started in this process, so that none can be lost.</summary>
internal static class SandboxRegistry
{
    private static readonly HashSet<RunwareSandbox> s_running = [];

    public static void Add(RunwareSandbox sandbox)
    {
        lock (s_running)
        {
            s_running.Add(sandbox);
        }
    }

    public static void Remove(RunwareSandbox sandbox)
    {
        lock (s_running)
        {
            s_running.Remove(sandbox);
        }
    }

    public static RunwareSandbox[] All()
    {
        lock (s_running)
        {
            return [.. s_running];
        }
    }
}
