using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

public sealed class AllocationPlanTests
{
    [Fact]
    public void ABatteryTakesWhatTheStepsLeaveOver()
    {
        var (assets, telemetry) = TestAssets.Chargers(4, 16);
        var battery = TestAssets.Battery(0, 20_000);
        var plan = AllocationPlan.Build([.. assets, battery], [.. telemetry, battery.At(0)], new AllocationRules(), TestAssets.Now);
        Span<int> setpoints = stackalloc int[5];
        for (var total = plan.FloorW; total <= plan.CeilingW; total += 997)
        {
            Assert.Equal(new AllocationResult(total, 0), plan.Allocate(total, setpoints));
            Assert.Equal(total, Sum(setpoints));
        }
    }

    [Fact]
    public void ChargersAreGivenWholeAmpsFromSixUpOrNothing()
    {
        var (assets, telemetry) = TestAssets.Chargers(5, 16);
        var plan = AllocationPlan.Build(assets, telemetry, new AllocationRules(), TestAssets.Now);
        Span<int> setpoints = stackalloc int[5];
        for (var total = plan.FloorW - 5000; total <= plan.CeilingW + 5000; total += 333)
        {
            plan.Allocate(total, setpoints);
            foreach (var watts in setpoints)
            {
                Assert.True(watts == 0 || (watts % 690 == 0 && -watts / 690 is >= 6 and <= 32), $"{watts} W");
            }
        }

        Assert.Equal(-5 * 32 * 690, plan.FloorW);
        Assert.Equal(0, plan.CeilingW);
    }

    [Theory]
    [InlineData(20, 16, 14)]
    [InlineData(50, 10, 14)]
    [InlineData(14, 32, 7)]
    public void APoolOfChargersAloneStaysInsideTheCornersOfTheRule(int count, int amps, int steps)
    {
        var (assets, telemetry) = TestAssets.Chargers(count, amps);
        var contracted = count * amps * 690L;
        var rules = new AllocationRules { ContractedRaiseW = contracted, MinSteps = steps };
        var plan = AllocationPlan.Build(assets, telemetry, rules, TestAssets.Now);
        Assert.Empty(plan.Shortcomings);
        var setpoints = new int[count];
        var seen = new HashSet<long>();
        var memory = default(AllocationMemory);
        for (var sweep = 0; sweep <= 400; sweep++)
        {
            var response = contracted * (sweep <= 200 ? sweep : 400 - sweep) / 200;
            var given = plan.Allocate(plan.BaseW + response, setpoints, ref memory).GivenW - plan.BaseW;
            Assert.InRange((given - response) / (double)contracted, -0.05, 0.10);
            seen.Add(given);
        }

        Assert.True(seen.Count > steps, $"{seen.Count} steps");
    }

    [Fact]
    public void APoolWithTooFewStepsIsToldSoAndABatteryMendsIt()
    {
        var (assets, telemetry) = TestAssets.Chargers(3, 6);
        var rules = new AllocationRules { ContractedRaiseW = 3 * 6 * 690, MinSteps = 7 };
        var plan = AllocationPlan.Build(assets, telemetry, rules, TestAssets.Now);
        Assert.Contains(plan.Shortcomings, s => s.Contains("3 steps upwards, the service asks for 7", StringComparison.Ordinal));
        Assert.Contains(plan.Shortcomings, s => s.Contains("the largest step upwards is 4140 W", StringComparison.Ordinal));

        var battery = TestAssets.Battery(0, 5000);
        Assert.Empty(AllocationPlan.Build([.. assets, battery], [.. telemetry, battery.At(0)], rules, TestAssets.Now).Shortcomings);
    }

    [Fact]
    public void AContractBeyondThePoolsReachIsTold()
    {
        var battery = TestAssets.Battery(0, 50_000);
        var plan = AllocationPlan.Build([battery], [battery.At(0)], new AllocationRules { ContractedLowerW = 60_000 }, TestAssets.Now);
        Assert.Contains("reaches 50000 W downwards, 60000 W are contracted", Assert.Single(plan.Shortcomings), StringComparison.Ordinal);
    }

    [Fact]
    public void BatteriesShareByHeadroom()
    {
        AssetCapability[] assets = [TestAssets.Battery(0, 10_000), TestAssets.Battery(1, 30_000)];
        var plan = AllocationPlan.Build(assets, [assets[0].At(0), assets[1].At(0)], new AllocationRules(), TestAssets.Now);
        Span<int> setpoints = stackalloc int[2];
        plan.Allocate(20_000, setpoints);
        Assert.Equal([5_000, 15_000], setpoints.ToArray());
        plan.Allocate(-40_000, setpoints);
        Assert.Equal([-10_000, -30_000], setpoints.ToArray());
    }

    [Fact]
    public void EnvelopesOfTheAssetComeFirst()
    {
        var battery = TestAssets.Battery(0, 50_000);
        var plan = AllocationPlan.Build([battery], [battery.At(0) with { FloorW = -8_000, CeilingW = 0 }], new AllocationRules(), TestAssets.Now);
        Assert.Equal((-8_000, 0), (plan.FloorW, plan.CeilingW));
        Span<int> setpoints = stackalloc int[1];
        Assert.Equal(30_000, plan.Allocate(30_000, setpoints).ShortfallW);
        Assert.Equal(0, setpoints[0]);
    }

    [Fact]
    public void AnEmptyStoreInjectsNothingAndAFullOneDrawsNothing()
    {
        var battery = TestAssets.Battery(0, 50_000);
        var empty = battery.At(0) with { EnergyWh = 5_000, CapacityWh = 100_000, NeededWh = 5_000 };
        var full = battery.At(0) with { EnergyWh = 100_000, CapacityWh = 100_000 };
        Assert.Equal(0, AllocationPlan.Build([battery], [empty], new AllocationRules(), TestAssets.Now).CeilingW);
        Assert.Equal(0, AllocationPlan.Build([battery], [full], new AllocationRules(), TestAssets.Now).FloorW);
    }

    [Fact]
    public void AVehicleThatStillNeedsItsEnergyIsNotCut()
    {
        var charger = TestAssets.Charger(0);
        var needy = charger.At(-16 * 690) with { EnergyWh = 10_000, CapacityWh = 60_000, NeededWh = 40_000 };
        Assert.Equal(-16 * 690, AllocationPlan.Build([charger], [needy], new AllocationRules(), TestAssets.Now).CeilingW);
    }

    [Fact]
    public void AChargerStaysOnAndOffForItsShortestTimes()
    {
        var charger = TestAssets.Charger(0) with { MinOnNanos = 60 * TestAssets.Second, MinOffNanos = 60 * TestAssets.Second };
        var lately = TestAssets.Now - (10 * TestAssets.Second);
        Span<int> setpoints = stackalloc int[1];

        var on = AllocationPlan.Build([charger], [charger.At(-16 * 690) with { SwitchedNanos = lately }], new AllocationRules(), TestAssets.Now);
        on.Allocate(0, setpoints);
        Assert.Equal(-6 * 690, setpoints[0]);

        var off = AllocationPlan.Build(
            [charger], [charger.At(-16 * 690) with { LastCommandW = 0, SwitchedNanos = lately }], new AllocationRules(), TestAssets.Now);
        off.Allocate(-16 * 690, setpoints);
        Assert.Equal(0, setpoints[0]);

        var free = AllocationPlan.Build([charger], [charger.At(-16 * 690) with { SwitchedNanos = 0 }], new AllocationRules(), TestAssets.Now);
        free.Allocate(0, setpoints);
        Assert.Equal(0, setpoints[0]);
    }

    [Fact]
    public void AnUnavailableAssetIsCalculatedWithAsItIs()
    {
        AssetCapability[] assets = [TestAssets.Charger(0), TestAssets.Battery(1, 20_000)];
        var plan = AllocationPlan.Build(
            assets, [assets[0].At(-7_000) with { Available = false }, assets[1].At(0)], new AllocationRules(), TestAssets.Now);
        Span<int> setpoints = stackalloc int[2];
        Assert.Equal(0, plan.Allocate(0, setpoints).ShortfallW);
        Assert.Equal([-7_000, 7_000], setpoints.ToArray());
    }

    [Fact]
    public void VehiclesStepThroughOffIntoInjection()
    {
        var vehicle = TestAssets.Vehicle(0);
        var plan = AllocationPlan.Build([vehicle], [vehicle.At(-8 * 690)], new AllocationRules(), TestAssets.Now);
        Span<int> setpoints = stackalloc int[1];
        var seen = new List<int>();
        for (var total = plan.FloorW; total <= plan.CeilingW; total += 10)
        {
            plan.Allocate(total, setpoints);
            if (seen.Count == 0 || seen[^1] != setpoints[0])
            {
                seen.Add(setpoints[0]);
            }
        }

        int[] amps = [.. Enumerable.Range(6, 11).Reverse().Select(a => -a), 0, .. Enumerable.Range(6, 11)];
        Assert.Equal(amps.Select(a => a * 690), seen);
    }

    /// <summary>Half a step of 690 W peak to peak is what a hysteresis of a quarter step holds.</summary>
    [Fact]
    public void ATotalThatDithersMovesNobodyToAndFro()
    {
        var (assets, telemetry) = TestAssets.Chargers(10, 16);
        var battery = TestAssets.Battery(0, 5_000);
        var plan = AllocationPlan.Build([.. assets, battery], [.. telemetry, battery.At(0)], new AllocationRules(), TestAssets.Now);
        var setpoints = new int[11];
        var memory = default(AllocationMemory);
        plan.Allocate(plan.BaseW + 30_170, setpoints, ref memory);
        plan.Allocate(plan.BaseW + 29_830, setpoints, ref memory);
        var chargers = setpoints[..10];
        for (var i = 0; i < 500; i++)
        {
            plan.Allocate(plan.BaseW + 30_000 + (i % 2 == 0 ? 170 : -170), setpoints, ref memory);
            Assert.Equal(chargers, setpoints[..10]);
        }

        // The next plan, built from the same telemetry, goes on where this one stood.
        var again = AllocationPlan.Build([.. assets, battery], [.. telemetry, battery.At(0)], new AllocationRules(), TestAssets.Now + TestAssets.Second);
        again.Allocate(plan.BaseW + 30_100, setpoints, ref memory);
        Assert.Equal(chargers, setpoints[..10]);
    }

    [Theory]
    [InlineData(600, 1_380)]
    [InlineData(1_400, 1_380)]
    [InlineData(3_000, 4_140)]
    [InlineData(4_200, 4_140)]
    [InlineData(5_000, 5_520)]
    public void ChargersOfUnequalSizeAreChosenSoThatTheSumComesNear(long wanted, long given)
    {
        AssetCapability[] assets = [TestAssets.Charger(0, Phases.L1), TestAssets.Charger(1)];
        var plan = AllocationPlan.Build(assets, [assets[0].At(-6 * 230), assets[1].At(-6 * 690)], new AllocationRules(), TestAssets.Now);
        Assert.Equal(given, plan.Allocate(plan.BaseW + wanted, stackalloc int[2]).GivenW - plan.BaseW);
    }

    /// <summary>A three-phase charger begins with 4,140 W; what lies below that is met within one of its steps of an amp.</summary>
    [Fact]
    public void SmallChargersFillWhatLargeOnesSkip()
    {
        AssetCapability[] assets = [.. Enumerable.Range(0, 4).Select(i => TestAssets.Charger(i)), .. Enumerable.Range(4, 6).Select(i => TestAssets.Charger(i, (Phases)(1 << (i % 3))))];
        AssetTelemetry[] telemetry = [.. assets.Select(a => a.At(0))];
        var rules = new AllocationRules { ContractedLowerW = 20_000 };
        var plan = AllocationPlan.Build(assets, telemetry, rules, TestAssets.Now);
        var (setpoints, worst) = (new int[assets.Length], 0L);
        for (var size = 1_400; size <= 20_000; size += 7)
        {
            var result = plan.Allocate(plan.BaseW - size, setpoints);
            Assert.Equal(result.GivenW, setpoints.Sum(w => (long)w));
            worst = Math.Max(worst, Math.Abs(result.ShortfallW));
        }

        Assert.InRange(worst, 0, 690);

        // So the pool is admitted; its large chargers alone, whose first step nothing fills, are not.
        Assert.Empty(plan.Shortcomings);
        Assert.Contains(AllocationPlan.Build(assets[..4], telemetry[..4], rules, TestAssets.Now).Shortcomings, s => s.Contains("largest step downwards is 4140 W", StringComparison.Ordinal));
    }

    [Fact]
    public void ListsThatDoNotGoTogetherAreRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => AllocationPlan.Build([TestAssets.Charger(0)], [], new AllocationRules(), TestAssets.Now));
        Assert.Contains("1 assets and 0 telemetry items", refused.Message, StringComparison.Ordinal);
    }

    private static long Sum(ReadOnlySpan<int> setpoints)
    {
        var sum = 0L;
        foreach (var watts in setpoints)
        {
            sum += watts;
        }

        return sum;
    }
}
