using GridServices.EnvelopeHub.Service.Retention;
using GridServices.Testing;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Retention;

/// <summary>What is deleted by a clock that was set ahead never comes back: such a clock has to stand for a day first.</summary>
public sealed class SettledClockTests
{
    private static readonly Instant Start = Some.Evening;
    private readonly ManualTimeProvider _steady = new(Start);
    private readonly Wall _wall = new(Start);
    private readonly SettledClock _clock;

    public SettledClockTests() => _clock = new SettledClock(_wall, _steady);

    [Fact]
    public void One_that_was_set_ahead_for_ten_minutes_is_not_believed_and_time_goes_on()
    {
        Assert.Equal(Start, _clock.Now(Start));
        Pass(Duration.FromMinutes(10), jump: Duration.FromDays(41));
        Assert.Equal(Start + Duration.FromMinutes(10), _clock.Now(Start));
        Pass(Duration.FromMinutes(10), jump: -Duration.FromDays(41));
        Assert.Equal(Start + Duration.FromMinutes(20), _clock.Now(Start));
    }

    [Fact]
    public void One_that_stands_for_a_day_is_believed_and_one_that_was_set_back_at_once()
    {
        _clock.Now(Start);
        Pass(Duration.FromMinutes(10), jump: Duration.FromDays(41));
        _clock.Now(Start);
        Pass(Duration.FromDays(1), jump: Duration.Zero);
        Assert.Equal(_wall.Now, _clock.Now(Start));
        Pass(Duration.FromMinutes(10), jump: -Duration.FromDays(3));
        Assert.Equal(_wall.Now, _clock.Now(Start));
    }

    [Theory]
    [InlineData(23, true)]
    [InlineData(48, false)]
    public void Before_the_first_look_the_newest_that_is_stored_tells_how_late_it_can_be(int hoursOff, bool believed)
    {
        var now = _clock.Now(Start - Duration.FromHours(hoursOff));
        Assert.Equal(believed ? Start : Start - Duration.FromHours(hoursOff - 24), now);
    }

    private void Pass(Duration time, Duration jump)
    {
        _steady.Advance(time);
        _wall.Now += time + jump;
    }

    private sealed class Wall(Instant now) : IClock
    {
        public Instant Now { get; set; } = now;

        public Instant GetCurrentInstant() => Now;
    }
}
