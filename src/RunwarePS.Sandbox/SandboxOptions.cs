namespace RunwarePS.Sandbox;

/// <summary>How a sandbox behaves.</summary>
public sealed class SandboxOptions
{
    /// <summary>The port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>How long one generation takes. Everything else is immediate.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>
    /// Whether a UUID in a task's inputs must be that of an upload or a result of this sandbox. By default, only a deleted one is refused,
    /// so that requests with media of an account can be tried.
    /// </summary>
    public bool RefuseUnknownMedia { get; init; }

    /// <summary>
    /// A folder whose model documents are served in place of those of the catalog. It's read for each request. <c>SLUG.json</c> has a
    /// document in the form in which the API serves it, and <c>SLUG.content.json</c>, if there is one, further fields of its catalog entry.
    /// </summary>
    public string? DocumentPath { get; init; }

    /// <summary>What is to go wrong. The first fault in the list that applies to a request decides it.</summary>
    public IReadOnlyList<SandboxFault> Faults { get; init; } = [];

    /// <summary>The clock; the system's when null.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
