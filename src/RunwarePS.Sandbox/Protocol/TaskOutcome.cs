namespace RunwarePS.Sandbox.Protocol;

/// <summary>The answer to one request's tasks, and the sync tasks that it waits for.</summary>
internal sealed class TaskOutcome
{
    public Envelope Envelope { get; } = new();

    public List<SandboxTask> Waiting { get; } = [];

    /// <summary>The task that is answered by a stream in place of the envelope.</summary>
    public SandboxTask? Stream { get; set; }

    public bool NeverFinishes => Waiting.Exists(t => t.NeverFinishes);
}
