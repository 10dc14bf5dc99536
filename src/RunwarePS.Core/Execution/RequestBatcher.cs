using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>
/// Sends tasks in few requests: the tasks that wait when a concurrency slot becomes free go together. If no request is in flight, a task is
/// sent at once. Otherwise it waits 40 ms for others, and then as long as one comes every 20 ms, up to the longest delay. Nothing here runs
/// on the thread of a caller.
/// </summary>
/// <param name="send">Sends a request.</param>
/// <param name="gate">Pauses all requests while the API limits the rate.</param>
/// <param name="slots">The number of requests in flight.</param>
/// <param name="longestDelay">How long tasks that keep coming may be collected.</param>
internal sealed class RequestBatcher(
    Func<IReadOnlyList<JsonObject>, CancellationToken, Task<ResponsesByTask>> send, RateLimitGate gate, int slots, TimeSpan longestDelay)
{
    /// <summary>The largest number of tasks in a request.</summary>
    public const int MaxTasks = 20;

    private const long MaxBytes = 1024 * 1024;

    /// <summary>Far less than a request takes, and enough for a pipeline to bring twenty tasks.</summary>
    private static readonly TimeSpan s_batchingDelay = TimeSpan.FromMilliseconds(20);

    private const int MinBatchingDelays = 2;

    private readonly ConcurrentQueue<Entry> _waiting = new();
    private readonly SemaphoreSlim _slots = new(slots);
    private readonly object _taking = new();
    private int _isCollecting;

    /// <summary>False once the server has shown that it takes one task a request.</summary>
    public bool IsBatching { get; set; } = true;

    /// <summary>The number of tasks that wait for a slot.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Sends a task, alone or in a batch, and returns the part of the response that concerns it.</summary>
    /// <param name="task">The task as it goes over the wire.</param>
    /// <param name="taskUuid">Its ID.</param>
    /// <param name="alone">Whether it must be the only one of its request.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="waitsForOthers">Whether it waits for others even if no request is in flight, because others are expected.</param>
    /// <exception cref="RunwareException">The request failed, or the time limit ended; the message states whether it was sent.</exception>
    public async Task<TaskResponse> SendAsync(JsonObject task, Guid taskUuid, bool alone, TimeLimit limit, bool waitsForOthers = false)
    {
        alone |= !IsBatching;
        var entry = new Entry(task, taskUuid, alone, waitsForOthers, alone ? 0 : task.SizeOnWire(), limit);
        _waiting.Enqueue(entry);
        StartIfFree();
        using var end = limit.Token.Register(entry.Leave);
        return await entry.Answer.Task.ConfigureAwait(false);
    }

    /// <summary>
    /// Whether a response requires that a task is sent again alone: the request as a whole was refused, and the reason may be that it
    /// contained several tasks; or an error names none of them, while others were accepted.
    /// </summary>
    public static bool MustBeAlone(TaskResponse response) =>
        response is { Neighbors: > 0, Items.Count: 0, ErrorsNameTask: false } && response.Errors.Exists(e =>
            response.AreNeighborsAnswered || (e.StatusCode is < 500 and not 408 && e.Category
                is not (RunwareErrorCategory.Authentication or RunwareErrorCategory.Quota or RunwareErrorCategory.RateLimit)));

    private void StartIfFree()
    {
        if (_waiting.TryPeek(out var next) && (next.Alone || Volatile.Read(ref _isCollecting) == 0) && _slots.Wait(0))
        {
            _ = Task.Run(RunSlotAsync);
        }
    }

    /// <summary>One concurrency slot: sends batches as long as tasks wait.</summary>
    private async Task RunSlotAsync()
    {
        var isFirst = _slots.CurrentCount == slots - 1;
        try
        {
            while (_waiting.TryPeek(out var next))
            {
                if (!await PassGateAsync(next).ConfigureAwait(false))
                {
                    continue;
                }

                if ((!isFirst || next.WaitsForOthers) && !next.Alone && !await CollectAsync().ConfigureAwait(false))
                {
                    break;
                }

                isFirst = false;
                if (TakeBatch() is { Count: > 0 } batch)
                {
                    StartIfFree(); // none started while tasks were collected
                    await SendBatchAsync(batch).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _slots.Release();
        }

        StartIfFree(); // a task may have come between the last look and the release
    }

    /// <summary>Waits for others to send with the first in the queue; false if another slot does.</summary>
    private async Task<bool> CollectAsync()
    {
        if (Interlocked.Exchange(ref _isCollecting, 1) != 0)
        {
            return false;
        }

        var before = -1;
        for (var i = 0; i < longestDelay / s_batchingDelay && _waiting.Count < MaxTasks; i++)
        {
            var now = _waiting.Count;
            if (i >= MinBatchingDelays && now <= before)
            {
                break;
            }

            before = now;
            await Task.Delay(s_batchingDelay).ConfigureAwait(false);
        }

        Volatile.Write(ref _isCollecting, 0);
        return true;
    }

    /// <summary>Waits at the gate for the first in the queue; false if it leaves the queue: the others continue.</summary>
    private async Task<bool> PassGateAsync(Entry first)
    {
        try
        {
            await gate.PassAsync(first.TaskUuid, first.Limit).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            lock (_taking)
            {
                if (_waiting.TryPeek(out var next) && ReferenceEquals(next, first))
                {
                    _waiting.TryDequeue(out _);
                }
            }

            if (e is OperationCanceledException)
            {
                first.Leave();
            }
            else
            {
                first.Fail(e);
            }

            return false;
        }
    }

    private List<Entry> TakeBatch()
    {
        var batch = new List<Entry>();
        lock (_taking)
        {
            while (_waiting.TryPeek(out var next) && Fits(next, batch))
            {
                _waiting.TryDequeue(out _);
                if (next.TryTake())
                {
                    batch.Add(next);
                }
            }
        }

        return batch;
    }

    private static bool Fits(Entry next, List<Entry> batch) => batch.Count == 0
        || (batch.Count < MaxTasks && !next.Alone && !batch[0].Alone
            && batch.Sum(e => e.Bytes) + next.Bytes <= MaxBytes && !batch.Exists(e => e.TaskUuid == next.TaskUuid));

    private async Task SendBatchAsync(List<Entry> batch)
    {
        // The request continues as long as one of its tasks is waited for.
        using var abandoned = new CancellationTokenSource();
        var waiting = batch.Count;
        var registrations = batch.ConvertAll(e => e.Limit.Token.Register(() =>
        {
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                abandoned.Cancel();
            }
        }));
        try
        {
            var responses = await send([.. batch.Select(e => e.Task)], abandoned.Token).ConfigureAwait(false);
            batch.ForEach(e => e.Answer.TrySetResult(responses.Of(e.TaskUuid)));
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            batch.ForEach(e => e.Leave()); // each by its own limit or stop, which may be reported here before the entry notices
        }
        catch (Exception e)
        {
            batch.ForEach(entry => entry.Fail(e is RunwareException r ? new RunwareException(r, entry.TaskUuid) : e));
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }
    }

    private sealed record Entry(JsonObject Task, Guid TaskUuid, bool Alone, bool WaitsForOthers, long Bytes, TimeLimit Limit)
    {
        private const int Waits = 0;
        private const int Taken = 1;
        private const int Left = 2;

        private readonly long _since = Stopwatch.GetTimestamp();
        private int _state;

        public TaskCompletionSource<TaskResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Takes it out of the queue, to be sent; false if it has left.</summary>
        public bool TryTake()
        {
            if (Interlocked.CompareExchange(ref _state, Taken, Waits) != Waits)
            {
                return false;
            }

            Telemetry.Queued(Stopwatch.GetElapsedTime(_since));
            return true;
        }

        /// <summary>Ends the wait at the time limit or a stop. A task that still waits for a slot isn't sent.</summary>
        public void Leave()
        {
            var wasSent = Interlocked.CompareExchange(ref _state, Left, Waits) == Taken;
            if (Limit.IsOver)
            {
                Fail(Limit.NoResponse(TaskUuid, wasSent));
            }
            else
            {
                Answer.TrySetCanceled(Limit.Token);
            }
        }

        public void Fail(Exception e)
        {
            Interlocked.CompareExchange(ref _state, Left, Waits);
            Answer.TrySetException(e);
            _ = Answer.Task.Exception; // the sender may have been canceled, and then the exception isn't observed elsewhere
        }
    }
}
