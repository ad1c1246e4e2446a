using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>
/// GEN-01 to GEN-13 and LOA-01 to LOA-13: the same procedures, once for export and generation, once for import and load. Polled and subscribed
/// procedures differ in how news arrives, not in what is done about it.
/// </summary>
public sealed class LimitProcedureTests
{
    public static TheoryData<string> SiteLimits => ["export", "import"];

    public static TheoryData<string> AllLimits => ["export", "import", "generation", "load"];

    [Theory]
    [MemberData(nameof(AllLimits))]
    public void Gen_01_02_loa_01_02_an_active_limit_replaces_the_default(string quantity)
    {
        var utility = One(quantity, 0);
        utility.Control("FREE", "DERP1", 0, 300, CreateLimit(quantity, 200));
        utility.Read(0);
        Assert.Equal(10_000, Read(utility.Limits(), quantity));
        utility.Read(60);
        utility.Control("ZERO", "DERP1", 0, 300, CreateLimit(quantity, 0));
        utility.Mark("FREE", EventState.Superseded);
        utility.Read(120);
        Assert.Equal(0, Read(utility.Limits(), quantity));
        Assert.Equal(["0 FREE 1", "0 FREE 2", "120 ZERO 1", "120 FREE 7", "120 ZERO 2"], utility.Said);
    }

    [Theory]
    [MemberData(nameof(AllLimits))]
    public void Gen_03_04_07_08_loa_03_04_07_08_the_default_holds_before_between_and_after_controls_and_goes_when_cancelled(string quantity)
    {
        var utility = One(quantity, 30);
        utility.Control("A", "DERP1", 0, 300, CreateLimit(quantity, 200));
        utility.Read(0).Read(60);
        utility.Mark("A", EventState.Cancelled);
        utility.Read(120);
        Assert.Equal(1_500, Read(utility.Limits(), quantity));
        utility.Control("B", "DERP1", 0, 600, CreateLimit(quantity, 200));
        utility.Read(180);
        Assert.Equal(10_000, Read(utility.Limits(), quantity));
        utility.Pass(720);
        Assert.Equal(1_500, Read(utility.Limits(), quantity));
        utility.Default("DERP1", null);
        utility.Control("C", "DERP1", 0, 600, CreateLimit(quantity, 0));
        utility.Read(840);
        Assert.Equal(0, Read(utility.Limits(), quantity));
        Assert.Null(Read(utility.Limits(1_320), quantity));
        Assert.Equal(["0 A 1", "0 A 2", "120 A 6", "180 B 1", "180 B 2", "720 B 3", "840 C 1", "840 C 2"], utility.Said);
    }

    [Theory]
    [MemberData(nameof(SiteLimits))]
    public void Gen_05_06_loa_05_06_a_scheduled_limit_waits_for_its_start(string quantity)
    {
        var utility = One(quantity, 0);
        utility.Control("A", "DERP1", 0, 300, CreateLimit(quantity, 200));
        utility.Read(0);
        utility.Pass(90);
        utility.Control("B", "DERP1", 210, 120, CreateLimit(quantity, 0));
        utility.Read(120);
        Assert.Equal(10_000, Read(utility.Limits(299), quantity));
        Assert.Equal(0, Read(utility.Limits(300), quantity));
        utility.Pass(430);
        Assert.Equal(["0 A 1", "0 A 2", "120 B 1", "300 A 3", "300 B 2", "420 B 3"], utility.Said);
    }

    [Theory]
    [MemberData(nameof(SiteLimits))]
    public void Gen_09_loa_09_a_cancelled_control_gives_way_to_the_default(string quantity)
    {
        var utility = One(quantity, 30);
        utility.Control("PRECONDITION", "DERP1", 0, 300, CreateLimit(quantity, 200));
        utility.Read(0).Read(60);
        utility.Mark("PRECONDITION", EventState.Cancelled);
        utility.Read(120).Pass(1_000);
        Assert.Equal(1_500, Read(utility.Limits(120), quantity));
        Assert.Equal(["0 PRECONDITION 1", "0 PRECONDITION 2", "120 PRECONDITION 6"], utility.Said);
    }

    [Theory]
    [MemberData(nameof(SiteLimits))]
    public void Gen_11_12_13_loa_11_12_13_steps_follow_one_another_without_a_dip(string quantity)
    {
        var utility = One(quantity, 0);
        var percents = new[] { 200, 30, 20, 10, 0 };
        foreach (var (i, percent) in percents.Index())
        {
            utility.Control($"DERC{i + 1}", "DERP1", i * 120, 120, CreateLimit(quantity, percent));
        }

        utility.Read(0);
        for (var at = 0; at < 600; at++)
        {
            Assert.Equal(Utility.Max * percents[at / 120] / 100, Read(utility.Limits(at), quantity));
        }

        utility.Pass(601);
        Assert.All(Enumerable.Range(1, 5), i => Assert.Equal([1, 2, 3], utility.Responses.Where(r => r.MRid == $"DERC{i}").Select(r => (int)r.Status)));
    }

    private static Utility One(string quantity, int defaultPercent)
    {
        var utility = new Utility().Program("DERP1", 0);
        utility.Default("DERP1", CreateLimit(quantity, defaultPercent), 27);
        return utility;
    }

    private static DerControlBase CreateLimit(string quantity, int percent)
    {
        var watts = Utility.Max * percent / 100;
        return quantity switch
        {
            "import" => Say.Limits(import: watts),
            "export" => Say.Limits(export: watts),
            "generation" => Say.Limits(generation: watts),
            _ => Say.Limits(load: watts),
        };
    }

    private static long? Read(Limits limits, string quantity) => quantity switch
    {
        "import" => limits.ImportLimitW,
        "export" => limits.ExportLimitW,
        "generation" => limits.GenerationLimitW,
        _ => limits.LoadLimitW,
    };
}
