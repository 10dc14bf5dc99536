namespace RunwarePS.Sandbox;

/// <summary>How a sandbox behaves.</summary>
public sealed class SandboxOptions
{
    /// <summary>The port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>How long one generation takes. Everything else is immediate.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What is to go wrong. The first fault in the list that applies to a request decides it.</summary>
    public IReadOnlyList<SandboxFault> Faults { get; init; } = [];

    /// <summary>The clock; the system's when null.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
