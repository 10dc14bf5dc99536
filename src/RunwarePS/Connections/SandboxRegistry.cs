using RunwarePS.Sandbox;

namespace RunwarePS.Connections;

/// <summary>The sandboxes that <c>Start-RunwareSandbox</c> started in this process, so that all of them can be stopped.</summary>
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

    /// <summary>Whether an endpoint is that of a sandbox started here.</summary>
    public static bool Has(Uri endpoint)
    {
        lock (s_running)
        {
            return s_running.Any(s => s.Endpoint == endpoint);
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
