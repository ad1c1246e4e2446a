using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>The public CSIP-AUS control procedures as they concern the schedule: what holds when, and what is answered.</summary>
public sealed class ControlProcedureTests
{
    private static Utility One(int? setGradW = 27)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Default("DERP1", Say.Limits(0, 0), setGradW);
        return utility;
    }

    [Fact]
    public void All_11_energize_false_takes_the_site_off_until_energized_again()
    {
        var utility = One().Read(0);
        utility.Control("OFF", "DERP1", 0, 300, new DerControlBase { OpModEnergize = false });
        utility.Read(60);
        Assert.False(utility.Limits().Energize);
        utility.Control("ON", "DERP1", 0, 300, new DerControlBase { OpModEnergize = true });
        utility.Mark("OFF", EventState.Superseded);
        utility.Read(120);
        Assert.True(utility.Limits().Energize);
        Assert.Equal(["60 OFF 1", "60 OFF 2", "120 ON 1", "120 OFF 7", "120 ON 2"], utility.Said);
    }

    [Fact]
    public void All_12_connect_false_is_stated_while_it_lasts_and_no_longer()
    {
        var utility = One().Read(0);
        utility.Control("OPEN", "DERP1", 10, 60, new DerControlBase { OpModConnect = false });
        utility.Read(5);
        Assert.Null(utility.Limits(9).Connect);
        Assert.False(utility.Limits(10).Connect);
        Assert.False(utility.Limits(69).Connect);
        Assert.Null(utility.Limits(70).Connect);
    }

    [Fact]
    public void All_13_setGradW_of_the_default_is_what_settings_echo()
    {
        var utility = One(100).Read(0);
        Assert.Equal(100, utility.Step.Gradient!.SetGradW);
        utility.Default("DERP1", Say.Limits(0, 0), 27);
        utility.Read(60);
        Assert.Equal(27, utility.Step.Gradient!.SetGradW);
    }

    [Fact]
    public void All_18_each_fate_of_a_control_is_answered_once_and_in_order()
    {
        var utility = One();
        utility.Control("DERC1", "DERP1", 0, 120, Say.Both(200));
        utility.Read(0).Read(60).Read(130);
        Assert.Equal(["0 DERC1 1", "0 DERC1 2", "120 DERC1 3"], utility.Said);

        utility.Said.Clear();
        utility.Control("DERC2", "DERP1", 300, 600, Say.Both(200));
        utility.Read(180).Read(500);
        utility.Mark("DERC2", EventState.Cancelled);
        utility.Read(560);
        Assert.Equal(["180 DERC2 1", "430 DERC2 2", "560 DERC2 6"], utility.Said);

        utility.Said.Clear();
        utility.Control("DERC3", "DERP1", 600, 120, Say.Both(0));
        utility.Read(600);
        utility.Mark("DERC3", EventState.Cancelled);
        utility.Read(660);
        Assert.Equal(["600 DERC3 1", "660 DERC3 6"], utility.Said);

        utility.Said.Clear();
        utility.Control("DERC4", "DERP1", 600, 600, Say.Both(200));
        utility.Read(720);
        utility.Control("DERC5", "DERP1", 600, 60, Say.Both(0));
        utility.Read(780).Pass(3000);
        Assert.Equal(["720 DERC4 1", "780 DERC5 1", "1260 DERC4 2", "1320 DERC4 7", "1320 DERC5 2", "1380 DERC5 3"], utility.Said);
    }

    [Fact]
    public void All_18_a_control_that_the_server_marks_superseded_is_answered_at_once()
    {
        var utility = One();
        utility.Control("DERC4", "DERP1", 600, 600, Say.Both(200));
        utility.Read(0);
        utility.Mark("DERC4", EventState.Superseded);
        utility.Control("DERC5", "DERP1", 600, 60, Say.Both(0));
        utility.Read(60).Pass(2000);
        Assert.Equal(["0 DERC4 1", "60 DERC5 1", "60 DERC4 7", "600 DERC5 2", "660 DERC5 3"], [.. utility.Said.Select(s => s)]);
    }

    [Fact]
    public void All_21_a_day_of_controls_back_to_back_is_followed_minute_by_minute()
    {
        var percents = new[] { 30, 60, 40, 50, 20, 10, 70, 20, 30, 30, 50, 90, 10, 10, 60, 80, 40, 20, 70, 60, 10, 90, 50, 30 };
        var utility = One();
        foreach (var (i, percent) in percents.Index())
        {
            utility.Control($"DERC{i + 1}", "DERP1", i * 60, 60, Say.Both(percent));
        }

        for (var at = 0; at < 24 * 60; at += 60)
        {
            utility.Read(at);
            Assert.Equal(Utility.Max * percents[at / 60] / 100, utility.Limits().ImportLimitW);
            Assert.Equal(Utility.Max * percents[at / 60] / 100, utility.Limits(at + 59).ExportLimitW);
        }

        utility.Pass(24 * 60);
        Assert.Equal(0, utility.Limits().ImportLimitW);
        Assert.Equal(1, utility.Publications);
        Assert.All(Enumerable.Range(1, 24), i => Assert.Equal(
            ["1", "2", "3"], utility.Said.Where(s => s.Contains($" DERC{i} ", StringComparison.Ordinal)).Select(s => s[^1..])));
    }

    [Fact]
    public void All_22_randomised_starts_are_drawn_once_and_follow_one_another_without_gap()
    {
        var utility = One();
        utility.Control("A", "DERP1", 60, 60, Say.Both(30), randomizeStart: 30, randomizeDuration: 20);
        utility.Control("B", "DERP1", 120, 60, Say.Both(60), randomizeStart: 30);
        utility.Read(0);
        var (a, b) = (utility.State.Controls[0], utility.State.Controls[1]);
        Assert.InRange(a.StartOffsetS, 0, 30);
        Assert.Equal(a.End, b.Start);
        utility.Seed = 99;
        utility.Read(30).Read(90).Pass(400);
        Assert.Equal([a.Start, b.Start], utility.State.Controls.Select(c => c.Start));
        Assert.Equal(6, utility.Said.Count);
    }

    [Fact]
    public void All_23_without_communication_the_schedule_runs_out_and_the_default_holds()
    {
        var utility = One();
        var percents = new[] { 200, 20, 180, 70, 130 };
        foreach (var (i, percent) in percents.Index())
        {
            utility.Control($"DERC{i + 1}", "DERP1", i * 60, 60, Say.Both(percent));
        }

        utility.Read(0);
        utility.LostSince = Utility.At(10);
        Assert.Equal([10000L, 1000L, 9000L, 3500L, 6500L, 0L], Enumerable.Range(0, 6).Select(i => utility.Limits((i * 60) + 30).ExportLimitW!.Value));
        utility.Leap(430);
        Assert.Equal(0, utility.Limits().ImportLimitW);
        Assert.Equal(15, utility.Said.Count);

        utility.LostSince = null;
        utility.Control("DERC6", "DERP1", 0, 300, Say.Both(200));
        utility.Read(440);
        Assert.Equal(10000, utility.Limits().ImportLimitW);
    }

    [Fact]
    public void All_24_multipliers_are_applied()
    {
        var utility = One();
        utility.Control("A", "DERP1", 0, 60, new DerControlBase { OpModImpLimW = new ActivePower(251, 1), OpModExpLimW = new ActivePower(25, 2) });
        utility.Read(0);
        Assert.Equal((2510, 2500), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
    }

    [Fact]
    public void All_25_the_ramp_time_of_a_control_wins_over_setGradW()
    {
        var utility = One(100);
        utility.Control("A", "DERP1", 0, 120, Say.Both(30) with { RampTms = 6000 });
        utility.Control("B", "DERP1", 240, 120, Say.Both(50));
        utility.Read(0);
        Assert.Equal(60, Ramp.Into(utility.Step.At(ControlMode.ExpLimW, Utility.At(0)), utility.Step.Gradient).Over!.Value.TotalSeconds);
        Assert.Equal(60, Ramp.Into(utility.Step.At(ControlMode.ExpLimW, Utility.At(240)), utility.Step.Gradient).PercentPerMinute);
    }

    [Fact]
    public void All_25_ext_controls_reach_over_days()
    {
        var utility = One();
        foreach (var i in Enumerable.Range(0, 12))
        {
            utility.Control($"DERC{i}", "DERP1", i * 21600, 21600, Say.Both((i + 1) * 10));
        }

        utility.Read(0);
        Assert.Equal([500L, 3500L, 6000L], new[] { 0, 6 * 21600, 12 * 21600 - 1 }.Select(s => utility.Limits(s).ImportLimitW!.Value));
        utility.Leap(72 * 3600);
        Assert.Equal(36, utility.Said.Count);
    }

    [Fact]
    public void All_28_setGradW_27_is_Wgra_and_0_is_no_limit()
    {
        Assert.Equal(100m / 6, Ramp.Into(null, new Gradient(27, null, "P")).PercentPerMinute);
        Assert.Equal(Ramp.Unlimited, Ramp.Into(null, new Gradient(0, null, "P")));
        Assert.Equal(Ramp.Unlimited, Ramp.Into(null, null));
        Assert.Equal(100.2m, Ramp.Into(null, new Gradient(167, null, "P")).PercentPerMinute);
    }

    [Fact]
    public void All_30_the_default_survives_a_power_cut_without_communication()
    {
        var utility = One().Read(0);
        utility.Default("DERP1", Say.Limits(1500, 1500));
        utility.Read(60);
        utility.LostSince = Utility.At(61);

        // Every step of the utility goes through storage; this one hears nothing at all.
        utility.Leap(86_400);
        Assert.Equal(1500, utility.Limits().ExportLimitW);
        Assert.Equal(1500, utility.Amount(ControlMode.ImpLimW));
    }
}
