using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>Pauses all requests of a pipeline while the API limits the rate: one refused request pauses all of them.</summary>
internal sealed class RateLimitGate(TimeProvider time)
{
    private readonly object _lock = new();
    private DateTimeOffset _closedUntil;
    private RunwareException? _refusal;

    /// <param name="wait">How long.</param>
    /// <param name="refusal">The response that requested it.</param>
    public void CloseFor(TimeSpan wait, RunwareException refusal)
    {
        var until = time.GetUtcNow() + wait;
        lock (_lock)
        {
            if (until > _closedUntil)
            {
                (_closedUntil, _refusal) = (until, refusal);
            }
        }
    }

    /// <summary>Waits until it is open.</summary>
    /// <exception cref="RunwareException">The refusal that closed it: for longer than the limit, or any pipeline, can wait.</exception>
    public async Task PassAsync(Guid taskUuid, TimeLimit limit)
    {
        while (Remaining is var wait && wait > TimeSpan.Zero)
        {
            if (wait > Backoff.LongestPause || wait > limit.Left)
            {
                throw Refused(taskUuid, wait, limit);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, limit.Token).ConfigureAwait(false);
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

    /// <summary>Requests that close the gate as soon as the API asks for quiet, before the next request can leave.</summary>
    public Func<IReadOnlyList<JsonObject>, CancellationToken, Task<ResponsesByTask>> Guard(
        Func<IReadOnlyList<JsonObject>, CancellationToken, Task<ResponsesByTask>> send) =>
        async (tasks, cancellationToken) =>
        {
            try
            {
                var responses = await send(tasks, cancellationToken).ConfigureAwait(false);
                if (responses.Busy is { } busy)
                {
                    CloseFor(Backoff.Repeat(0, busy.RetryAfter), busy);
                }

                return responses;
            }
            catch (RunwareException e) when (RetryPolicy.IsBusy(e))
            {
                CloseFor(Backoff.Repeat(0, e.RetryAfter), e);
                throw;
            }
        };

    private RunwareException Refused(Guid taskUuid, TimeSpan wait, TimeLimit limit)
    {
        RunwareException refusal;
        lock (_lock)
        {
            refusal = _refusal!;
        }

        var end = wait > limit.Left
            ? Strings.LimitOfCall
            : Strings.LimitOfPause.With(Backoff.LongestPause.TotalSeconds);
        var message =
            Strings.PauseTooLong.With(taskUuid, Math.Ceiling(wait.TotalSeconds), end, refusal.Message);
        return new RunwareException(refusal.Code, RunwareErrorCategory.RateLimit, message, refusal)
        {
            IsFromServer = refusal.IsFromServer,
            TaskUuid = taskUuid,
            StatusCode = refusal.StatusCode,
            Documentation = refusal.Documentation,
            RetryAfter = wait,
            AdditionalData = refusal.AdditionalData,
        };
    }
}
