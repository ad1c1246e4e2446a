using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Ocpp;

namespace GridServices.Adapters.Tests.Ocpp;

public sealed class StationAllocatorTests
{
    private static readonly ChargingStation Three = new() { Id = "three", MaxA = 32, HighestVolts = 230 };
    private static readonly ChargingStation One = new() { Id = "one", Phases = 1, MaxA = 16, HighestVolts = 230 };

    // 6 A on three phases of 230 V are 4,140 W, on one 1,380 W.
    [Theory]
    [InlineData(20_000, "9660 9660")]
    [InlineData(8_279, "7590 0")]
    [InlineData(8_280, "4140 4140")]
    [InlineData(4_139, "0 0")]
    [InlineData(0, "0 0")]
    [InlineData(1_000_000, "22080 22080")]
    public void Nobody_is_told_less_than_he_can_charge_with(long watts, string shares) =>
        Assert.Equal(shares, string.Join(' ', StationAllocator.Divide(watts, [Three, Three with { Id = "other" }])));

    [Fact]
    public void What_a_small_one_cannot_draw_goes_to_the_others() =>
        Assert.Equal([3_680, 15_870], StationAllocator.Divide(20_000, [One, Three]));

    [Fact]
    public void Twice_the_weight_is_twice_the_power_and_the_lightest_goes_without_first()
    {
        Assert.Equal([5_520, 11_730], StationAllocator.Divide(18_000, [Three, Three with { Weight = 2 }]));
        Assert.Equal([0, 6_900], StationAllocator.Divide(7_000, [Three, Three with { Weight = 2 }]));
    }

    [Fact]
    public void A_station_that_takes_watts_is_told_every_one_of_them()
    {
        var watts = Three with { Unit = ChargingRateUnit.W };
        Assert.Equal([9_999], StationAllocator.Divide(9_999, [watts]));
        Assert.Equal((9_999, 14), (watts.ToLimit(9_999), Three.ToLimit(Three.Step(9_999))));
    }

    [Fact]
    public void Together_never_more_and_each_within_what_it_can() => Prop.ForAll(
        (from watts in Gen.Choose(0, 200_000) from stations in SomeStations.Any select (watts, stations)).ToArbitrary(),
        c =>
        {
            var shares = StationAllocator.Divide(c.watts, c.stations);
            return shares.Sum() <= c.watts && shares.Zip(c.stations).All(x => x.First == 0 || (x.First >= x.Second.MinW && x.First <= x.Second.MaxW))
                && shares.Zip(c.stations).All(x => x.Second.Step(x.First) == x.First && x.Second.ToLimit(x.First) >= 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_limit_that_all_can_use_leaves_nobody_without() => Prop.ForAll(SomeStations.Any.ToArbitrary(), stations =>
        StationAllocator.Divide(stations.Sum(s => s.MaxW), stations).Zip(stations).All(x => x.First == x.Second.Step(x.Second.MaxW))).QuickCheckThrowOnFailure();
}
