using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Publishing;

/// <summary>Energy that is won back through a submitted baseline: what the market is told, and what the site is told ahead.</summary>
public sealed class BaselinePlanTests
{
    private const double Mwh = 1e6;
    private const long Second = 1_000_000_000;
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly Duration Gate = Duration.FromMinutes(65);

    [Fact]
    public void What_was_delivered_is_won_back_in_a_period_whose_gate_is_still_ahead()
    {
        var (state, at) = AfterDelivery(submits: true);
        var told = BaselinePlan.Compute(Spec(submits: true), state, at, at + Duration.FromHours(4));
        var moved = told.Where(p => p.RecoveryW != 0).ToList();

        // Raising is discharging: it is won back by charging, + = import.
        Assert.NotEmpty(moved);
        Assert.All(moved, p => Assert.True(p.IsFinal && p.RecoveryW > 0 && p.BaselineW == p.RecoveryW, p.ToString()));
        Assert.True(moved[0].From - at >= Gate - Duration.FromMinutes(1), $"decided {moved[0].From - at} ahead");
        Assert.All(told.Where(p => !p.IsFinal), p => Assert.Equal(0, p.BaselineW));
        Assert.Equal(moved, BaselinePlan.Moves(Spec(submits: true), state, at));
    }

    [Fact]
    public void The_site_is_told_ahead_in_a_segment_of_its_own()
    {
        var (state, at) = AfterDelivery(submits: true);
        var spec = Spec(submits: true);
        var moves = BaselinePlan.Moves(spec, state, at);
        var targets = PoolTargets.Setpoints(spec, spec.Contracts[0], null, at, moves);
        foreach (var move in moves)
        {
            var segment = Assert.Single(targets, t => t.From == move.From);
            Assert.Equal((move.Until, move.BaselineW), (segment.Until!.Value, segment.TargetW!.Value));
        }

        // Without a gap and without an overlap, and the contract's own baseline everywhere else.
        Assert.All(targets.Zip(targets.Skip(1)), pair => Assert.Equal(pair.First.Until, pair.Second.From));
        Assert.All(targets.Where(t => moves.All(m => m.From != t.From)), t => Assert.Equal(0, t.TargetW));
    }

    [Fact]
    public void What_nobody_submits_is_not_moved()
    {
        var (state, at) = AfterDelivery(submits: false);
        Assert.All(BaselinePlan.Compute(Spec(submits: false), state, at, at + Duration.FromHours(4)), p => Assert.Equal((0, 0), (p.BaselineW, p.RecoveryW)));
        Assert.Empty(BaselinePlan.Moves(Spec(submits: false), state, at));
    }

    /// <summary>Twenty minutes of a low frequency, then until just after a gate.</summary>
    private static (ControllerState State, Instant At) AfterDelivery(bool submits)
    {
        var config = Spec(submits).Config;
        var now = 1000 * Second;
        var state = default(ControllerState).With(SiteConditions.Unbound with { EnergyWh = 1.25 * Mwh, EnergyAtNanos = now });
        for (var second = 0; second <= 25 * 60; second++)
        {
            now += Second;
            var sample = (FrequencySample?)new FrequencySample((second < 20 * 60 ? 49.8 : 50) + (second % 2 * 1e-9), double.NaN, double.NaN, now, 0, SampleQuality.Good, 0);
            state = FrequencyController.Step(config, in state, in sample, now, Noon + Duration.FromSeconds(second)).State;
        }

        return (state, Noon + Duration.FromMinutes(25));
    }

    private static PoolSpec Spec(bool submits)
    {
        var settings = new ContractSettings
        {
            SiteId = "site-1",
            Windows = [new ArmingWindow(Noon - Duration.FromHours(1), null)],
            Assets = ["ess"],
            Sources = ["meter"],
            SubmitsBaseline = submits,
        };
        var contract = new PoolContract("c1", settings, ServiceCatalog.BuiltIn.Find("GB-DRL")!, 1_000_000);
        var build = ControllerConfig.Build(new ControllerSettings
        {
            Sources = [new SourceConfig { Name = "meter", PeriodNanos = Second }],
            Contracts = ValueList.Create<ServiceContract>([PoolParts.Contract(contract)]),
            Energy = new EnergyRules { CapacityWh = 2.5 * Mwh, Scheme = EnergyScheme.GreatBritain, SubmitsBaseline = submits, TelemetryAgeNanos = long.MaxValue / 16 },
        });
        return new PoolSpec(new EntryId("default", "ess"), "site-1", [contract], [], ["meter"], build.Config ?? throw new InvalidOperationException(string.Join("; ", build.Faults)), new AllocationRules(), 0);
    }
}
