using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace RunwarePS.Pipeline;

/// <summary>
/// The work in flight of a cmdlet. Work runs on the thread pool. Its outcomes and messages are posted, and run on the pipeline's thread. A
/// slot is free again only after its outcome ran, so a slow command downstream holds back the sending upstream, and when the pipeline ends,
/// nothing new is sent.
/// </summary>
/// <remarks>Members except <see cref="Post"/> and <see cref="Cancel"/> must be called on the pipeline's thread.</remarks>
internal sealed class PipelineWorkQueue(int slots) : IDisposable
{
    private static readonly TimeSpan s_cancellationTimeout = TimeSpan.FromSeconds(5);

    // A monitor blocks at once. The framework's blocking collections spin first, which takes time from the work that is waited for.
    private readonly Queue<Action> _posted = [];
    private readonly CancellationTokenSource _cancel = new();
    private readonly CountdownEvent _running = new(1);
    private readonly Dictionary<int, object?> _unfinished = [];
    private int _sequence;
    private bool _ended;

    /// <summary>Canceled when the queue ends.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>The subjects whose outcome hasn't run yet.</summary>
    public IReadOnlyCollection<object?> Unfinished => _unfinished.Values;

    /// <summary>Waits for a slot, starts the work, and runs what is ready. The work returns its outcome.</summary>
    /// <exception cref="OperationCanceledException">The queue was canceled.</exception>
    public void Add(object? subject, Func<CancellationToken, Task<Action>> work)
    {
        WaitForSlot();
        _cancel.Token.ThrowIfCancellationRequested();
        var number = _sequence++;
        _unfinished.Add(number, subject);
        _running.AddCount();
        _ = RunAsync(number, work);
        DrainReady();
    }

    /// <summary>Waits until a slot is free, and runs what is ready meanwhile.</summary>
    /// <exception cref="OperationCanceledException">The queue was canceled.</exception>
    public void WaitForSlot()
    {
        while (_unfinished.Count >= slots)
        {
            RunNext();
        }
    }

    /// <summary>Runs what is ready, without waiting.</summary>
    public void DrainReady()
    {
        while (TryTake(out var action))
        {
            RunOrEnd(action);
        }
    }

    /// <summary>Waits for all work and runs its outcomes.</summary>
    public void Drain()
    {
        while (_unfinished.Count > 0)
        {
            RunNext();
        }

        DrainReady();
    }

    /// <summary>Runs what is ready until a task has ended, however it ends.</summary>
    /// <exception cref="OperationCanceledException">The queue was canceled.</exception>
    public void WaitFor(Task task)
    {
        if (!task.IsCompleted)
        {
            _ = task.ContinueWith(
                _ => Post(static () => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        while (!task.IsCompleted)
        {
            RunNext();
        }
    }

    /// <summary>Queues an action for the pipeline's thread. Can be called on any thread.</summary>
    public void Post(Action action)
    {
        lock (_posted)
        {
            _posted.Enqueue(action);
            Monitor.Pulse(_posted);
        }
    }

    /// <summary>Cancels all work and wakes the pipeline's thread. Can be called on any thread.</summary>
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

        lock (_posted)
        {
            Monitor.Pulse(_posted);
        }
    }

    /// <summary>Cancels the work in flight and waits until it has released its files and connections.</summary>
    public void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        Cancel();
        _running.Signal();
        _running.Wait(s_cancellationTimeout);
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

    private void RunNext()
    {
        Action? action;
        lock (_posted)
        {
            _cancel.Token.ThrowIfCancellationRequested();
            while (!_posted.TryDequeue(out action))
            {
                Monitor.Wait(_posted);
                _cancel.Token.ThrowIfCancellationRequested();
            }
        }

        RunOrEnd(action);
    }

    private bool TryTake([NotNullWhen(true)] out Action? action)
    {
        lock (_posted)
        {
            return _posted.TryDequeue(out action);
        }
    }

    private void RunOrEnd(Action action)
    {
        try
        {
            action();
        }
        catch
        {
            // The pipeline has ended, or the user asked to stop at the first error: nothing new is sent.
            End();
            throw;
        }
    }

    private async Task RunAsync(int number, Func<CancellationToken, Task<Action>> work)
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
            _unfinished.Remove(number);
            outcome();
        });
        _running.Signal();
    }
}
