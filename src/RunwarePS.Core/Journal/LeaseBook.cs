using System.Collections.Concurrent;

namespace RunwarePS.Journal;

/// <summary>
/// The leases that this process holds and renews. A lease is trusted for less than its length, counted by the monotonic clock from the
/// moment when its renewal was requested: the journal judges by its own clock, from a later moment.
/// </summary>
/// <param name="length">How long the journal grants a lease.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseBook<TKey>(TimeSpan length, TimeProvider time) where TKey : notnull
{
    private const double TrustedPart = 0.8;

    private readonly ConcurrentDictionary<TKey, (long Fence, long RequestedAt)> _held = new();

    public bool IsEmpty => _held.IsEmpty;

    /// <summary>The leases to renew, by their fences.</summary>
    public IReadOnlyList<KeyValuePair<TKey, long>> Held => [.. _held.Select(h => KeyValuePair.Create(h.Key, h.Value.Fence))];

    /// <summary>The present moment, to be noted before a lease is requested.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Records a lease that the journal granted or renewed.</summary>
    public void Add(TKey task, long fence, long requestedAt) => _held[task] = (fence, requestedAt);

    /// <summary>Records that the journal renewed a lease, unless it was given up meanwhile.</summary>
    public void Renew(TKey task, long fence, long requestedAt)
    {
        if (_held.TryGetValue(task, out var held) && held.Fence == fence)
        {
            _held.TryUpdate(task, (fence, requestedAt), held);
        }
    }

    /// <summary>Ends a lease, or whichever there is of the task if no fence is given.</summary>
    public void Remove(TKey task, long? fence = null)
    {
        if (_held.TryGetValue(task, out var held) && (fence is null || held.Fence == fence))
        {
            _held.TryRemove(KeyValuePair.Create(task, held));
        }
    }

    /// <summary>Whether this process works on a task.</summary>
    public bool Holds(TKey task) => _held.ContainsKey(task);

    /// <summary>Whether a lease surely hasn't ended.</summary>
    public bool IsTrusted(TKey task, long fence) =>
        _held.TryGetValue(task, out var held) && held.Fence == fence && time.GetElapsedTime(held.RequestedAt) < length * TrustedPart;
}
