using RunwarePS.Sandbox.Faults;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox;

/// <summary>What all connections of one sandbox share.</summary>
internal sealed class SandboxState
{
    public SandboxState(SandboxOptions options, Uri origin, CancellationToken stopping)
    {
        Time = options.TimeProvider ?? TimeProvider.System;
        Origin = origin;
        Stopping = stopping;
        Faults = new FaultPlan(options.Faults);
        Tasks = new TaskStore(Time, options.Latency);
        Delivery = new ResultDelivery(this);
    }

    public TimeProvider Time { get; }

    /// <summary>http://127.0.0.1:PORT/, which the addresses of pictures begin with.</summary>
    public Uri Origin { get; }

    public CancellationToken Stopping { get; }

    public FaultPlan Faults { get; }

    public TaskStore Tasks { get; }

    public ResultDelivery Delivery { get; }

    public Log<SandboxRequest> Requests { get; } = new();

    public Log<SandboxDelivery> Deliveries { get; } = new();

    public DateTime Now => Time.GetUtcNow().UtcDateTime;
}
