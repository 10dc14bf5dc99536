using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace RunwarePS.Delivery;

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
    public Task<TaskReply> SendAsync(JsonObject task, Guid taskUuid, bool alone, CancellationToken cancellationToken)
    {
        alone |= !Packs;
        var entry = new Entry(task, taskUuid, alone, alone ? 0 : task.SizeOnWire(), cancellationToken);
        _waiting.Enqueue(entry);
        PumpIfFree(onPool: !alone); // who may be packed lets its neighbours come first
        return AnswerAsync(entry);
    }

    // Who is cancelled while waiting must not go out with a neighbour's pack.
    private static async Task<TaskReply> AnswerAsync(Entry entry)
    {
        using var cancelled = entry.CancellationToken.Register(() => entry.Answer.TrySetCanceled(entry.CancellationToken));
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

    /// <summary>Waits at the gate for the first in the queue; false where that one has gone meanwhile.</summary>
    private async Task<bool> PassGateAsync(Entry first)
    {
        try
        {
            await gate.PassAsync(first.CancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            lock (_taking)
            {
                if (_waiting.TryPeek(out var next) && ReferenceEquals(next, first))
                {
                    _waiting.TryDequeue(out _);
                }
            }

            return false;
        }
    }

    private async Task SendPackAsync(List<Entry> pack)
    {
        // The request goes on as long as one of its tasks is waited for.
        using var nobodyWaits = new CancellationTokenSource();
        var waiting = pack.Count;
        var registrations = pack.ConvertAll(e => e.CancellationToken.Register(() =>
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
                entry.Answer.TrySetException(e is RunwareException r ? new RunwareException(r, entry.TaskUuid) : e);
                _ = entry.Answer.Task.Exception; // its own sender may have been cancelled: then nobody else looks
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
                if (next.Answer.Task.IsCompleted)
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

    private sealed record Entry(JsonObject Task, Guid TaskUuid, bool Alone, long Bytes, CancellationToken CancellationToken)
    {
        // Who was packed with others must not hold up their answers.
        public TaskCompletionSource<TaskReply> Answer { get; } = new(Alone ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
