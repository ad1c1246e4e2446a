using FsCheck;
using FsCheck.Fluent;
using GridServices.Simulators.SiteController.Model;

namespace GridServices.Client.Tests.Simulators;

public sealed class SiteModelTests
{
    private static readonly SitePlant Plant = SitePlant.Drawing(80_000, null);

    [Fact]
    public void Without_limits_it_draws_what_it_wants() => Assert.InRange(Run(Plant, 60, Allowed.Everything).NetW, 75_000, 88_000);

    [Theory]
    [InlineData(60_000)]
    [InlineData(30_000)]
    [InlineData(20_000)]
    public void An_import_limit_is_kept_within_a_second_and_for_as_long_as_it_holds(long limit)
    {
        var state = Run(Plant, 60, Allowed.Everything);
        for (var s = 0; s < 600; s++)
        {
            state = SiteModel.Step(Plant, state, Allowed.Everything with { ImportW = limit });
            Assert.InRange(state.NetW, 0, limit);
            Assert.Equal(0, state.DeficitW);
        }
    }

    [Fact]
    public void Zero_watts_is_a_limit_and_what_remains_is_the_deficit()
    {
        var state = Run(Plant, 1, Allowed.Everything with { ImportW = 0 }, Run(Plant, 60, Allowed.Everything));
        Assert.All(state.ChargersW, w => Assert.Equal(0, w));
        Assert.Equal(-10_000, state.BatteryW);
        Assert.Equal(state.NetW, state.DeficitW);
        Assert.InRange(state.DeficitW, 4_000, 8_000);
    }

    [Fact]
    public void A_battery_that_is_empty_no_longer_helps_and_the_deficit_says_so()
    {
        var state = Run(Plant, 2 * 3600, Allowed.Everything with { ImportW = 0 });
        Assert.Equal((0L, 0L), (state.BatteryWs, state.BatteryW));
        Assert.Equal(state.BaseW, state.DeficitW);
    }

    [Fact]
    public void Disconnected_means_nothing_flows()
    {
        var state = Run(Plant, 1, Allowed.Everything with { Connected = false }, Run(Plant, 60, Allowed.Everything));
        Assert.Equal((0L, 0L), (state.NetW, state.DeficitW));
    }

    [Fact]
    public void Power_rises_by_the_ramp_only()
    {
        var state = Run(Plant, 60, Allowed.Everything with { ImportW = 0 });
        for (var s = 0; s < 10; s++)
        {
            var next = SiteModel.Step(Plant, state, Allowed.Everything);
            Assert.All(next.ChargersW.Zip(state.ChargersW), w => Assert.InRange(w.First - w.Second, 0, Plant.RampUpWPerS));
            state = next;
        }
    }

    [Fact]
    public void Energy_is_the_sum_of_power()
    {
        var (state, sum) = (SiteModel.Start(Plant), 0m);
        for (var s = 0; s < 3600; s++)
        {
            state = SiteModel.Step(Plant, state, Allowed.Everything with { ImportW = s < 1800 ? 30_000 : null });
            sum += state.NetW;
        }

        Assert.Equal(sum, state.ImportedWs - state.ExportedWs);
    }

    [Fact]
    public void Whatever_is_allowed_limits_are_kept_or_the_deficit_is_exact() => Prop.ForAll(
        (from import in Limit()
         from export in Limit()
         from charge in Limit()
         from discharge in Limit()
         from load in Limit()
         from seconds in Gen.Choose(1, 50)
         select (new Allowed(import, export, charge, discharge, load, true), seconds)).ArrayOf().ToArbitrary(),
        history =>
        {
            var state = SiteModel.Start(Plant);
            foreach (var (allowed, seconds) in history)
            {
                for (var s = 0; s < seconds; s++)
                {
                    state = SiteModel.Step(Plant, state, allowed);
                    var load = state.BaseW + state.ChargersW.Sum();
                    var kept = (allowed.ImportW is not { } i || state.NetW <= i + state.DeficitW) && (allowed.LoadW is not { } l || load <= l + state.DeficitW)
                        && (allowed.ExportW is not { } e || -state.NetW <= e) && (allowed.ChargeW is not { } c || Math.Max(state.BatteryW, 0) <= c)
                        && (allowed.DischargeW is not { } d || -state.BatteryW <= d) && state.BatteryWs >= 0 && state.BatteryWs <= Plant.BatteryCapacityWh * 3600;
                    if (!kept)
                    {
                        return false;
                    }
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static Gen<long?> Limit() => Gen.OneOf(Gen.Constant((long?)null), Gen.Choose(0, 100_000).Select(w => (long?)w), Gen.Constant((long?)0));

    private static SiteState Run(SitePlant plant, int seconds, Allowed allowed, SiteState? from = null)
    {
        var state = from ?? SiteModel.Start(plant);
        for (var s = 0; s < seconds; s++)
        {
            state = SiteModel.Step(plant, state, allowed);
        }

        return state;
    }
}
