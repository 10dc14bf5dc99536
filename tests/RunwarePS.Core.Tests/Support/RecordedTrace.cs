using System.Collections.Concurrent;

namespace RunwarePS.Core.Tests;

/// <summary>Keeps what a user would read with -Verbose and -Debug.</summary>
internal sealed class RecordedTrace(bool wantsBody = true) : IRequestTrace
{
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<string> _bodies = [];

    public bool WantsBody => wantsBody;

    public IReadOnlyList<string> Lines => [.. _lines];

    public IReadOnlyList<string> Bodies => [.. _bodies];

    public void Request(string line) => _lines.Enqueue(line);

    public void Body(string text) => _bodies.Enqueue(text);
}
