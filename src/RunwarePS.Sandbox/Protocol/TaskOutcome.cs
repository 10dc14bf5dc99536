namespace RunwarePS.Sandbox.Protocol;

/// <summary>The answer to one request's tasks, and the sync tasks that it waits for.</summary>
internal sealed class TaskOutcome
{
    public Envelope Envelope { get; } = new();

    public List<SandboxTask> Waiting { get; } = [];

    public bool NeverFinishes => Waiting.Exists(t => t.NeverFinishes);
}
