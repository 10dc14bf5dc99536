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
        while (Remaining() is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Remaining()
    {
        lock (_lock)
        {
            return _closedUntil - time.GetUtcNow();
        }
    }
}
