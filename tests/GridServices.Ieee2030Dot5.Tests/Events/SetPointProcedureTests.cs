using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>DRD-01, DRG-01, DRL-01, DRA-02, STO-03 and STO-06: what is asked, beside what is allowed.</summary>
public sealed class SetPointProcedureTests
{
    // DRD-01, DRL-01: load; DRG-01: generation. Contract: + = import.
    [Theory]
    [InlineData(-7_500, 3_750)]
    [InlineData(-5_000, 2_500)]
    [InlineData(-1, 0)]
    [InlineData(-10_000, 5_000)]
    [InlineData(7_500, -3_750)]
    [InlineData(5_000, -2_500)]
    [InlineData(0, 0)]
    [InlineData(10_000, -5_000)]
    public void Drd_01_drg_01_drl_01_fixed_power_is_a_signed_percentage_of_the_nameplate(int hundredths, long targetW)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("DERC1", "DERP1", 60, 60, new DerControlBase { OpModFixedW = hundredths });
        utility.Read(0).Pass(60);
        Assert.Equal(targetW, utility.SetPoint());
        Assert.Equal(Limits.None, utility.Limits());
        utility.Pass(120);
        Assert.Null(utility.SetPoint());
        Assert.Equal(["0 DERC1 1", "60 DERC1 2", "120 DERC1 3"], utility.Said);
    }

    [Fact]
    public void Drd_01_charging_percentages_refer_to_the_charge_rate()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Config = utility.Config with { Nameplate = new Nameplate { MaxW = 5_000, MaxChargeW = 3_000 } };
        utility.Control("DERC1", "DERP1", 0, 60, new DerControlBase { OpModFixedW = -5_000 });
        utility.Read(0);
        Assert.Equal(1_500, utility.SetPoint());
    }

    [Fact]
    public void Dra_02_disconnect_and_reconnect_leave_the_set_point_alone()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("DERC1", "DERP1", 0, 60, new DerControlBase { OpModConnect = false });
        utility.Read(0);
        utility.Control("RECONNECT", "DERP1", 60, 60, new DerControlBase { OpModConnect = true });
        utility.Control("DERC2", "DERP1", 120, 60, new DerControlBase { OpModFixedW = -7_500 });
        utility.Read(10);
        Assert.Equal([false, true, null], new[] { 30L, 90, 150 }.Select(s => utility.Limits(s).Connect));
        utility.Pass(121);
        Assert.Equal(3_750, utility.SetPoint());
    }

    [Theory]
    [InlineData(4_000, -4_000)]
    [InlineData(-2_000, 2_000)]
    public void Sto_03_06_a_storage_target_stands_beside_the_export_limit_that_bounds_it(long watts, long targetW)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Config = utility.Config with { StorageTarget = new EnvelopeTarget(TargetKind.Ess, "battery-1") };
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModStorageTargetW = Say.W(watts), OpModExpLimW = Say.W(1_500) });
        utility.Read(0);
        Assert.Equal(1_500, utility.Limits().ExportLimitW);
        var asked = Assert.Single(utility.Live, e => e.Targets.Count > 0);
        Assert.Equal((TargetKind.Ess, targetW), (asked.Target.Kind, asked.Targets[0].TargetW));
    }

    [Fact]
    public void Target_power_is_generation_positive_and_maximum_power_is_a_percentage()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModTargetW = Say.W(1_200), OpModMaxLimW = 3_333 });
        utility.Read(0);
        Assert.Equal(-1_200, utility.SetPoint());
        Assert.Equal(1_666, utility.Limits().GenerationLimitW);
    }

    [Fact]
    public void Droop_is_a_curve_around_the_set_point_that_exports_below_and_imports_above_nominal()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModFreqDroop = new FreqDroop(36, 36, 50, 50, 500), OpModFixedW = 2_000 });
        utility.Read(0);
        var curve = Assert.Single(Assert.Single(utility.Live).Targets).Droop!;
        Assert.Equal([(47.964m, -5_000L), (49.964m, -1_000L), (50.036m, -1_000L), (53.036m, 5_000L)], curve.Select(p => (p.Hz, p.W)));
    }

    [Theory]
    [InlineData(36, 0)]
    [InlineData(36, 60_000)]
    [InlineData(-1, 50)]
    [InlineData(20_000, 50)]
    public void A_droop_nobody_could_mean_is_refused(long deadband, long slope)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModFreqDroop = new FreqDroop(deadband, 36, 50, slope, 500) });
        utility.Read(0);
        Assert.Equal(["0 DERC1 253"], utility.Said);
    }

    [Theory]
    [InlineData(0, 1, 5_000)]
    [InlineData(10_000, 400, 5_000)]
    [InlineData(0, 400, 5_000_000)]
    public void The_steepest_and_the_flattest_droop_are_curves_the_hub_takes(long deadband, long slope, long chargeW)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Config = utility.Config with { Nameplate = new Nameplate { MaxW = 5_000, MaxChargeW = chargeW } };
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModFreqDroop = new FreqDroop(deadband, deadband, slope, slope, 500) });
        utility.Read(0);
        Assert.Null(EnvelopeReader.ReadEnvelope(CanonicalJson.Bytes(Assert.Single(utility.Live))).Problem);
    }

    [Fact]
    public void Percentages_without_a_nameplate_are_answered_as_not_supported()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Config = utility.Config with { Nameplate = new Nameplate() };
        utility.Control("DERC1", "DERP1", 0, 300, new DerControlBase { OpModFixedW = -5_000 });
        utility.Read(0);
        Assert.Equal(["0 DERC1 252"], utility.Said);
        Assert.Empty(utility.Live);
    }

    [Fact]
    public void A_target_that_is_asked_for_again_ends_when_the_control_does()
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Control("A", "DERP1", 0, 60, new DerControlBase { OpModTargetW = Say.W(100) });
        utility.Control("B", "DERP1", 60, 60, new DerControlBase { OpModTargetW = Say.W(200) });
        utility.Read(0);
        var targets = Assert.Single(utility.Live).Targets;
        Assert.Equal([(0, 60, -100), (60, 120, -200)], targets.Select(t => (Seconds(t.From), Seconds(t.Until!.Value), (int)t.TargetW!)));
    }

    private static int Seconds(Instant instant) => (int)(instant - Utility.Zero).TotalSeconds;
}
