using GridServices.Operations.Service.Compliance;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Compliance;

public sealed class RecordedLookTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 15, 0);

    [Fact]
    public void The_same_limits_go_on_from_look_to_look()
    {
        var first = RecordedSample.After(null, "60 kW", Start);
        var second = RecordedSample.After(first, "60 kW", Start + Duration.FromSeconds(15));
        Assert.Equal((Start, Start + Duration.FromSeconds(45)), (second.From, second.Until));
        Assert.Equal(Start + Duration.FromSeconds(30), RecordedSample.After(second, "20 kW", Start + Duration.FromSeconds(30)).From);
    }

    [Fact]
    public void Over_a_time_in_which_nobody_looked_nothing_is_known()
    {
        var first = RecordedSample.After(null, "60 kW", Start);
        var late = RecordedSample.After(first, "60 kW", Start + Duration.FromMinutes(10));
        Assert.Equal(Start + Duration.FromMinutes(10), late.From);
        Assert.True(first.Until < late.From);
        Assert.Equal(Start - Duration.FromMinutes(10), RecordedSample.After(first, "60 kW", Start - Duration.FromMinutes(10)).From);
    }
}
