namespace RunwarePS.Execution;

/// <summary>
/// When to ask for tasks that are waited for together. A few of them scout: they are asked for often, and show how long a task takes. The
/// rest is asked for seldom until that is known, and then when it is as old.
/// </summary>
internal sealed class PollPace(TimeProvider time)
{
    /// <summary>As many as one request asks for.</summary>
    private const int Scouts = Packer.MaxTasks;

    /// <summary>So many must have ended before their time counts: a few that end at once tell nothing of the others.</summary>
    private const int Enough = 5;

    // How long one waits for the next question, as a share of the time waited so far.
    private const double Alone = 0.15;
    private const double Scouting = 0.08;
    private const double Following = 1;

    private static readonly TimeSpan s_firstOfTheRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shortestTick = TimeSpan.FromMilliseconds(50);

    /// <summary>As long as the longest patience, and short enough for any timer.</summary>
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromDays(7);

    // One for all, so that their questions still find each other.
    private readonly double _jitter = Backoff.PollJitter();

    // Who hears of it does no more there and then than to line up its question.
    private readonly TaskCompletionSource _learned = new();
    private readonly object _lock = new();
    private TimeSpan _typicalAge = TimeSpan.MaxValue;
    private int _ended;
    private int _scouts;
    private int _rest;

    /// <summary>Takes a place among those who wait.</summary>
    /// <param name="since">When the task was sent: what somebody says of it, or a clock that was wrong then. One from the future is as old as this moment.</param>
    /// <param name="interval">What the user wants between questions; null leaves it to this class.</param>
    public Turn Join(DateTimeOffset since, TimeSpan? interval)
    {
        since = since < Now ? since : Now;
        interval = interval > s_longestInterval ? s_longestInterval : interval;
        lock (_lock)
        {
            var isScout = _scouts < Scouts;
            _ = isScout ? _scouts++ : _rest++;
            return new Turn(this, since, interval, isScout);
        }
    }

    private void Leave(bool isScout)
    {
        lock (_lock)
        {
            _ = isScout ? _scouts-- : _rest--;
        }
    }

    private void Learn(TimeSpan age)
    {
        lock (_lock)
        {
            if (++_ended != Enough)
            {
                return;
            }

            _typicalAge = age;
        }

        _learned.TrySetResult();
    }

    // Tasks that wait about as long are asked for at the same moment. Doubling grids lie in one another: who is asked for seldom still meets
    // who is asked for often.
    private static TimeSpan OnGrid(DateTimeOffset now, TimeSpan wait, TimeSpan step)
    {
        var quantum = s_shortestTick.Ticks << Math.Max(0, (int)Math.Log2(Math.Max(1, step.Ticks) / 2.0 / s_shortestTick.Ticks));
        return wait + TimeSpan.FromTicks((quantum - ((now + wait).Ticks % quantum)) % quantum);
    }

    /// <summary>One task's place.</summary>
    internal sealed class Turn(PollPace pace, DateTimeOffset since, TimeSpan? interval, bool isScout) : IDisposable
    {
        private readonly DateTimeOffset _joined = pace.Now;
        private DateTimeOffset _asked = DateTimeOffset.MinValue;

        /// <summary>Waits until it is time to ask.</summary>
        /// <param name="atLeast">How long the API asked for quiet.</param>
        /// <param name="atMost">How long there is patience.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        public async Task WaitAsync(TimeSpan atLeast, TimeSpan atMost, CancellationToken cancellationToken)
        {
            var began = pace.Now;
            while (true)
            {
                var isLearned = pace._learned.Task.IsCompleted;
                var due = pace.Now + Wait(isLearned);
                due = due < began + atLeast ? began + atLeast : due;
                due = due - began > atMost ? began + atMost : due;
                var wait = due > pace.Now ? due - pace.Now : TimeSpan.Zero;
                wait = wait > s_longestInterval ? s_longestInterval : wait;
                if (isLearned || isScout || interval is not null)
                {
                    await Task.Delay(wait, pace.Time, cancellationToken).ConfigureAwait(false);
                    break;
                }

                await pace._learned.Task.WaitAsync(wait, pace.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
                if (!pace._learned.Task.IsCompleted)
                {
                    break;
                }
            }

            _asked = pace.Now;
        }

        /// <summary>Its pictures are there: others that are as old may have theirs.</summary>
        public void Learn() => pace.Learn(pace.Now - since);

        public void Dispose() => pace.Leave(isScout);

        private TimeSpan Wait(bool isLearned)
        {
            var now = pace.Now;
            if (interval is { } given)
            {
                return OnGrid(now, given * pace._jitter, step: given);
            }

            var isFollowing = !isScout && !(isLearned && now - since >= pace._typicalAge);
            var wait = Backoff.Poll(now - _joined, isFollowing ? Following : pace._rest > 0 ? Scouting : Alone) * pace._jitter;
            if (isFollowing && wait < s_firstOfTheRest)
            {
                wait = s_firstOfTheRest;
            }

            if (isLearned && _asked < since + pace._typicalAge && since + pace._typicalAge - now is var left && left < wait)
            {
                return OnGrid(now, left > TimeSpan.Zero ? left : TimeSpan.Zero, s_shortestTick); // its time is known: no need to round it far
            }

            return OnGrid(now, wait, step: wait);
        }
    }

    private TimeProvider Time => time;

    private DateTimeOffset Now => time.GetUtcNow();
}
