namespace RunwarePS.Execution;

/// <summary>
/// How long a call may take for one task: a deadline for everything that is waited for, and a token that ends a queue or a request at it.
/// </summary>
internal sealed class TimeLimit : IDisposable
{
    /// <summary>A longer limit exceeds the range of a timer.</summary>
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(49);

    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource? _end;
    private readonly DateTimeOffset _deadline = DateTimeOffset.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="span">How long; null for no limit.</param>
    /// <param name="stop">Ends everything sooner, when the user wants it.</param>
    public TimeLimit(TimeProvider time, TimeSpan? span, CancellationToken stop)
    {
        (_time, _stop, Token, Span) = (time, stop, stop, span <= s_longestTimer ? span : null);
        if (Span is { } limit)
        {
            _deadline = time.GetUtcNow() + limit;
            _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _end.CancelAfter(limit); // in real time, like the timeout of a request
            Token = _end.Token;
        }
    }

    /// <summary>Null for no limit.</summary>
    public TimeSpan? Span { get; }

    /// <summary>Ends what is in progress, at the limit or when the user stops.</summary>
    public CancellationToken Token { get; }

    public TimeSpan Left => _deadline - _time.GetUtcNow();

    /// <summary>True at the limit; not where the user stopped.</summary>
    public bool IsOver => !_stop.IsCancellationRequested && (Left <= TimeSpan.Zero || Token.IsCancellationRequested);

    /// <summary>The failure of a request at this limit.</summary>
    public RunwareException NoResponse(Guid taskUuid, bool wasSent)
    {
        var text = wasSent ? Strings.RequestWithoutResponse : Strings.RequestNotSent;
        var limit = Strings.LimitSpan.With(Span?.TotalSeconds);
        return new RunwareException(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout, text.With(taskUuid, limit))
        { TaskUuid = taskUuid };
    }

    public void Dispose() => _end?.Dispose();
}
