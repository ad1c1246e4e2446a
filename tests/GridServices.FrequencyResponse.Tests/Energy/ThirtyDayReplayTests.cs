using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Energy;

/// <summary>Thirty days at one sample in five seconds: the store never falls short of what the contract asks at the start of a settlement period.</summary>
public sealed class ThirtyDayReplayTests
{
    private const double Mwh = 1_000_000;
    private const int Period = 1800;
    private const int Step = 5;

    [Theory]
    [InlineData(4.0, "GB-DRL", "GB-DRH")]
    [InlineData(1.0, "GB-DCL", "GB-DCH")]
    [InlineData(2.6, "GB-DCL", "GB-DML", "GB-DMH")]
    public void AStoreWithAMarginHoldsTheRequirementAtEveryPeriod(double capacityMwh, params string[] services)
    {
        var (shortages, _, moved) = Replay(capacityMwh, services);
        Assert.Equal(0, shortages);
        Assert.True(moved > 1 * Mwh, $"{moved} Wh moved: the replay proves nothing");
    }

    /// <summary>
    /// Without one it falls short only by what happened in the last three periods, or while it already recovers as fast as it may: a new block
    /// asks for the whole volume at once, and an order takes effect two periods after it is made.
    /// </summary>
    [Theory]
    [InlineData(3.0, "GB-DRL", "GB-DRH")]
    [InlineData(1.5, "GB-DCL", "GB-DML", "GB-DMH")]
    public void ATightStoreFallsShortOnlyWhereRecoveryWasNotPossible(double capacityMwh, params string[] services)
    {
        var (shortages, avoidable, _) = Replay(capacityMwh, services);
        Assert.Equal(0, avoidable);
        Assert.True(shortages < 0.03 * 30 * 48, $"{shortages} periods");
    }

    private static (int Shortages, int Avoidable, double MovedWh) Replay(double capacityMwh, string[] services)
    {
        var rules = new EnergyRules
        {
            CapacityWh = capacityMwh * Mwh,
            Scheme = EnergyScheme.GreatBritain,
            SubmitsBaseline = true,
            ChargeEfficiency = 0.94,
            DischargeEfficiency = 0.94,
            TelemetryAgeNanos = long.MaxValue / 16,
        };
        var rig = new ControllerRig(ControllerRig.Settings([.. services.Select(Contract)]) with { Energy = rules });
        rig.Site(SiteConditions.Unbound with { EnergyWh = capacityMwh * Mwh / 2, EnergyAtNanos = rig.Now });
        var grid = new GridFrequency(11);
        var (shortages, avoidable, moved) = (0, 0, 0.0);
        var held = new List<double> { capacityMwh * Mwh / 2, capacityMwh * Mwh / 2, capacityMwh * Mwh / 2 };
        for (var second = 0; second < 30 * 24 * 3600; second += Step)
        {
            rig.Advance(Step);
            var baseline = rig.Out.BaselineW;
            rig.Take(grid.Next());
            moved += Math.Abs(rig.Out.ResponseW) * Step / 3600;
            if (second % Period == 0 && second > 0)
            {
                bool Short(double wh) => wh + (0.001 * Mwh) < rig.State.RaiseRequirement.RequiredWh
                    || rules.CapacityWh - wh + (0.001 * Mwh) < rig.State.LowerRequirement.RequiredWh;

                shortages += Short(rig.Out.EnergyWh) ? 1 : 0;
                avoidable += Short(rig.Out.EnergyWh) && Short(held[^3]) && !Full(services, baseline) ? 1 : 0;
                held.Add(rig.Out.EnergyWh);
            }
        }

        return (shortages, avoidable, moved);
    }

    /// <summary>The baseline wins back as much as the reserved capacity allows.</summary>
    private static bool Full(string[] services, double baselineW)
    {
        var sold = services.Select(s => ServiceCatalog.BuiltIn.Find(s)!).ToList();
        var import = sold.Where(s => s.Direction == ResponseDirection.Raise).Sum(s => s.ReservedCapacity!.Value) * 1e6;
        var export = sold.Where(s => s.Direction == ResponseDirection.Lower).Sum(s => s.ReservedCapacity!.Value) * 1e6;
        return baselineW <= -import + 1 || baselineW >= export - 1;
    }

    /// <summary>Four-hour blocks on end, each of its own contract window, as they are sold.</summary>
    private static ServiceContract Contract(string service) => ControllerRig.Contract(service) with
    {
        Windows = Wire.ValueList.Create<Interval>(Enumerable.Range(0, 31 * 6)
            .Select(i => new Interval(ControllerRig.Noon + Duration.FromHours(4 * i), ControllerRig.Noon + Duration.FromHours(4 * (i + 1)))).ToArray()),
    };

    /// <summary>
    /// A frequency like Great Britain's: a slow wander (standard deviation 60 mHz, ten minutes) with an event of some hundred mHz a day.
    /// Made of integers' arithmetic and square roots only, so that it is the same everywhere.
    /// </summary>
    private sealed class GridFrequency(int seed)
    {
        private readonly Random _random = new(seed);
        private double _wander;
        private double _event;

        public double Next()
        {
            var noise = 0.0;
            for (var i = 0; i < 4; i++)
            {
                noise += _random.NextDouble() - 0.5;
            }

            _wander += (-_wander * Step / 600) + (noise * 0.06 * Math.Sqrt(2.0 * Step / 600) * Math.Sqrt(3));
            _event = _random.Next(86_400 / Step) == 0 ? (_random.Next(2) == 0 ? -0.35 : 0.25) : _event * (1 - (0.005 * Step));
            return Math.Round(50 + _wander + _event, 5);
        }
    }
}
