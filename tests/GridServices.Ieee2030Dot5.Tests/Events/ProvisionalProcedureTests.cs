using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>P-01 to P-03: shared controls, assignments that go, a day-long control.</summary>
public sealed class ProvisionalProcedureTests
{
    [Fact]
    public void P_01_a_control_of_several_end_devices_is_answered_by_each()
    {
        var one = new Utility().Program("DERP1", 1);
        var two = new Utility().Program("DERP1", 1);
        two.Config = two.Config with { Lfdi = new string('A', 40) };
        foreach (var utility in new[] { one, two })
        {
            utility.Control("DERC1", "DERP1", 120, 120, Say.Both(0));
            utility.Read(0).Pass(300);
            Assert.Equal(["0 DERC1 1", "120 DERC1 2", "240 DERC1 3"], utility.Said);
        }

        Assert.All(one.Responses, r => Assert.Equal(Utility.Lfdi, r.Lfdi));
        Assert.All(two.Responses, r => Assert.Equal(new string('A', 40), r.Lfdi));
    }

    [Fact]
    public void P_01_a_program_reached_through_two_assignments_is_applied_once()
    {
        var utility = new Utility().Program("DERP1", 1, "FSA1");
        utility.Control("DERC1", "DERP1", 60, 120, Say.Both(50));
        utility.Again("DERP1", "FSA2");
        utility.Read(0).Pass(300);
        Assert.Equal(["0 DERC1 1", "60 DERC1 2", "180 DERC1 3"], utility.Said);
        Assert.Single(utility.State.Programs);
        Assert.DoesNotContain(utility.Notes, n => n.Class is not null);
    }

    [Fact]
    public void P_02_removal_from_the_assignments_ends_controls_without_an_answer()
    {
        var utility = new Utility().Program("DERP1", 1).Program("DERP2", 2);
        utility.Default("DERP2", Say.Both(30));
        utility.Control("RUNNING", "DERP1", 0, 300, Say.Both(0));
        utility.Control("COMING", "DERP1", 300, 300, Say.Both(0));
        utility.Read(0);
        utility.RemoveProgram("DERP1");
        utility.Read(60).Pass(1_000);
        Assert.Equal(1_500, utility.Limits(60).ImportLimitW);
        Assert.Equal(["0 COMING 1", "0 RUNNING 1", "0 RUNNING 2"], utility.Said.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(utility.Live, e => e.Stream.Key == "DERP1");
    }

    [Fact]
    public void P_02_a_program_that_comes_back_goes_on_without_repeating_an_answer()
    {
        var utility = new Utility().Program("DERP1", 1);
        utility.Control("RUNNING", "DERP1", 0, 300, Say.Both(10));
        var control = utility.Make("RUNNING", 0, 300, Say.Both(10));
        utility.Read(0);
        utility.RemoveProgram("DERP1");
        utility.Read(60);
        Assert.Null(utility.Limits().ImportLimitW);
        utility.Program("DERP1", 1).Add("DERP1", control);
        utility.Read(120);
        Assert.Equal(500, utility.Limits().ImportLimitW);
        utility.Pass(400);
        Assert.Equal(["0 RUNNING 1", "0 RUNNING 2", "300 RUNNING 3"], utility.Said);
    }

    [Fact]
    public void P_03_a_day_long_control_is_cancelled_and_the_default_holds()
    {
        var utility = new Utility().Program("DERP1", 1);
        utility.Default("DERP1", Say.Both(30), 100);
        utility.Read(0);
        utility.Control("DERC1", "DERP1", 120, 86_400, Say.Both(0));
        utility.Read(60).Pass(420);
        Assert.Equal((0, 0), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
        utility.Mark("DERC1", EventState.Cancelled);
        utility.Read(480);
        Assert.Equal((1_500, 1_500), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
        Assert.Equal(["60 DERC1 1", "120 DERC1 2", "480 DERC1 6"], utility.Said);
    }
}
