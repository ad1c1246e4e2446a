using GridServices.FrequencyResponse.Service.Recording;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class TargetThrottleTests
{
    private const long Millisecond = 1_000_000;
    private readonly TargetThrottle _throttle = new(100_000);

    [Fact]
    public void A_fifth_is_told_at_once_but_ten_times_a_second_at_most()
    {
        Assert.True(Tell(20_000, 0));
        Assert.False(Tell(40_000, 99));
        Assert.True(Tell(40_000, 100));
        Assert.False(Tell(59_999, 200));
    }

    [Fact]
    public void A_twentieth_is_told_once_a_second()
    {
        Assert.True(Tell(20_000, 0));
        Assert.False(Tell(25_000, 999));
        Assert.False(Tell(24_999, 1_000));
        Assert.True(Tell(25_000, 1_001));
    }

    [Fact]
    public void What_stays_is_told_again_before_it_lapses()
    {
        Assert.True(Tell(20_000, 0));
        Assert.False(Tell(20_000, 14_999));
        Assert.True(Tell(20_000, 15_000));
    }

    [Fact]
    public void Without_an_activation_only_its_begin_and_end_are_told()
    {
        Assert.False(_throttle.TryAcquire(90_000, 0, activated: false, must: false));
        Assert.True(_throttle.TryAcquire(0, 1, activated: false, must: true));
        Assert.False(_throttle.TryAcquire(0, 60_000 * Millisecond, activated: false, must: false));
    }

    private bool Tell(long watts, long milliseconds) => _throttle.TryAcquire(watts, milliseconds * Millisecond, activated: true, must: false);
}
