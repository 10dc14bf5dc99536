using RunwarePS.Sandbox.Faults;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox;

/// <summary>What all connections of one sandbox share.</summary>
internal sealed class SandboxState
{
    public SandboxState(SandboxOptions options, Uri endpoint, CancellationToken stopping)
    {
        Time = options.TimeProvider ?? TimeProvider.System;
        Origin = new Uri(endpoint, "/");
        DocumentPath = options.DocumentPath;
        Stopping = stopping;
        Faults = new FaultPlan(options.Faults);
        Tasks = new TaskStore(Time, options.Latency);
        Media = new MediaStore(Tasks, options.RefuseUnknownMedia);
        Delivery = new ResultDelivery(this);
    }

    public TimeProvider Time { get; }

    public string? DocumentPath { get; }

    /// <summary>http://127.0.0.1:PORT/, the base URL of media.</summary>
    public Uri Origin { get; }

    public CancellationToken Stopping { get; }

    public FaultPlan Faults { get; }

    public TaskStore Tasks { get; }

    public MediaStore Media { get; }

    public OwnModels Models { get; } = new();

    public ResultDelivery Delivery { get; }

    /// <summary>The errors of inference tasks, for the usage of the account.</summary>
    public Log<(DateTime At, string? Model, int Status)> Errors { get; } = new();

    public Log<SandboxRequest> Requests { get; } = new();

    public Log<SandboxDelivery> Deliveries { get; } = new();

    public DateTime Now => Time.GetUtcNow().UtcDateTime;
}
