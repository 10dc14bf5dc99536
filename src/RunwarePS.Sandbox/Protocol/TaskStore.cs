using System.Collections.Concurrent;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>The accepted tasks, and what was generated for them.</summary>
internal sealed class TaskStore(TimeProvider time, TimeSpan latency)
{
    private readonly ConcurrentDictionary<Guid, SandboxTask> _tasks = new();
    private readonly ConcurrentDictionary<Guid, SandboxTask> _byResult = new();

    public TimeSpan Latency => latency;

    public Log<SandboxGeneration> Generations { get; } = new();

    public SandboxTask? Find(Guid id) => _tasks.GetValueOrDefault(id);

    public SandboxTask? Find(string? taskUuid) => Guid.TryParseExact(taskUuid, "D", out var id) ? Find(id) : null;

    /// <summary>The task that has this result.</summary>
    public SandboxTask? FindResult(Guid resultId) => _byResult.GetValueOrDefault(resultId);

    /// <summary>
    /// Accepts a task unless its id was accepted before. From here on it is generated, and charged, whatever the client does.
    /// </summary>
    public bool TryAccept(SandboxTask task)
    {
        if (!_tasks.TryAdd(task.Id, task))
        {
            return false;
        }

        foreach (var result in task.ResultIds)
        {
            _byResult[result] = task;
        }

        if (task.Type.HasModel && !task.NeverFinishes && task.Successes > 0)
        {
            Generations.Add(new SandboxGeneration(
                time.GetUtcNow().UtcDateTime, task.TaskUuid, task.Model, task.Successes, task.Price * task.Successes));
        }

        return true;
    }

    public bool IsDone(SandboxTask task) => IsDone(task, task.Count - 1);

    /// <summary>Whether one result is finished: with the others, or, if they finish one after the other, in its turn.</summary>
    public bool IsDone(SandboxTask task, int index) =>
        !task.NeverFinishes && (task.IsDone || time.GetElapsedTime(task.Accepted) >= Duration(task, index));

    /// <summary>How far a result is, 0 to 99.</summary>
    public int Progress(SandboxTask task, int index) =>
        latency > TimeSpan.Zero ? (int)Math.Clamp(time.GetElapsedTime(task.Accepted) / Duration(task, index) * 100, 0, 99) : 99;

    public decimal TotalCost() => Generations.Snapshot().Sum(g => g.Cost ?? 0);

    private TimeSpan Duration(SandboxTask task, int index) => task.Type.FinishesOneByOne ? latency * (index + 1) / task.Count : latency;
}
