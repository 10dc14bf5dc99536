using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>
/// Sends tasks in few requests: whatever waits when a lane becomes free goes together. Who finds nothing under way goes at once; who comes
/// beside others waits a moment for company.
/// </summary>
internal sealed class Packer(Func<IReadOnlyList<JsonObject>, CancellationToken, Task<TaskReplies>> send, RequestGate gate, int lanes)
{
    /// <summary>How many tasks go in one request at the most.</summary>
    public const int MaxTasks = 20;

    private const long MaxBytes = 1024 * 1024;

    /// <summary>Far less than a request takes, and enough for a pipeline to bring twenty tasks.</summary>
    private static readonly TimeSpan s_companyComesWithin = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<Entry> _waiting = new();
    private readonly SemaphoreSlim _lanes = new(lanes);
    private readonly object _taking = new();

    /// <summary>False once the server has shown that it takes one task a request.</summary>
    public bool Packs { get; set; } = true;

    /// <summary>Sends a task, alone or with its neighbours, and gives the part of the reply that answers it.</summary>
    /// <exception cref="RunwareException">The request failed, or the time limit ended; the message says whether it was sent.</exception>
    public Task<TaskReply> SendAsync(JsonObject task, Guid taskUuid, bool alone, TimeLimit limit)
    {
        alone |= !Packs;
        var entry = new Entry(task, taskUuid, alone, alone ? 0 : task.SizeOnWire(), limit);
        _waiting.Enqueue(entry);
        PumpIfFree(onPool: !alone); // who may be packed lets its neighbours come first
        return AnswerAsync(entry);
    }

    private static async Task<TaskReply> AnswerAsync(Entry entry)
    {
        using var end = entry.Limit.Token.Register(entry.Leave);
        return await entry.Answer.Task.ConfigureAwait(false);
    }

    private void PumpIfFree(bool onPool)
    {
        if (!_waiting.IsEmpty && _lanes.Wait(0))
        {
            _ = onPool ? Task.Run(PumpAsync) : PumpAsync();
        }
    }

    /// <summary>One lane: sends packs as long as anybody waits. Whose answer is here does not wait for another's request.</summary>
    private async Task PumpAsync()
    {
        var isFirst = _lanes.CurrentCount == lanes - 1;
        try
        {
            while (_waiting.TryPeek(out var next))
            {
                if (!await PassGateAsync(next).ConfigureAwait(false))
                {
                    continue;
                }

                if (!isFirst && !next.Alone && _waiting.Count < MaxTasks)
                {
                    await Task.Delay(s_companyComesWithin).ConfigureAwait(false);
                }

                isFirst = false;
                if (Take() is not { Count: > 0 } pack)
                {
                    break;
                }

                await SendPackAsync(pack).ConfigureAwait(false);
            }
        }
        finally
        {
            _lanes.Release();
        }

        PumpIfFree(onPool: true); // somebody may have come between the last look and the release
    }

    /// <summary>Waits at the gate for the first in the queue; false where that one leaves, whatever the reason: the others go on.</summary>
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

    private async Task SendPackAsync(List<Entry> pack)
    {
        // The request goes on as long as one of its tasks is waited for.
        using var nobodyWaits = new CancellationTokenSource();
        var waiting = pack.Count;
        var registrations = pack.ConvertAll(e => e.Limit.Token.Register(() =>
        {
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                nobodyWaits.Cancel();
            }
        }));
        try
        {
            var replies = await send([.. pack.Select(e => e.Task)], nobodyWaits.Token).ConfigureAwait(false);
            foreach (var entry in pack)
            {
                entry.Answer.TrySetResult(replies.Of(entry.TaskUuid));
            }
        }
        catch (Exception e)
        {
            foreach (var entry in pack)
            {
                entry.Fail(e is RunwareException r ? new RunwareException(r, entry.TaskUuid) : e);
            }
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }
    }

    private List<Entry> Take()
    {
        var pack = new List<Entry>();
        long bytes = 0;
        lock (_taking)
        {
            while (pack.Count < MaxTasks && _waiting.TryPeek(out var next))
            {
                if (pack.Count > 0 && (next.Alone || bytes + next.Bytes > MaxBytes || pack.Exists(e => e.TaskUuid == next.TaskUuid)))
                {
                    break;
                }

                _waiting.TryDequeue(out _);
                if (!next.TryTake())
                {
                    continue;
                }

                pack.Add(next);
                bytes += next.Bytes;
                if (next.Alone)
                {
                    break;
                }
            }
        }

        return pack;
    }

    private sealed record Entry(JsonObject Task, Guid TaskUuid, bool Alone, long Bytes, TimeLimit Limit)
    {
        private const int Waits = 0;
        private const int Taken = 1;
        private const int Left = 2;

        private int _state;

        // Who was packed with others must not hold up their answers.
        public TaskCompletionSource<TaskReply> Answer { get; } = new(Alone ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Takes it out of the queue, to be sent; false where it has left.</summary>
        public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waits) == Waits;

        /// <summary>Its time is over, or its user stopped: while it waits it will not go out with a neighbor's pack.</summary>
        public void Leave()
        {
            var wasSent = Interlocked.CompareExchange(ref _state, Left, Waits) == Taken;
            if (Limit.IsOver)
            {
                Fail(TimedOut(wasSent));
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
            _ = Answer.Task.Exception; // its own sender may have been cancelled: then nobody else looks
        }

        private RunwareException TimedOut(bool wasSent)
        {
            var what = wasSent ? "had no response" : "wasn't sent";
            var limit = string.Create(CultureInfo.InvariantCulture, $"-TimeoutSec, {Limit.Span?.TotalSeconds:0.###} s");
            var message = $"The request for task {TaskUuid:D} {what} within the time limit of this call ({limit}).";
            return new RunwareException(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout, message) { TaskUuid = TaskUuid };
        }
    }
}
