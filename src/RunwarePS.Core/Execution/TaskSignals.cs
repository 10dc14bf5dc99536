using System.Collections.Concurrent;

namespace RunwarePS.Execution;

/// <summary>How far the calls to a webhook receiver can be relied on.</summary>
internal enum SignalTrust
{
    /// <summary>No call has arrived yet.</summary>
    Unproven,

    /// <summary>Calls arrive.</summary>
    Proven,

    /// <summary>A task ended without a call.</summary>
    Lost,
}

/// <summary>
/// The tasks of a connection whose results a webhook announces. A call is a signal to poll and nothing else: it can be late, missing,
/// repeated or forged, and then the task is polled later, or once more.
/// </summary>
/// <remarks>
/// <code>
///   Unproven ──a call──► Proven ──a task ended, and no call──► Lost ──a call──► Proven
///       └────a task ended, and no call─────────────────────────►┘
/// </code>
/// </remarks>
internal sealed class TaskSignals(TimeProvider time)
{
    /// <summary>How much later than a poll a call may arrive.</summary>
    private static readonly TimeSpan s_lateness = TimeSpan.FromMilliseconds(100);

    /// <summary>More tasks than this aren't remembered, unless they are waited for.</summary>
    private const int MaxTasks = 20_000;

    private readonly object _lock = new();
    private readonly ConcurrentDictionary<Guid, TaskSignal> _tasks = new();
    private readonly List<WebhookRoute> _receivers = [];
    private volatile TaskCompletionSource _changed = NewSource();
    private volatile SignalTrust _trust;
    private long _longest;

    public SignalTrust Trust => _trust;

    /// <summary>The longest time from sending a task to its call.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

    /// <summary>Called for a task whose results are ready and for which nothing in this process waits.</summary>
    public Action<Guid>? Unclaimed { get; set; }

    /// <summary>Completes when the trust changes.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The URL that tasks get by default: that of the receiver that was started last; null if there is none.</summary>
    public Uri? DefaultUrl
    {
        get
        {
            lock (_lock)
            {
                return _receivers.Count > 0 && _receivers[^1].IsReachable ? _receivers[^1].Url : null;
            }
        }
    }

    /// <summary>Adds a receiver. Its calls aren't relied on until one has arrived.</summary>
    public void Attach(WebhookRoute receiver)
    {
        lock (_lock)
        {
            _receivers.Add(receiver);
        }

        Change(SignalTrust.Unproven);
    }

    /// <summary>Removes a receiver. The tasks that were to be announced there are polled as usual from here on.</summary>
    public void Detach(WebhookRoute receiver)
    {
        lock (_lock)
        {
            _receivers.Remove(receiver);
        }

        foreach (var (id, signal) in _tasks)
        {
            if (signal.Receiver == receiver)
            {
                _tasks.TryRemove(id, out _);
            }
        }

        Change(SignalTrust.Unproven);
    }

    /// <summary>Remembers a task before it is sent, if its webhook is one of the receivers.</summary>
    public void Expect(Guid taskUuid, string? webhookUrl)
    {
        WebhookRoute? receiver;
        lock (_lock)
        {
            receiver = webhookUrl is null ? null : _receivers.Find(r => r.IsIn(webhookUrl));
        }

        if (receiver is null)
        {
            return;
        }

        if (_tasks.Count >= MaxTasks)
        {
            Forget();
        }

        _tasks.TryAdd(taskUuid, new TaskSignal(receiver, time.GetUtcNow()));
    }

    /// <summary>The signal of a task; null if no call is expected.</summary>
    public TaskSignal? Find(Guid taskUuid) => _tasks.GetValueOrDefault(taskUuid);

    /// <summary>Forgets a task: it was refused, or its results are here already.</summary>
    public void Forget(Guid taskUuid) => _tasks.TryRemove(taskUuid, out _);

    /// <summary>A call arrived that names a task. Any call proves that calls arrive.</summary>
    public void Arrived(Guid taskUuid, bool isReady)
    {
        if (_tasks.TryGetValue(taskUuid, out var signal) && isReady)
        {
            var took = (time.GetUtcNow() - signal.Since).Ticks;
            if (took > Interlocked.Read(ref _longest))
            {
                Interlocked.Exchange(ref _longest, took);
            }

            signal.Wake();
            if (!signal.IsWaitedFor)
            {
                _tasks.TryRemove(taskUuid, out _); // a later wait polls at once
            }
        }

        if (_trust != SignalTrust.Proven)
        {
            Change(SignalTrust.Proven);
        }

        if (isReady && signal?.IsWaitedFor != true)
        {
            Unclaimed?.Invoke(taskUuid);
        }
    }

    /// <summary>A poll returned the results of a task. If its call doesn't arrive either, calls get lost.</summary>
    public void Ended(Guid taskUuid)
    {
        if (_tasks.TryGetValue(taskUuid, out var signal))
        {
            if (signal.HasArrived || _trust == SignalTrust.Lost)
            {
                Forget(taskUuid);
            }
            else
            {
                _ = JudgeAsync(taskUuid, signal);
            }
        }
    }

    private async Task JudgeAsync(Guid taskUuid, TaskSignal signal)
    {
        await Task.Delay(s_lateness, time).ConfigureAwait(false);
        if (_tasks.TryRemove(taskUuid, out _) && !signal.HasArrived)
        {
            Change(SignalTrust.Lost);
        }
    }

    private void Change(SignalTrust trust)
    {
        _trust = trust;
        Interlocked.Exchange(ref _changed, NewSource()).TrySetResult();
    }

    private void Forget()
    {
        foreach (var (id, signal) in _tasks)
        {
            if (!signal.IsWaitedFor)
            {
                _tasks.TryRemove(id, out _);
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What is known of one task whose results a webhook announces.</summary>
internal sealed class TaskSignal(WebhookRoute receiver, DateTimeOffset since)
{
    private volatile TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public WebhookRoute Receiver => receiver;

    /// <summary>When the task was sent.</summary>
    public DateTimeOffset Since => since;

    /// <summary>Whether a call arrived at all.</summary>
    public bool HasArrived { get; private set; }

    public bool IsWaitedFor => Volatile.Read(ref _waiting) > 0;

    /// <summary>Completes when a call arrives that no poll has followed yet.</summary>
    public Task Woken => _woken.Task;

    public void BeginWait() => Interlocked.Increment(ref _waiting);

    public void EndWait() => Interlocked.Decrement(ref _waiting);

    public void Wake()
    {
        HasArrived = true;
        _woken.TrySetResult();
    }

    /// <summary>Takes the call that arrived; false if there was none since the last one was taken.</summary>
    public bool TryTake()
    {
        if (!Woken.IsCompleted)
        {
            return false;
        }

        _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return true;
    }
}
