using FsCheck.Fluent;
using GridServices.Contracts.Tests.Merging;
using NodaTime;

namespace GridServices.Contracts.Tests.Schedules;

public sealed class SegmentSweepTests
{
    private static readonly FsCheck.Gen<(Instant From, Instant? Until)[]> Pieces = Generate.Window.ArrayOf();

    [Fact]
    public void At_every_instant_exactly_the_pieces_that_hold_are_named() =>
        Pieces.Holds(pieces => SegmentSweep.Run(pieces, p => p).ToList() is var spans && Generate.Probes.All(t =>
            (spans.FirstOrDefault(s => s.From <= t && !(s.Until <= t)).Active ?? []).Order().SequenceEqual(pieces.Where(p => p.From <= t && !(p.Until <= t)).Order())));

    [Fact]
    public void Spans_ascend_without_overlap() =>
        Pieces.Holds(pieces => SegmentSweep.Run(pieces, p => p).ToList() is var spans
            && spans.All(s => s.Until is null || s.From < s.Until)
            && spans.Zip(spans.Skip(1)).All(n => n.First.Until <= n.Second.From));

    [Fact]
    public void Touching_segments_that_say_the_same_are_joined_and_time_before_now_is_cut_off()
    {
        var limits = new Limits { ImportLimitW = 5 };
        var joined = SegmentJoin.Run([Sample.Segment(0, 1, limits), Sample.Segment(1, 2, limits), Sample.Segment(3, null, limits)]);

        Assert.Equal([Sample.Segment(0, 2, limits), Sample.Segment(3, null, limits)], joined);
        Assert.Equal([Sample.Segment(1, 2, limits), Sample.Segment(3, null, limits)], ScheduleDifference.Ahead(joined, Sample.Hour(1)));
        Assert.Equal([Sample.Segment(3, null, limits)], ScheduleDifference.Remaining(joined, Sample.Hour(2)));
    }
}
