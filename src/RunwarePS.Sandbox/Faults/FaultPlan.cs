namespace RunwarePS.Sandbox.Faults;

/// <summary>What a fault is held against: the type of a task, and its prompt where there is one.</summary>
internal readonly record struct FaultSubject(string? TaskType, string? Prompt);

/// <summary>The faults of one sandbox and how often each has struck.</summary>
internal sealed class FaultPlan(IReadOnlyList<SandboxFault> faults)
{
    private readonly Entry[] _requestFaults = [.. faults.Where(f => !ConcernsTask(f.Kind)).Select(f => new Entry(f))];
    private readonly Entry[] _taskFaults = [.. faults.Where(f => ConcernsTask(f.Kind)).Select(f => new Entry(f))];

    /// <summary>The fault that strikes this whole request, if one does.</summary>
    public SandboxFault? TakeForRequest(IReadOnlyList<FaultSubject> subjects) =>
        _requestFaults.Length == 0 ? null : Take(_requestFaults, e => subjects.Any(s => Applies(e.Fault, s)));

    /// <summary>The fault of this kind that strikes this task, if one does.</summary>
    public SandboxFault? TakeForTask(SandboxFaultKind kind, FaultSubject subject) =>
        _taskFaults.Length == 0 ? null : Take(_taskFaults, e => e.Fault.Kind == kind && Applies(e.Fault, subject));

    private static SandboxFault? Take(Entry[] entries, Func<Entry, bool> applies)
    {
        SandboxFault? taken = null;
        foreach (var entry in entries)
        {
            // Each fault counts all requests that it applies to, also those that an earlier one takes: Skip is a position.
            if (applies(entry) && entry.IsReached() && taken is null && entry.TryStrike())
            {
                taken = entry.Fault;
            }
        }

        return taken;
    }

    private static bool Applies(SandboxFault fault, FaultSubject subject) =>
        (fault.TaskType is null
            ? subject.TaskType is not (SandboxFault.Download or SandboxFault.Document)
            : string.Equals(fault.TaskType, subject.TaskType, StringComparison.OrdinalIgnoreCase))
        && (fault.Match is null || (subject.Prompt?.Contains(fault.Match, StringComparison.OrdinalIgnoreCase) ?? false));

    private static bool ConcernsTask(SandboxFaultKind kind) =>
        kind is SandboxFaultKind.PartialFailure or SandboxFaultKind.Refusal or SandboxFaultKind.NeverFinishes
            or >= SandboxFaultKind.LargeFile;

    private sealed class Entry(SandboxFault fault)
    {
        private int _seen;
        private int _struck;

        public SandboxFault Fault { get; } = fault;

        public bool IsReached() => Interlocked.Increment(ref _seen) > Fault.Skip;

        public bool TryStrike() => Fault.Times is not { } times || Interlocked.Increment(ref _struck) <= times;
    }
}
