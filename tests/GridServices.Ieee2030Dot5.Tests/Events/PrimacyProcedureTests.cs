using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>GEN-10 and LOA-10, step by step: five programs of primacy 1 in one assignment, ten of primacy 2 in another.</summary>
public sealed class PrimacyProcedureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gen_10_loa_10_primacy_decides_mode_by_mode(bool export)
    {
        var utility = Assigned();
        utility.Default("DERP1", Site(export, 30), 167);
        utility.Default("DERP6", Site(export, 0), 167);
        utility.Read(0);
        Assert.Equal(1_500, SiteLimit(utility, export));

        // c, d: the weaker program's control beats the stronger one's default.
        utility.Control("DERC1", "DERP6", 0, 600, Site(export, 200));
        utility.Read(180);
        Assert.Equal(10_000, SiteLimit(utility, export));

        // e, f, g: the stronger program supersedes, and outlasts.
        utility.Control("DERC2", "DERP1", 60, 840, Site(export, 0));
        utility.Read(240);
        Assert.Equal(0, SiteLimit(utility, export));
        utility.Pass(1_090);
        Assert.Equal(1_500, SiteLimit(utility, export));
        Assert.Equal(["180 DERC1 1", "180 DERC1 2", "240 DERC2 1", "240 DERC1 7", "240 DERC2 2", "1080 DERC2 3"], Drain(utility));

        // i to l.
        utility.Control("DERC3", "DERP6", 10, 300, Site(export, 200));
        utility.Read(1_100).Pass(1_410);
        Assert.Equal(1_500, SiteLimit(utility, export));
        Assert.Equal(["1100 DERC3 1", "1100 DERC3 2", "1400 DERC3 3"], Drain(utility));

        // m to r: modes that don't overlap run side by side.
        utility.Control("DERC4", "DERP1", 30, 300, Der(export, 0) with { OpModConnect = false });
        utility.Read(1_440);
        utility.Control("DERC5", "DERP6", 60, 1_200, Site(export, 200));
        utility.Read(1_500);
        Assert.Equal((10_000, 0, false), (SiteLimit(utility, export), DerLimit(utility, export), utility.Limits().Connect));
        utility.Pass(1_750);
        Assert.Equal((10_000, null, null), (SiteLimit(utility, export), DerLimit(utility, export), utility.Limits().Connect));
        Assert.Equal(["1440 DERC4 1", "1440 DERC4 2", "1500 DERC5 1", "1500 DERC5 2", "1740 DERC4 3"], Drain(utility));

        // s to u: a newer control of the same program supersedes.
        utility.Control("DERC6", "DERP6", 50, 300, Site(export, 50));
        utility.Read(1_800);
        Assert.Equal(2_500, SiteLimit(utility, export));
        Assert.Equal(["1800 DERC6 1", "1800 DERC5 7", "1800 DERC6 2"], Drain(utility));

        // v to x: partly overridden, it starts all the same.
        utility.Control("DERC7", "DERP1", 120, 300, Site(export, 0));
        utility.Read(1_920);
        utility.Control("DERC8", "DERP6", 60, 300, Merge(Site(export, 50), Der(export, 30)));
        utility.Read(1_980);
        Assert.Equal((0, 1_500), (SiteLimit(utility, export), DerLimit(utility, export)));
        utility.Pass(2_230);
        Assert.Equal(["1920 DERC7 1", "1920 DERC6 7", "1920 DERC7 2", "1980 DERC8 1", "1980 DERC8 2", "2220 DERC7 3"], Drain(utility));

        // y to aa: both limits hold, each at its own boundary.
        utility.Control("DERC9", "DERP1", 10, 300, Der(export, 50));
        utility.Read(2_240);
        utility.Control("DERC10", "DERP6", 60, 300, Site(export, 20));
        utility.Read(2_300);
        Assert.Equal((1_000, 2_500), (SiteLimit(utility, export), DerLimit(utility, export)));
        Assert.Equal(["2240 DERC9 1", "2240 DERC8 7", "2240 DERC9 2", "2300 DERC10 1", "2300 DERC10 2"], Drain(utility));

        // bb to ee: cancelled, the default of the stronger program holds.
        utility.Default("DERP1", Site(export, 50), 167);
        utility.Default("DERP6", Site(export, 20), 167);
        utility.Mark("DERC9", EventState.Cancelled);
        utility.Mark("DERC10", EventState.Cancelled);
        utility.Read(2_360);
        Assert.Equal((2_500, null), (SiteLimit(utility, export), DerLimit(utility, export)));
        Assert.Equal(["2360 DERC10 6", "2360 DERC9 6"], Drain(utility).Order());
    }

    [Fact]
    public void Inside_a_primacy_the_later_creation_wins_and_then_the_greater_mRID()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 1);
        utility.Control("A1", "P", 10, 100, Say.Limits(1000));
        utility.Control("A3", "Q", 10, 100, Say.Limits(3000));
        utility.Control("A2", "P", 10, 100, Say.Limits(2000));
        utility.Read(0);
        Assert.Equal(3000, utility.Limits(10).ImportLimitW);
        utility.Pass(1);
        utility.Control("A0", "Q", 9, 100, Say.Limits(500));
        utility.Read(2);
        Assert.Equal(500, utility.Limits(10).ImportLimitW);
        utility.Pass(20);
        Assert.Equal(["10 A0 2", "10 A1 7", "10 A2 7", "10 A3 7"], utility.Said.Where(s => s.StartsWith("10 ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_default_of_the_strongest_program_that_defines_a_mode_holds_mode_by_mode()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2).Program("R", 3);
        utility.Default("R", Say.Limits(3, 3, 3, 3));
        utility.Default("Q", Say.Limits(import: 2, export: 2), 50);
        utility.Default("P", Say.Limits(import: 1));
        utility.Read(0);
        Assert.Equal(new Limits { ImportLimitW = 1, ExportLimitW = 2, GenerationLimitW = 3, LoadLimitW = 3 }, utility.Limits());
        Assert.Equal(new Gradient(50, null, "Q"), utility.Step.Gradient);
        utility.RemoveProgram("P");
        utility.Read(60);
        Assert.Equal(2, utility.Limits().ImportLimitW);
    }

    private static Utility Assigned()
    {
        var utility = new Utility();
        foreach (var i in Enumerable.Range(1, 15))
        {
            utility.Program($"DERP{i}", i <= 5 ? (byte)1 : (byte)2, i <= 5 ? "FSA1" : "FSA2");
        }

        return utility;
    }

    private static string[] Drain(Utility utility)
    {
        var said = utility.Said.ToArray();
        utility.Said.Clear();
        return said;
    }

    private static long? SiteLimit(Utility utility, bool export) => export ? utility.Limits().ExportLimitW : utility.Limits().ImportLimitW;

    private static long? DerLimit(Utility utility, bool export) => export ? utility.Limits().GenerationLimitW : utility.Limits().LoadLimitW;

    private static DerControlBase Site(bool export, int percent) =>
        export ? Say.Limits(export: Utility.Max * percent / 100) : Say.Limits(import: Utility.Max * percent / 100);

    private static DerControlBase Der(bool export, int percent) =>
        export ? Say.Limits(generation: Utility.Max * percent / 100) : Say.Limits(load: Utility.Max * percent / 100);

    private static DerControlBase Merge(DerControlBase site, DerControlBase der) =>
        site with { OpModGenLimW = der.OpModGenLimW, OpModLoadLimW = der.OpModLoadLimW };
}
