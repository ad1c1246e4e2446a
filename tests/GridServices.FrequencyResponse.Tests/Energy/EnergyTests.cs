using GridServices.FrequencyResponse.Energy;

namespace GridServices.FrequencyResponse.Tests.Energy;

public sealed class EnergyTests
{
    private const double Mwh = 1_000_000;

    [Fact]
    public void TheSoeRequirementIsThatOfTheServiceTerms()
    {
        foreach (var example in FrequencyData.Json("open/gb_soe_requirement.json").GetProperty("cases").EnumerateArray())
        {
            var requirement = new SoeRequirement(example.Double("rev_MWh"));
            var delivered = example.Numbers("delivered_MWh");
            var expected = example.Numbers("requirement_MWh");
            for (var period = 0; period < expected.Length; period++)
            {
                Assert.Equal(expected[period], requirement.RequiredWh, 1e-9);
                requirement.EndPeriod(delivered[period]);
            }
        }
    }

    [Fact]
    public void AnEmptyStoreGivesNothingMoreAndAFullOneTakesNothingMore()
    {
        var rig = Rig(new EnergyRules { CapacityWh = Mwh, FloorWh = 0.1 * Mwh }, 0.1 * Mwh);
        rig.Feed(49.8, 1);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Energy));
        rig.Feed(50.2, 1);
        Assert.Equal(-1e6, rig.Out.PowerW, 1);

        var full = Rig(new EnergyRules { CapacityWh = Mwh }, Mwh);
        full.Feed(50.2, 1);
        Assert.Equal(0, full.Out.PowerW);
    }

    [Fact]
    public void TheStoreRunsOutGracefully()
    {
        var rig = Rig(new EnergyRules { CapacityWh = Mwh }, 0.01 * Mwh);
        rig.Feed(49.8, 1);
        Assert.Equal(1e6, rig.Out.PowerW, 1);
        var before = rig.Out.PowerW;
        for (var i = 0; i < 600; i++)
        {
            rig.Feed(49.8, 0.1);
            Assert.True(before - rig.Out.PowerW < 0.02e6, $"{before} W, then {rig.Out.PowerW} W");
            before = rig.Out.PowerW;
        }

        Assert.True(rig.Out.EnergyWh >= 0);
        Assert.InRange(rig.Out.PowerW, 0, 0.1e6);
    }

    [Fact]
    public void TheEstimateGoesOnFromTelemetryByWhatWasCommanded()
    {
        var rig = Rig(new EnergyRules { CapacityWh = Mwh, ChargeEfficiency = 0.9, DischargeEfficiency = 0.8 }, 0.5 * Mwh);
        rig.Feed(49.8, 36);
        Assert.Equal((0.5 * Mwh) - (1e6 * 36 / 3600 / 0.8), rig.Out.EnergyWh, 50.0);
        rig.Site(rig.State.Site with { EnergyWh = 0.5 * Mwh, EnergyAtNanos = rig.Now });
        rig.Feed(50.2, 36);
        Assert.Equal((0.5 * Mwh) + (1e6 * 36 / 3600 * 0.9), rig.Out.EnergyWh, 600.0);
    }

    [Fact]
    public void AFullBatteryBesideChargersStopsNoCharger()
    {
        var rig = Rig(new EnergyRules { CapacityWh = Mwh, WholePool = false }, Mwh);
        rig.Site(rig.State.Site with { BaselineW = -100_000 });
        rig.Feed(50.05, 1);
        Assert.Equal(-350_000, rig.Out.PowerW, 1);
        Assert.Equal(Mwh, rig.Out.EnergyWh);
    }

    [Fact]
    public void WithoutTelemetryTheEnergyIsCalledUnknown()
    {
        var rig = Rig(new EnergyRules { CapacityWh = Mwh }, double.NaN);
        rig.Feed(49.9, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.EnergyUnknown));
        Assert.True(double.IsNaN(rig.Out.EnergyWh));
        Assert.Equal(0.5e6, rig.Out.PowerW, 1);
    }

    [Fact]
    public void BritishRecoveryIsOrderedTwoPeriodsAheadAndRampedAtTheContractsRate()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-DRL")) with
        {
            Energy = new EnergyRules { CapacityWh = 2.5 * Mwh, Scheme = EnergyScheme.GreatBritain, SubmitsBaseline = true, TelemetryAgeNanos = long.MaxValue / 16 },
        });
        rig.Site(SiteConditions.Unbound with { EnergyWh = 1.25 * Mwh, EnergyAtNanos = rig.Now });
        rig.Feed(49.8, 1200, 1);
        Assert.Equal(0, rig.Out.BaselineW);
        rig.Feed(50, 600 + 3600 - 60, 1);
        Assert.Equal(0, rig.Out.BaselineW);

        // A third of an hour at 1 MW was delivered; 40 % of 1 MW is kept free to win it back, at 5 % a minute.
        rig.Feed(50, 120, 1);
        Assert.InRange(rig.Out.BaselineW, -0.1e6, -0.04e6);
        rig.Feed(50, 600, 1);
        Assert.Equal(-0.4e6, rig.Out.BaselineW, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Recovering));

        // What is on order is not ordered again: the store comes back to its goal and not beyond.
        rig.Feed(50, 4 * 3600, 1);
        Assert.Equal(1.25 * Mwh, rig.Out.EnergyWh, 0.05 * Mwh);
        Assert.Equal(0, rig.Out.BaselineW, 0.03e6);
    }

    [Fact]
    public void WhatNobodySubmitsMovesNoBaseline()
    {
        var rig = British(2.5 * Mwh, 1.25 * Mwh, submits: false);
        rig.Feed(49.8, 1200, 1);
        rig.Feed(50, 4 * 3600, 1);
        Assert.Equal(0, rig.Out.BaselineW);
        Assert.All(rig.State.PlannedShifts(), s => Assert.Equal(0, s.ShiftW));
    }

    [Fact]
    public void AMoveOfTheBaselineIsDecidedSixtyFiveMinutesAheadAndNeverChangedAfter()
    {
        var rig = British(2.5 * Mwh, 1.25 * Mwh, submits: true);
        var planned = new Dictionary<long, double>();
        for (var second = 0; second < 6 * 3600; second++)
        {
            rig.Feed(second is > 600 and < 2400 or > 9000 and < 9600 ? 49.85 : 50, 1, 1);
            var now = rig.Wall.ToUnixTimeTicks() * 100;
            foreach (var shift in rig.State.PlannedShifts().Where(s => s.ShiftW != 0))
            {
                if (planned.TryAdd(shift.FromUnixNanos, shift.ShiftW))
                {
                    Assert.True(shift.FromUnixNanos - now >= 65L * 60 * ControllerRig.Second, $"{(shift.FromUnixNanos - now) / 6e10} min");
                }

                Assert.Equal(planned[shift.FromUnixNanos], shift.ShiftW);
            }
        }

        Assert.NotEmpty(planned);
    }

    [Theory]
    [InlineData(0.2, 0.1, true)]
    [InlineData(2.5, 0.2, true)]
    [InlineData(2.5, 1.25, false)]
    public void AStoreBelowItsRequirementIsShortAlsoWhereItCanNeverHoldIt(double capacityMwh, double storedMwh, bool isShort)
    {
        // GB-DCL, 1 MW for 15 minutes: 0.25 MWh are required. Response Service Terms 6.11.
        var rig = British(capacityMwh * Mwh, storedMwh * Mwh, submits: false, "GB-DCL");
        rig.Feed(50, 60, 1);
        Assert.Equal(isShort, rig.Out.Reasons.HasFlag(ControlReasons.RaiseEnergyShort));
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.LowerEnergyShort));
    }

    private static ControllerRig British(double capacityWh, double storedWh, bool submits, string service = "GB-DRL")
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(service)) with
        {
            Energy = new EnergyRules { CapacityWh = capacityWh, Scheme = EnergyScheme.GreatBritain, SubmitsBaseline = submits, TelemetryAgeNanos = long.MaxValue / 16 },
        });
        return rig.Site(SiteConditions.Unbound with { EnergyWh = storedWh, EnergyAtNanos = rig.Now });
    }

    [Fact]
    public void NordicNemMovesTheBaselineWhileTheFrequencyIsNormalOnly()
    {
        var rig = Nordic("NORDIC-FCR-N", EnergyScheme.NordicNormal, 0.49 * Mwh);
        rig.Feed(50, 400, 1);
        Assert.Equal(-0.34e6, rig.Out.BaselineW, 1);
        rig.Feed(49.85, 150, 1);
        Assert.Equal(-0.17e6, rig.Out.BaselineW, 0.01e6);
        rig.Feed(49.85, 200, 1);
        Assert.Equal(0, rig.Out.BaselineW, 1);

        var full = Nordic("NORDIC-FCR-N", EnergyScheme.NordicNormal, 1.6 * Mwh);
        full.Feed(50, 400, 1);
        Assert.Equal(0.34e6, full.Out.BaselineW, 1);
    }

    [Theory]
    [InlineData(0.2501, false)]
    [InlineData(0.2499, true)]
    public void NordicNemBeginsAtTheSharedThreshold(double soc, bool on)
    {
        // E = 2 MWh, C = 1 MW: enabled below 0.25, disabled above 0.479.
        var rig = Nordic("NORDIC-FCR-N", EnergyScheme.NordicNormal, soc * 2 * Mwh);
        rig.Feed(50, 100, 1);
        Assert.Equal(on, rig.Out.BaselineW < -1);
    }

    [Fact]
    public void NordicAemFollowsOnlyTheDeviationFromTheMeanOnceTheStoreIsNearlyOut()
    {
        // C·5 min = 0.0833 MWh: 4.2 % of 2 MWh.
        var rig = Nordic("NORDIC-FCR-N", EnergyScheme.NordicNormal, 0.12 * Mwh);
        rig.Feed(49.9, 100, 1);
        Assert.Equal(1, rig.Service.Pu, 1e-6);
        rig.Feed(49.9, 100, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Exhausting));
        Assert.InRange(rig.Service.Pu, 0.3, 0.7);
        rig.Feed(49.9, 300, 1);
        Assert.Equal(0, rig.Service.Pu, 0.01);
        Assert.True(rig.Out.EnergyWh > 0);
        rig.Feed(49.88, 1, 1);
        Assert.Equal(0.2, rig.Service.Pu, 0.02);
    }

    private static ControllerRig Nordic(string service, EnergyScheme scheme, double wh)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract(service)) with
        {
            Sources = [ControllerRig.Meter(ControllerRig.Second)],
            Energy = new EnergyRules { CapacityWh = 2 * Mwh, Scheme = scheme, TelemetryAgeNanos = long.MaxValue / 16 },
        };
        var rig = new ControllerRig(settings);
        return rig.Site(SiteConditions.Unbound with { EnergyWh = wh, EnergyAtNanos = rig.Now });
    }

    private static ControllerRig Rig(EnergyRules rules, double wh)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { Energy = rules });
        return rig.Site(SiteConditions.Unbound with { EnergyWh = wh, EnergyAtNanos = rig.Now });
    }
}
