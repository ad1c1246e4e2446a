using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Events;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Envelopes;

/// <summary>What holds where the utility says nothing, and between controls that all but touch.</summary>
public sealed class FallbackTests
{
    private static readonly Limits Own = new() { ImportLimitW = 700, ExportLimitW = 0 };

    [Fact]
    public void The_fallback_holds_from_the_first_moment_and_wherever_no_default_speaks()
    {
        var utility = new Utility();
        utility.Config = utility.Config with { Fallback = Own };
        utility.Pass(0);
        Assert.Equal(Own, utility.Limits());
        utility.Program("P", 1).Default("P", Say.Limits(import: 1_500));
        utility.Read(60);
        Assert.Equal((1_500, 0), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
        utility.Default("P", null);
        utility.Read(120);
        Assert.Equal(Own, utility.Limits());
    }

    [Fact]
    public void After_a_loss_the_default_gives_way_to_the_fallback_where_so_configured_and_controls_run_out_first()
    {
        var utility = new Utility().Program("P", 1);
        utility.Config = utility.Config with { Fallback = Own, FallbackAfterLoss = Duration.FromSeconds(300) };
        utility.Default("P", Say.Both(30));
        utility.Control("A", "P", 0, 600, Say.Both(100));
        utility.Read(0);
        utility.LostSince = Utility.At(10);
        utility.Pass(20);
        Assert.Equal([5_000L, 700L], new long[] { 599, 600 }.Select(s => utility.Limits(s).ImportLimitW!.Value));
        utility.LostSince = null;
        utility.Pass(30);
        Assert.Equal(1_500, utility.Limits(600).ImportLimitW);
    }

    [Fact]
    public void A_default_does_not_give_way_to_no_statement()
    {
        var utility = new Utility().Program("P", 1);
        utility.Config = utility.Config with { Fallback = new Limits { ImportLimitW = 700 }, FallbackAfterLoss = Duration.FromSeconds(300) };
        utility.Default("P", Say.Both(30));
        utility.Read(0);
        utility.LostSince = Utility.At(0);
        utility.Pass(400);
        Assert.Equal((700, 1_500), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
    }

    [Theory]
    [InlineData(2_000, 1_000, 1_000)]
    [InlineData(1_000, 2_000, 1_000)]
    public void A_gap_of_seconds_is_held_at_the_stricter_neighbour(long before, long after, long between)
    {
        var utility = Gapped(before, after, 4);
        Assert.Equal([before, between, between, after], new long[] { 59, 60, 63, 64 }.Select(s => utility.Limits(s).ImportLimitW!.Value));
        Assert.Equal([null, true, null], Assert.Single(utility.Live).Segments.Take(3).Select(s => s.Bridged));
        utility.Pass(61);
        Assert.Equal(between, utility.Limits().ImportLimitW);
        Assert.Equal(1, utility.Publications);
    }

    [Fact]
    public void A_longer_gap_is_the_defaults()
    {
        var utility = Gapped(2_000, 1_000, 11);
        Assert.Equal([2_000L, 0, 0, 1_000], new long[] { 59, 60, 70, 71 }.Select(s => utility.Limits(s).ImportLimitW!.Value));
    }

    [Fact]
    public void A_cancelled_control_is_not_held_on_over_a_gap()
    {
        var utility = Gapped(2_000, 1_000, 4);
        utility.Mark("A", EventState.Cancelled);
        utility.Read(58);
        Assert.Equal([0L, 0, 1_000], new long[] { 58, 63, 64 }.Select(s => utility.Limits(s).ImportLimitW!.Value));
    }

    [Fact]
    public void The_answers_keep_to_the_times_of_the_server_whatever_is_bridged()
    {
        var utility = Gapped(2_000, 1_000, 4);
        utility.Pass(200);
        Assert.Equal(["0 A 1", "0 B 1", "0 A 2", "60 A 3", "64 B 2", "124 B 3"], utility.Said);
    }

    private static Utility Gapped(long before, long after, int gap)
    {
        var utility = new Utility().Program("P", 1);
        utility.Config = utility.Config with { GapBridging = Duration.FromSeconds(10) };
        utility.Default("P", Say.Limits(import: 0));
        utility.Control("A", "P", 0, 60, Say.Limits(import: before));
        utility.Control("B", "P", 60 + gap, 60, Say.Limits(import: after));
        return utility.Read(0);
    }
}
