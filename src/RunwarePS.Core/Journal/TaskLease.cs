using System.Runtime.InteropServices;

namespace RunwarePS.Journal;

/// <summary>The right of one process to work on a task, for a limited time.</summary>
/// <param name="TaskUuid">The task.</param>
/// <param name="Fence">A number that each change of the holder raises, so that a process that was away can't act as the holder.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TaskLease(Guid TaskUuid, long Fence)
{
    /// <summary>No lease: of a task that isn't in a journal, or that another process holds.</summary>
    public static TaskLease None(Guid taskUuid) => new(taskUuid, Fence: 0);

    public bool IsNone => Fence == 0;
}
