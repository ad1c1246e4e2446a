using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Tests.Events;

public sealed class LimitTimelineTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 16, 0);

    [Fact]
    public void Steps_cover_the_span_and_name_who_binds()
    {
        var steps = LimitTimeline.Compute([Segment(-60, 30, 60000), Segment(30, null, null)], Start, At(60), At(60));
        Assert.Equal([new LimitStep(Start, At(30), true, 60000, null, "openadr/PROG7"), new LimitStep(At(30), At(60), true)], steps);
    }

    [Fact]
    public void What_nobody_recorded_is_unknown_and_never_no_limit()
    {
        var steps = LimitTimeline.Compute([Segment(10, 20, 60000), Segment(20, 60, 50000)], Start, At(60), At(40));
        Assert.Equal([false, true, true, false], steps.Select(s => s.Known));
        Assert.Equal(At(40), steps[^1].From);
        Assert.False(Assert.Single(LimitTimeline.Compute([], Start, At(60), At(60))).Known);
    }

    [Fact]
    public void The_later_record_of_an_instant_holds() =>
        Assert.Equal([60000L, 40000], LimitTimeline.Compute([Segment(0, 60, 60000), Segment(30, 60, 40000)], Start, At(60), At(60)).Select(s => s.ImportW!.Value));

    [Fact]
    public void A_site_that_must_be_off_may_neither_draw_nor_feed_in()
    {
        var by = new Binding("ieee2030-5", "FSA1", Guid.Empty, Tier.Regulatory);
        var segment = new EffectiveSegment { From = Start, Until = null, Limits = new EffectiveLimits { ImportLimitW = new Bound<long>(5000, by), Connect = new Bound<bool>(false, by) } };
        Assert.Equal((0L, 0L, "ieee2030-5/FSA1"), LimitTimeline.Compute([segment], Start, At(5), At(5)).Select(s => (s.ImportW!.Value, s.ExportW!.Value, s.ImportBoundBy)).Single());
    }

    [Fact]
    public void Steps_never_leave_a_gap_or_overlap() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte, byte, byte)[]>(), drawn =>
        {
            var segments = drawn.Select(d => Segment(d.Item1 - 60, d.Item1 - 60 + d.Item2 % 50 + 1, d.Item3 % 3 == 0 ? null : d.Item3));
            var steps = LimitTimeline.Compute(segments, Start, At(90), At(70));
            return steps[0].From == Start && steps[^1].Until == At(90) && steps.Zip(steps.Skip(1)).All(p => p.First.Until == p.Second.From && p.First with { From = p.Second.From, Until = p.Second.Until } != p.Second);
        }).QuickCheckThrowOnFailure();

    private static EffectiveSegment Segment(int from, int? until, long? watts) => new()
    {
        From = At(from),
        Until = until is { } end ? At(end) : null,
        Limits = watts is { } w ? new EffectiveLimits { ImportLimitW = new Bound<long>(w, new Binding("openadr", "PROG7", Guid.Empty, Tier.Contractual)) } : EffectiveLimits.None,
    };

    private static Instant At(int minutes) => Start + Duration.FromMinutes(minutes);
}
