using GridServices.Hosting.Telemetry;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Hosting.Tests.Telemetry;

public sealed class LogThrottleTests
{
    [Fact]
    public void One_line_of_a_kind_per_interval_with_the_count_of_the_others()
    {
        var time = new ManualTimeProvider();
        var quiet = new LogThrottle(time, TimeSpan.FromSeconds(10));
        Assert.True(quiet.MayWrite("full", out var heldBack));
        Assert.Equal(0, heldBack);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.False(quiet.MayWrite("full", out _));
        }

        Assert.True(quiet.MayWrite("away", out _));
        time.Advance(Duration.FromSeconds(10));
        Assert.True(quiet.MayWrite("full", out heldBack));
        Assert.Equal(5_000, heldBack);
    }
}
