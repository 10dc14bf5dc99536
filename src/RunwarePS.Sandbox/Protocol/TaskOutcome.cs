namespace RunwarePS.Sandbox.Protocol;

/// <summary>The response to the tasks of one request, and the sync tasks that it waits for.</summary>
internal sealed class TaskOutcome
{
    public Envelope Envelope { get; } = new();

    public List<SandboxTask> Waiting { get; } = [];

    /// <summary>The webhook calls that come before the response.</summary>
    public List<Task> EarlyCalls { get; } = [];

    /// <summary>The task whose response is a stream in place of the envelope.</summary>
    public SandboxTask? Stream { get; set; }

    public bool NeverFinishes => Waiting.Exists(t => t.NeverFinishes);
}
