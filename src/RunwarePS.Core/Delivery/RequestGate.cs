namespace RunwarePS.Delivery;

/// <summary>Holds back a whole pipeline while the API asks for quiet: one refused request speaks for all.</summary>
internal sealed class RequestGate(TimeProvider time)
{
    private readonly object _lock = new();
    private DateTimeOffset _closedUntil;

    public void CloseFor(TimeSpan wait)
    {
        var until = time.GetUtcNow() + wait;
        lock (_lock)
        {
            _closedUntil = until > _closedUntil ? until : _closedUntil;
        }
    }

    public async Task PassAsync(CancellationToken cancellationToken)
    {
        while (Remaining is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How long it stays closed; nothing or less where it is open.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_lock)
            {
                return _closedUntil - time.GetUtcNow();
            }
        }
    }
}
