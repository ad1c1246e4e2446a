using GridServices.Hosting.Telemetry;
using NodaTime;

namespace GridServices.Hosting.Tests.Telemetry;

public sealed class DateHeaderSkewTests
{
    [Theory]
    [InlineData(0.4, 0)]
    [InlineData(-1, 0)]
    [InlineData(1.5, 1.5)]
    [InlineData(-90, -90)]
    public void What_the_header_can_not_tell_apart_is_no_skew(double seconds, double shown) =>
        Assert.Equal(shown, DateHeaderSkew.Seconds(Duration.FromSeconds(seconds)));
}
