using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Session;

/// <summary>A machine whose wall clock, monotonic clock and time since boot the test moves apart.</summary>
public sealed class SessionClockTests
{
    private readonly ManualTimeProvider awake = new(T0);
    private readonly FakeClock wall = new(T0);
    private Duration? boot = Duration.FromDays(3);

    [Fact]
    public void Sleep_counts_as_time()
    {
        var clock = new SessionClock(wall, awake, () => boot);
        Passes(Duration.FromSeconds(10), Duration.Zero);
        Assert.Equal(new Moment(T0 + Duration.FromSeconds(10), Duration.FromSeconds(10)), clock.Now);

        Passes(Duration.FromSeconds(5), Duration.FromHours(1));
        Assert.Equal(Duration.FromSeconds(3_615), clock.Now.Monotonic);

        Passes(Duration.FromSeconds(5), Duration.FromMinutes(1));
        Assert.Equal(Duration.FromSeconds(3_680), clock.Now.Monotonic);
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    public void A_wall_clock_that_is_set_is_no_time(int byS)
    {
        var clock = new SessionClock(wall, awake, () => boot);
        wall.Time.JumpTo(T0 + Duration.FromSeconds(byS));
        Passes(Duration.FromSeconds(10), Duration.Zero);
        Assert.Equal(new Moment(T0 + Duration.FromSeconds(byS + 10), Duration.FromSeconds(10)), clock.Now);
    }

    [Fact]
    public void Where_the_time_since_boot_is_not_told_the_monotonic_clock_is_as_it_is()
    {
        boot = null;
        var clock = new SessionClock(wall, awake, () => boot);
        Passes(Duration.FromSeconds(10), Duration.FromHours(1));
        Assert.Equal(Duration.FromSeconds(10), clock.Now.Monotonic);
    }

    [Fact]
    public void The_systems_time_since_its_start_is_read_where_there_is_one() =>
        Assert.Equal(OperatingSystem.IsLinux(), SessionClock.SinceBoot() > Duration.Zero);

    // Who hands in the system's own time by name means the same as who hands in none.
    [Fact]
    public void The_systems_time_counts_sleep_whether_it_is_named_or_not()
    {
        var told = SessionClock.SinceBoot() is not null;
        Assert.Equal((told, told, false), (SessionClock.Create(null, null).CountsSleep, SessionClock.Create(null, TimeProvider.System).CountsSleep, SessionClock.Create(wall, awake).CountsSleep));
    }

    private void Passes(Duration inAll, Duration asleep)
    {
        awake.Advance(inAll);
        wall.Advance(inAll + asleep);
        boot += inAll + asleep;
    }
}
