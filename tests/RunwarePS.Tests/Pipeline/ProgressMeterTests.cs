using Microsoft.Extensions.Time.Testing;
using RunwarePS.Core.Tests;
using RunwarePS.Pipeline;

namespace RunwarePS.Tests;

public sealed class ProgressMeterTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ProgressMeter _meter;

    public ProgressMeterTests() => _meter = new ProgressMeter(_clock);

    [Fact]
    public void Counting_allocates_nothing()
    {
        var meter = new ProgressMeter(TimeProvider.System);
        var due = Count(10); // compiled before it is measured
        var before = GC.GetAllocatedBytesForCurrentThread();

        due += Count(10_000);

        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
        meter.Status().ShouldContain("5005 done, 0 running, 5005 failed, 25.025 USD");
        due.ShouldBeLessThan(10_010);

        int Count(int pictures)
        {
            var times = 0;
            for (var i = 0; i < pictures; i++)
            {
                meter.Begin();
                times += meter.IsDue ? 1 : 0;
                if (i % 2 == 0)
                {
                    meter.End();
                    meter.Charge(0.005m);
                }
                else
                {
                    meter.Fail();
                }

                times += meter.IsDue ? 1 : 0;
            }

            return times;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_is_shown_at_most_five_times_a_second_however_often_it_is_asked(int records)
    {
        var shown = new List<double>();
        for (var i = 0; i < 10_000; i++)
        {
            _meter.Begin();
            _meter.End();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            if (_meter.IsDue)
            {
                _meter.Shown(records);
                shown.AddRange(Enumerable.Repeat((_clock.GetUtcNow() - _clock.Start).TotalSeconds, records));
            }
        }

        shown.Count.ShouldBeInRange(45, 50);
        shown[0].ShouldBe(0.4, 0.01);
        shown.ShouldAllBe(at => shown.Count(other => other >= at && other < at + 0.999) <= 5 + (records - 1));
    }

    [Fact]
    public void A_run_that_is_over_at_once_is_never_shown()
    {
        _meter.Begin();
        _clock.Advance(TimeSpan.FromMilliseconds(399));

        _meter.IsDue.ShouldBeFalse();
    }

    [Fact]
    public void As_long_as_more_may_come_the_rest_is_unknown()
    {
        Begin(10);
        End(4);
        _clock.Advance(TimeSpan.FromSeconds(8));

        _meter.Percent(last: null).ShouldBe(-1);
        _meter.SecondsLeft.ShouldBe(-1);

        _meter.Close();

        _meter.Percent(last: null).ShouldBe(40);
        _meter.SecondsLeft.ShouldBe(12);
    }

    [Fact]
    public void The_only_one_in_work_counts_by_how_far_it_is()
    {
        Begin(2);
        _meter.Close();
        _meter.Percent(50).ShouldBe(0);
        End(1);
        _meter.Percent(50).ShouldBe(75);
        End(1);
        _meter.Percent(50).ShouldBe(100);
        _meter.SecondsLeft.ShouldBe(-1);
    }

    [Fact]
    public void What_failed_is_over_too()
    {
        Begin(4);
        _meter.Fail();
        End(1);
        _meter.Close();
        _clock.Advance(TimeSpan.FromSeconds(10));

        _meter.Percent(last: null).ShouldBe(50);
        _meter.SecondsLeft.ShouldBe(10);
        _meter.InWork.ShouldBe(2);
    }

    [Theory]
    [InlineData(10, 5, "10 done, 0 running, 1.67 USD, 2/s")]
    [InlineData(10, 3, "10 done, 0 running, 1.67 USD, 3.3/s")]
    [InlineData(3, 60, "3 done, 0 running, 0.501 USD, 3/min")]
    [InlineData(1, 90, "1 done, 0 running, 0.167 USD, 0.7/min")]
    public void The_status_reports_cost_and_speed(int pictures, int seconds, string expected)
    {
        using var german = new GermanCulture();
        Begin(pictures);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        for (var i = 0; i < pictures; i++)
        {
            _meter.End();
            _meter.Charge(0.167m);
        }

        _meter.Status().ShouldBe(expected);
    }

    [Fact]
    public void The_status_of_a_beginning_has_no_speed()
    {
        Begin(5);
        _meter.Fail();

        _meter.Status().ShouldBe("0 done, 4 running, 1 failed");
    }

    [Fact]
    public void A_record_that_never_began_has_failed_and_reports_nothing_of_speed()
    {
        Begin(4);
        End(2);
        _meter.Refuse();
        _meter.Close();
        _clock.Advance(TimeSpan.FromSeconds(10));

        _meter.Status().ShouldBe("2 done, 2 running, 1 failed, 12/min");
        _meter.Percent(last: null).ShouldBe(60);
        _meter.SecondsLeft.ShouldBe(10);
    }

    [Fact]
    public void A_cost_that_is_not_known_is_reported_and_is_not_nothing()
    {
        Begin(2);
        _meter.Charge(cost: null);
        _meter.Status().ShouldBe("0 done, 2 running, cost unknown");
        _meter.Charge(0.25m);
        _meter.Charge(cost: null);
        _meter.Status().ShouldBe("0 done, 2 running, 0.25 USD + 2 unknown");
    }

    private void Begin(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _meter.Begin();
        }
    }

    private void End(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _meter.End();
        }
    }
}
