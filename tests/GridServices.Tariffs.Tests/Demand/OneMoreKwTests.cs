using GridServices.Tariffs.Demand;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

/// <summary>What one more kW costs until the window ends: the share of the window that is left, at the price of the peak.</summary>
public sealed class OneMoreKwTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);

    [Theory]
    [InlineData(0, 15)]
    [InlineData(5, 10)]
    [InlineData(14, 1)]
    public void It_is_the_share_of_the_window_that_is_left(int minute, int price) =>
        Assert.Equal(price * 2, State(new Headroom(90, 90, false, 0)).OneMoreKw(Start + Duration.FromMinutes(minute)));

    [Fact]
    public void Nothing_is_said_where_nothing_is_to_pay_or_the_window_is_over()
    {
        Assert.Null(State(null).OneMoreKw(Start));
        Assert.Null(State(new Headroom(90, 90, false, 0)).OneMoreKw(Start + Duration.FromMinutes(15)));
    }

    /// <summary>12 a kW, a quarter on top, remembered twice: 30 for the whole quarter-hour.</summary>
    private static DemandState State(Headroom? headroom) => new()
    {
        AsOf = Start,
        Charge = "demand",
        Period = "all",
        WindowStart = Start,
        WindowEnd = Start + Duration.FromMinutes(15),
        EnergyInWindowKwh = 0,
        UnknownSeconds = 0,
        PeakToDateKw = 0,
        FloorKw = 0,
        TargetKw = 100,
        MarginalPrice = 12,
        OnTopFactor = 1.25m,
        HorizonFactor = 2,
        NextReset = Start,
        Headroom = headroom,
    };
}
