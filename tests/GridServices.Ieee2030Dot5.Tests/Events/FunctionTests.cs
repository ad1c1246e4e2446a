using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>Autonomous functions of Rule 21: what a control sets of them reaches the site, for what its controller declared and nothing else.</summary>
public sealed class FunctionTests
{
    private static readonly DerCurve VoltVar = new()
    {
        MRid = "C1",
        CurveType = 11,
        Points = [new(920, 4400, null), new(980, 0, null), new(1020, 0, null), new(1080, -4400, null)],
        XMultiplier = -1,
        YMultiplier = -2,
        YRefType = 2,
        OpenLoopTms = 500,
        VRef = 10_000,
    };

    private static Utility Declaring(params FunctionKind[] functions)
    {
        var utility = new Utility().Program("DERP1", 1);
        utility.Config = utility.Config with { Functions = functions };
        return utility;
    }

    private static DerControlBase Curve(DerCurve? curve = null, string mode = "opModVoltVar") => new() { Curves = [new CurveLink(mode, "/derp/1/dc/1") { Curve = curve ?? VoltVar }] };

    private static IReadOnlyList<FunctionSetting> Set(Utility utility) =>
        [.. EffectiveEnvelope.Merge("site-1", utility.Live, utility.Time).Targets.SelectMany(t => t.Functions ?? []).Where(f => f.From <= utility.Time).Select(f => f.Function)];

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void Of_two_controls_the_ramp_is_that_of_the_one_that_begins(long inS)
    {
        // CSIP-AUS ALL-25
        var utility = Declaring();
        utility.Default("DERP1", Say.Limits(import: 9_000), setGradW: 27);
        utility.Control("A", "DERP1", 0, 600, Say.Limits(load: 5_000));
        utility.Control("B", "DERP1", inS, 300, Say.Limits(generation: 0) with { RampTms = 30_000 });
        utility.Control("C", "DERP1", 400, 100, Say.Limits(export: 0));
        utility.Read(0);
        Assert.Equal((300m, null), (RampAt(utility, inS)?.Seconds, RampAt(utility, 400)?.Seconds));
        Assert.NotNull(RampAt(utility, 400)?.PercentPerS);

        // The passing of time changes no ramp.
        var published = utility.Publications;
        utility.Pass(inS + 10).Pass(410);
        Assert.Equal(published, utility.Publications);
    }

    [Fact]
    public void A_ramp_of_a_set_point_is_told_to_people()
    {
        var utility = Declaring();
        utility.Control("A", "DERP1", 0, 600, new DerControlBase { OpModTargetW = Say.W(1_000), RampTms = 30_000 });
        utility.Read(0).Read(60);
        Assert.Contains("rampTms", Assert.Single(utility.Notes, n => n.Class == ErrorClass.SemanticNumber).Text, StringComparison.Ordinal);
    }

    private static Ramp? RampAt(Utility utility, long atS) =>
        utility.Live.SelectMany(e => e.Segments).FirstOrDefault(s => s.From <= Utility.At(atS) && !(s.Until <= Utility.At(atS)))?.Ramp;

    [Fact]
    public void A_curve_reaches_the_site_in_the_contracts_units_while_its_control_lasts()
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 10, 60, Curve());
        utility.Read(0);
        Assert.Empty(Set(utility));

        utility.Read(10);
        var set = Assert.Single(Set(utility));
        Assert.Equal(FunctionKind.VoltVar, set.Kind);
        Assert.Equal([new(92m, 44m), new(98m, 0m), new(102m, 0m), new(108m, -44m)], set.Curve!);
        Assert.Equal((PercentBase.MaxVar, 5m, 100m), (set.PercentOf, set.OpenLoopS, set.VRefPercent));

        utility.Read(70);
        Assert.Empty(Set(utility));
        Assert.Equal(["0 VV 1", "10 VV 2", "70 VV 3"], utility.Said);
    }

    [Fact]
    public void What_the_controller_did_not_declare_is_answered_as_not_supported()
    {
        var utility = Declaring(FunctionKind.VoltWatt);
        utility.Control("VV", "DERP1", 0, 60, Curve());
        utility.Control("PF", "DERP1", 0, 60, new DerControlBase { OpModFixedPFInjectW = new(95, false, -2) });
        utility.Read(0);
        Assert.Empty(Set(utility));
        Assert.Equal(["0 PF 252", "0 VV 252"], utility.Said.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_a_control_with_limits_too_the_limits_are_carried_out_and_the_rest_is_told()
    {
        var utility = Declaring();
        utility.Control("BOTH", "DERP1", 0, 60, Curve() with { OpModGenLimW = Say.W(1000) });
        utility.Read(0);
        Assert.Equal(1000, utility.Limits().GenerationLimitW);
        Assert.Contains(utility.Notes, n => n.Text.Contains("opModVoltVar", StringComparison.Ordinal) && n.Text.Contains("not carried out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stronger_program_supersedes_function_by_function()
    {
        var utility = Declaring(FunctionKind.VoltVar, FunctionKind.FixedVar, FunctionKind.FixedPowerFactorInject).Program("DERP2", 0);
        utility.Control("WEAK", "DERP1", 0, 100, Curve() with { OpModFixedVar = new(2, 1000) });
        utility.Control("STRONG", "DERP2", 20, 40, new DerControlBase { OpModFixedVar = new(2, -2500), OpModFixedPFInjectW = new(95, true, -2) });
        utility.Read(0).Read(20);
        var set = Set(utility).ToDictionary(f => f.Kind);
        Assert.Equal(-25m, set[FunctionKind.FixedVar].Value);
        Assert.NotNull(set[FunctionKind.VoltVar].Curve);
        Assert.Equal((0.95m, (bool?)false), (set[FunctionKind.FixedPowerFactorInject].Value, set[FunctionKind.FixedPowerFactorInject].OverExcited));
    }

    [Fact]
    public void A_curve_that_changes_is_followed_although_its_control_is_the_same()
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 0, 600, Curve());
        utility.Read(0);
        utility.Change("VV", c => c with { Base = Curve(VoltVar with { Points = [new(900, 3000, null), new(1100, -3000, null)] }) });
        utility.Read(60);
        Assert.Equal([new(90m, 30m), new(110m, -30m)], Assert.Single(Set(utility)).Curve!);
        Assert.DoesNotContain(utility.Notes, n => n.Class == ErrorClass.SeqConflict);
    }

    [Fact]
    public void A_curve_that_can_no_longer_be_read_or_believed_leaves_the_last_good_one_in_force()
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 0, 600, Curve());
        utility.Read(0);
        foreach (var (at, worse) in new (long, DerCurve?)[] { (60, null), (120, VoltVar with { CurveType = 12 }), (180, VoltVar with { Points = [] }) })
        {
            utility.Change("VV", c => c with { Base = c.Base with { Curves = [new CurveLink("opModVoltVar", "/derp/1/dc/1") { Curve = worse }] } });
            utility.Read(at);
            Assert.Equal(4, Assert.Single(Set(utility)).Curve!.Count);
        }
    }

    [Fact]
    public void A_control_whose_curve_was_never_read_sets_nothing_until_it_is()
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 0, 600, new DerControlBase { Curves = [new CurveLink("opModVoltVar", "/derp/1/dc/1")] });
        utility.Read(0);
        Assert.Empty(Set(utility));
        Assert.Contains(utility.Notes, n => n.Text.Contains("/derp/1/dc/1", StringComparison.Ordinal));

        utility.Change("VV", c => c with { Base = Curve() });
        utility.Read(30);
        Assert.Single(Set(utility));
    }

    [Theory]
    [InlineData(12, 4, "type")]
    [InlineData(11, 0, "points")]
    [InlineData(11, 11, "points")]
    public void A_curve_that_cannot_be_meant_refuses_the_control(byte type, int points, string said)
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 0, 60, Curve(VoltVar with { CurveType = type, Points = [.. Enumerable.Range(0, points).Select(i => new CurvePoint(900 + i, 0, null))] }));
        utility.Read(0);
        Assert.Empty(Set(utility));
        Assert.Equal(["0 VV 253"], utility.Said);
        Assert.Contains(utility.Notes, n => n.Text.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Points_that_descend_refuse_and_ride_through_may_step()
    {
        var utility = Declaring(FunctionKind.VoltVar, FunctionKind.LowVoltageMustTrip);
        utility.Control("VV", "DERP1", 0, 60, Curve(VoltVar with { Points = [new(980, 0, null), new(920, 0, null)] }));
        utility.Control("LV", "DERP1", 0, 60, Curve(VoltVar with { CurveType = 10, Points = [new(16, 4500, null), new(1000, 4500, null), new(1000, 7000, null)], XMultiplier = -2 }, "opModLVRTMustTrip"));
        utility.Read(0);
        Assert.Contains("0 VV 253", utility.Said);
        Assert.Equal([new(0.16m, 45m), new(10m, 45m), new(10m, 70m)], Assert.Single(Set(utility)).Curve!);
    }

    [Fact]
    public void Droop_is_a_function_where_the_equipment_does_it_itself_and_a_target_where_not()
    {
        var droop = new DerControlBase { OpModFreqDroop = new(36, 36, 50, 40, 50) };
        var byItself = Declaring(FunctionKind.FrequencyDroop);
        byItself.Control("FD", "DERP1", 0, 60, droop);
        byItself.Read(0);
        var set = Assert.Single(Set(byItself));
        Assert.Equal(new FrequencyDroop(0.036m, 0.036m, 0.05m, 0.04m), set.Droop);
        Assert.Equal(0.5m, set.OpenLoopS);
        Assert.All(byItself.Live, e => Assert.Empty(e.Targets));

        var asked = Declaring();
        asked.Control("FD", "DERP1", 0, 60, droop);
        asked.Read(0);
        Assert.Empty(Set(asked));
        Assert.Contains(asked.Live, e => e.Targets.Count > 0);
    }

    [Fact]
    public void The_default_sets_what_no_control_does_and_how_to_come_back_to_the_grid()
    {
        var utility = Declaring(FunctionKind.FixedVar, FunctionKind.EnterService);
        utility.Default("DERP1", new DerControlBase { OpModFixedVar = new(3, 500) });
        utility.ChangeDefault("DERP1", d => d with { SetEsDelay = 30_000, SetEsHighVolt = 10_500, SetEsLowFreq = 5950, SetEsRampTms = 30_000 });
        utility.Read(0);
        var set = Set(utility).ToDictionary(f => f.Kind);
        Assert.Equal((5m, PercentBase.AvailableVar), (set[FunctionKind.FixedVar].Value, set[FunctionKind.FixedVar].PercentOf));
        Assert.Equal(new EnterService { DelayS = 300, HighVoltagePercent = 105, LowHz = 59.5m, RampS = 300 }, set[FunctionKind.EnterService].EnterService);

        var nothing = Declaring();
        nothing.Default("DERP1", Say.Limits(export: 1000));
        nothing.ChangeDefault("DERP1", d => d with { SetEsDelay = 30_000 });
        nothing.Read(0);
        Assert.Empty(Set(nothing));
        Assert.Contains(nothing.Notes, n => n.Text.Contains("setES", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(-128, 0)]
    [InlineData(0, 127)]
    public void A_multiplier_beyond_all_sense_refuses_the_control_and_nothing_else(int x, int y)
    {
        var utility = Declaring(FunctionKind.VoltVar);
        utility.Control("VV", "DERP1", 0, 60, Curve(VoltVar with { XMultiplier = x, YMultiplier = y }));
        utility.Control("LIMIT", "DERP1", 0, 60, Say.Limits(generation: 1000));
        utility.Read(0);
        Assert.Contains("0 VV 253", utility.Said);
        Assert.Equal(1000, utility.Limits().GenerationLimitW);
    }

    [Fact]
    public void The_greatest_and_the_least_numbers_of_the_wire_cost_no_limit_beside_them()
    {
        var utility = Declaring(Enum.GetValues<FunctionKind>());
        var curve = VoltVar with
        {
            OpenLoopTms = ushort.MaxValue,
            RampDecTms = ushort.MaxValue,
            RampIncTms = ushort.MaxValue,
            RampPt1Tms = ushort.MaxValue,
            VRef = ushort.MaxValue,
            AutonomousVRefEnable = true,
            AutonomousVRefTimeConstant = uint.MaxValue,
            YRefType = 255,
        };
        utility.Default("DERP1", Curve(curve) with
        {
            OpModFixedVar = new(9, -10_000),
            OpModTargetVar = new(short.MinValue, 4),
            OpModFixedPFAbsorbW = new(1, false, -12),
            OpModFreqDroop = new(10_000, 0, 400, 1, ushort.MaxValue),
            RampTms = ushort.MaxValue,
            OpModGenLimW = Say.W(1000),
        });
        utility.ChangeDefault("DERP1", d => d with
        {
            SetEsDelay = uint.MaxValue,
            SetEsRandomDelay = uint.MaxValue,
            SetEsRampTms = uint.MaxValue,
            SetEsLowVolt = short.MinValue,
            SetEsHighVolt = short.MaxValue,
            SetEsLowFreq = ushort.MaxValue,
            SetEsHighFreq = 0,
            SetGradW = ushort.MaxValue,
            SetSoftGradW = ushort.MaxValue,
        });
        utility.Read(0);
        Assert.Equal(1000, utility.Limits().GenerationLimitW);
        Assert.Equal(6, Set(utility).Count);
    }

    [Fact]
    public void The_ramp_of_a_control_comes_before_that_of_the_default()
    {
        var utility = Declaring();
        utility.Default("DERP1", Say.Limits(export: 1500), setGradW: 27);
        utility.Control("SLOW", "DERP1", 60, 60, Say.Limits(export: 500) with { RampTms = 3000 });
        utility.Read(0);
        Assert.Equal(new Contracts.Functions.Ramp { PercentPerS = 0.277778m }, RampNow(utility));
        utility.Read(60);
        Assert.Equal(new Contracts.Functions.Ramp { Seconds = 30 }, RampNow(utility));
    }

    private static Contracts.Functions.Ramp? RampNow(Utility utility) =>
        EffectiveEnvelope.Merge("site-1", utility.Live, utility.Time).Targets.SelectMany(t => t.Ramps ?? []).FirstOrDefault(r => r.From <= utility.Time)?.Ramp;
}
