using GridServices.Adapters.Lines;
using GridServices.Contracts;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Lines;

public sealed class LimitLineTests
{
    [Fact]
    public void Nobody_states_anything_and_all_is_known_then_there_is_no_limit() => Assert.Null(LimitLine.From(View(known: true), Quantity.ImportLimitW, Rules).At(Now).Watts);

    [Fact]
    public void Nobody_states_anything_and_not_all_is_known_then_fail_safe_holds()
    {
        var line = LimitLine.From(View(known: false, (60, Import(9_000)), (60, EffectiveLimits.None)), Quantity.ImportLimitW, Rules);
        Assert.Equal([9_000, 7_000], line.Steps.Select(s => s.Watts));
        Assert.Equal(LimitLine.Failsafe, line.Steps[1].By);
        Assert.Equal(500, LimitLine.From(View(known: false), Quantity.ProductionW, Rules).At(Now).Watts);
    }

    [Theory]
    [InlineData(Quantity.ConsumptionW, 7_000)]
    [InlineData(Quantity.ProductionW, 500)]
    [InlineData(Quantity.ImportLimitW, 7_000)]
    [InlineData(Quantity.ChargeLimitW, 11_000)]
    public void What_is_stated_of_one_part_hides_no_part_that_is_not_known(Quantity quantity, long watts)
    {
        var limits = new EffectiveLimits
        {
            ChargeLimitW = Bound(11_000L),
            DischargeLimitW = Bound(11_000L),
            PerPhase = new EffectivePhases { L1 = new EffectivePhase { ImportLimitA = Bound(100m) } },
        };
        var step = LimitLine.From(View(known: false, (60, limits)), quantity, Rules).At(Now);
        Assert.Equal((watts, watts != 11_000), (step.Watts, step.By == LimitLine.Failsafe));
        Assert.NotEqual(LimitLine.Failsafe, LimitLine.From(View(known: true, (60, limits)), quantity, Rules).At(Now).By);
    }

    [Fact]
    public void Disconnected_is_nothing_of_anything()
    {
        var view = View(known: true, (60, new EffectiveLimits { Connect = Bound(false), ImportLimitW = Bound(9_000L) }));
        Assert.All(Enum.GetValues<Quantity>(), quantity => Assert.Equal(0, LimitLine.From(view, quantity, Rules).At(Now).Watts));
    }

    [Fact]
    public void A_limit_of_one_phase_counts_as_if_all_lay_on_it_rounded_towards_zero()
    {
        var view = View(known: true, (60, new EffectiveLimits { PerPhase = new EffectivePhases { L3 = new EffectivePhase { ImportLimitA = Bound(16.001m) } } }));
        Assert.Equal(3_312, LimitLine.From(view, Quantity.ImportLimitW, Rules with { PowerFactor = 1 }).At(Now).Watts);
        Assert.Equal(2_980, LimitLine.From(view, Quantity.ImportLimitW, Rules).At(Now).Watts);
        Assert.Null(LimitLine.From(view, Quantity.ExportLimitW, Rules).At(Now).Watts);
    }

    // 160 A of one leg of a 120 V net, of which nobody said that it is one: 120 V less 10 % would carry 15,552 W.
    [Fact]
    public void Where_nobody_says_what_voltage_a_phase_has_it_is_the_lowest_of_any_net()
    {
        var view = View(known: true, (60, Phases(l1: 160, l2: 160, l3: null)));
        Assert.Equal(12_960, LimitLine.From(view, Quantity.ImportLimitW, new SiteRules { FailsafeImportW = 0, FailsafeExportW = 0 }).At(Now).Watts);
    }

    [Theory]
    [InlineData(1, 63, 63, 63, 11_736)]
    [InlineData(3, 63, 63, 63, 35_210)]
    [InlineData(2, 63, 63, null, 23_473)]
    [InlineData(3, 63, 63, 16, 8_942)]
    [InlineData(3, null, null, 0, 0)]
    public void A_peer_that_loads_phases_alike_is_told_so_many_times_the_least_of_them(int phases, int? l1, int? l2, int? l3, long watts)
    {
        var view = View(known: true, (60, Phases(l1, l2, l3)));
        Assert.Equal(watts, LimitLine.From(view, Quantity.ConsumptionW, Rules with { Phases = phases }).At(Now).Watts);
    }

    private static EffectiveLimits Phases(int? l1, int? l2, int? l3) => new() { PerPhase = new EffectivePhases { L1 = Phase(l1), L2 = Phase(l2), L3 = Phase(l3) } };

    private static EffectivePhase? Phase(int? amperes) => amperes is { } a ? new EffectivePhase { ImportLimitA = Bound((decimal)a) } : null;

    [Fact]
    public void Equal_neighbours_are_one_step()
    {
        var same = Import(9_000);
        var line = LimitLine.From(View(known: true, (60, same with { ExportLimitW = Bound(1L) }), (60, same), (60, Import(0))), Quantity.ImportLimitW, Rules);
        Assert.Equal([9_000, 0], line.Steps.Select(s => s.Watts));
        Assert.Null(line.Steps[^1].Until);
    }

    [Fact]
    public void Limits_of_the_beginning_are_told_as_fail_safe()
    {
        var limit = new Bound<long>(4_200, new Binding("init", string.Empty, Guid.Empty, Tier.Contractual));
        Assert.Equal(LimitLine.Failsafe, LimitLine.From(View(known: false, (60, new EffectiveLimits { ImportLimitW = limit })), Quantity.ImportLimitW, Rules).At(Now).By);
    }
}
