using GridServices.Testing;
using NodaTime;

namespace GridServices.Hosting.Tests.Testing;

/// <summary>The fixtures that every other test stands on.</summary>
public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Timers_fire_in_the_order_they_are_due_at_their_own_moment()
    {
        var time = new ManualTimeProvider(Instant.FromUnixTimeSeconds(0));
        var fired = new List<string>();
        using var late = time.CreateTimer(_ => fired.Add($"late@{time.Now.ToUnixTimeSeconds()}"), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = time.CreateTimer(_ => fired.Add($"often@{time.Now.ToUnixTimeSeconds()}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        time.Advance(Duration.FromSeconds(6));
        Assert.Equal(["often@2", "often@4", "late@5", "often@6"], fired);
        Assert.Equal(Instant.FromUnixTimeSeconds(6), time.Now);
        Assert.Equal(TimeSpan.FromSeconds(6), time.GetElapsedTime(0));
    }

    [Fact]
    public async Task Delays_end_when_their_time_has_come_and_not_before()
    {
        var time = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromMinutes(1), time);
        time.Advance(Duration.FromSeconds(59));
        Assert.False(delay.IsCompleted);
        time.Advance(Duration.FromSeconds(1));
        await delay.WaitAsync(Until.Ceiling);
        Assert.Equal(0, time.Waiting);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_does_not_move_timers()
    {
        var time = new ManualTimeProvider();
        var fired = false;
        using var timer = time.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
        time.JumpTo(time.Now + Duration.FromHours(1));
        Assert.False(fired);
        var clock = new FakeClock(time);
        clock.Advance(Duration.FromSeconds(10));
        Assert.True(fired);
        Assert.Equal(time.Now, clock.GetCurrentInstant());
    }
}
