using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace RunwarePS.Execution;

/// <summary>
/// The window of work in flight, for a caller that owns a thread and must do all its talking there (a PowerShell pipeline).
/// Work runs on the pool; what it has to say waits for the caller's next turn. A place is free again only once its outcome was
/// said, so a slow reader downstream holds back the sending upstream, and an end downstream means that nothing new is sent.
/// </summary>
/// <remarks>All members but <see cref="Post"/> and <see cref="Cancel"/> belong to the caller's thread.</remarks>
internal sealed class WorkWindow(int size) : IDisposable
{
    private static readonly TimeSpan s_patienceWithCancelledWork = TimeSpan.FromSeconds(5);

    // A queue of one's own, for it blocks at once: those of the framework spin first, which takes the time from the very work that is waited for.
    private readonly Queue<Action> _turns = [];
    private readonly CancellationTokenSource _cancel = new();
    private readonly CountdownEvent _running = new(1);
    private readonly Dictionary<int, object?> _unfinished = [];
    private int _sequence;
    private bool _ended;

    /// <summary>What was added and has not been said yet.</summary>
    public IReadOnlyCollection<object?> Unfinished => _unfinished.Values;

    /// <summary>Waits for a place, starts the work, and says what is ready. The work returns what to say in the end.</summary>
    /// <exception cref="OperationCanceledException">The window was cancelled.</exception>
    public void Add(object? subject, Func<CancellationToken, Task<Action>> work)
    {
        WaitForPlace();
        _cancel.Token.ThrowIfCancellationRequested();
        var place = _sequence++;
        _unfinished.Add(place, subject);
        _running.AddCount();
        _ = RunAsync(place, work);
        SayWhatIsReady();
    }

    /// <summary>Waits until one more can be added, and says what is ready meanwhile.</summary>
    /// <exception cref="OperationCanceledException">The window was cancelled.</exception>
    public void WaitForPlace()
    {
        while (_unfinished.Count >= size)
        {
            Turn();
        }
    }

    /// <summary>Says what is ready now, without waiting.</summary>
    public void SayWhatIsReady()
    {
        while (TryTake(out var say))
        {
            Say(say);
        }
    }

    /// <summary>Waits for all work and says its outcome.</summary>
    public void Drain()
    {
        while (_unfinished.Count > 0)
        {
            Turn();
        }

        SayWhatIsReady();
    }

    /// <summary>Has something said at the caller's next turn. For any thread.</summary>
    public void Post(Action say)
    {
        lock (_turns)
        {
            _turns.Enqueue(say);
            Monitor.Pulse(_turns);
        }
    }

    /// <summary>Ends all work and wakes the caller. For any thread.</summary>
    public void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        lock (_turns)
        {
            Monitor.Pulse(_turns);
        }
    }

    /// <summary>Cancels what is in flight and waits until it has let go of its files and connections.</summary>
    public void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        Cancel();
        _running.Signal();
        _running.Wait(s_patienceWithCancelledWork);
    }

    public void Dispose()
    {
        End();
        if (_running.IsSet)
        {
            _running.Dispose();
            _cancel.Dispose();
        }
    }

    private void Turn()
    {
        Action? say;
        lock (_turns)
        {
            _cancel.Token.ThrowIfCancellationRequested();
            while (!_turns.TryDequeue(out say))
            {
                Monitor.Wait(_turns);
                _cancel.Token.ThrowIfCancellationRequested();
            }
        }

        Say(say);
    }

    private bool TryTake([NotNullWhen(true)] out Action? say)
    {
        lock (_turns)
        {
            return _turns.TryDequeue(out say);
        }
    }

    private void Say(Action say)
    {
        try
        {
            say();
        }
        catch
        {
            // The reader downstream has ended, or the user asked to stop at the first error: nothing more is sent.
            End();
            throw;
        }
    }

    private async Task RunAsync(int place, Func<CancellationToken, Task<Action>> work)
    {
        Action outcome;
        try
        {
            outcome = await Task.Run(() => work(_cancel.Token), _cancel.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            outcome = () => ExceptionDispatchInfo.Throw(e);
        }

        Post(() =>
        {
            _unfinished.Remove(place);
            outcome();
        });
        _running.Signal();
    }
}
