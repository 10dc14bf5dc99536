namespace RunwarePS.Core.Tests.Execution;

public sealed class BackoffTests
{
    private static readonly RunwareException s_refusal = new("rateLimitExceeded", RunwareErrorCategory.RateLimit, "Slowly.");

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(7, 30)]
    [InlineData(1000, 30)]
    [InlineData(int.MaxValue, 30)]
    public void A_repeat_waits_twice_as_long_each_time_up_to_a_cap_with_jitter_upwards(int attempt, double seconds)
    {
        var waits = Sample(() => Backoff.Repeat(attempt));

        waits.ShouldAllBe(w => w >= TimeSpan.FromSeconds(seconds) && w <= TimeSpan.FromSeconds(seconds * 1.3));
        waits.Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(1, 0.15)]
    [InlineData(4, 0.6)]
    [InlineData(66, 9.9)]
    [InlineData(600, 10)]
    public void A_poll_comes_early_and_then_ever_later_up_to_a_cap(int waited, double seconds) =>
        Backoff.Poll(TimeSpan.FromSeconds(waited)).ShouldBe(TimeSpan.FromSeconds(seconds), tolerance: TimeSpan.FromMilliseconds(1));

    [Fact]
    public void One_machine_asks_at_another_time_than_the_next()
    {
        var jitters = Enumerable.Range(0, 500).Select(_ => Backoff.PollJitter()).ToArray();

        jitters.ShouldAllBe(j => j >= 0.85 && j <= 1.15);
        jitters.ShouldContain(j => j < 0.95);
        jitters.ShouldContain(j => j > 1.05);
    }

    [Fact]
    public void What_the_server_asks_for_counts_where_it_is_longer()
    {
        Backoff.Repeat(0, TimeSpan.FromMinutes(5)).ShouldBe(TimeSpan.FromMinutes(5));
        Backoff.Repeat(6, TimeSpan.FromSeconds(1)).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_open_gate_lets_pass_at_once()
    {
        var time = new FakeTime();

        await PassAsync(new RateLimitGate(time), time);

        time.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_closed_gate_holds_back_everybody_until_its_time()
    {
        var time = new FakeTime();
        var gate = new RateLimitGate(time);
        gate.CloseFor(TimeSpan.FromSeconds(10), s_refusal);
        var first = PassAsync(gate, time);
        time.Advance(TimeSpan.FromSeconds(5));
        var second = PassAsync(gate, time);

        time.Advance(TimeSpan.FromSeconds(4.9));
        (first.IsCompleted || second.IsCompleted).ShouldBeFalse();

        time.Advance(TimeSpan.FromSeconds(0.1));
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(10, 3, 10)]
    [InlineData(3, 10, 10)]
    public async Task The_longest_closing_counts(int one, int other, int seconds)
    {
        var time = new FakeTime();
        var gate = new RateLimitGate(time);
        gate.CloseFor(TimeSpan.FromSeconds(one), s_refusal);
        var waiting = PassAsync(gate, time);
        gate.CloseFor(TimeSpan.FromSeconds(other), s_refusal);

        time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        waiting.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Who_waits_at_the_gate_can_be_stopped()
    {
        var time = new FakeTime();
        var gate = new RateLimitGate(time);
        gate.CloseFor(TimeSpan.FromSeconds(10), s_refusal);
        using var stop = new CancellationTokenSource();
        var waiting = PassAsync(gate, time, stop.Token);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        time.Waiting.ShouldBe(0);
    }

    private static Task PassAsync(RateLimitGate gate, TimeProvider time, CancellationToken stop = default) =>
        gate.PassAsync(Guid.NewGuid(), new TimeLimit(time, span: null, stop));

    private static List<TimeSpan> Sample(Func<TimeSpan> wait) => [.. Enumerable.Range(0, 500).Select(_ => wait())];
}
