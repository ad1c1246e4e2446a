using FsCheck.Fluent;
using GridServices.Contracts.Tests.Merging;
using NodaTime;

namespace GridServices.Contracts.Tests.Schedules;

public sealed class SegmentCoarseningTests
{
    private static readonly FsCheck.Gen<(Envelope Envelope, int Most)> Cases =
        from envelope in Generate.Envelope("a")
        from most in Gen.Choose(1, 5)
        select (envelope, most);

    [Fact]
    public void Coarser_limits_allow_no_more_at_any_instant_and_keep_to_the_number() =>
        Cases.Holds(c => SegmentCoarsening.Limits(c.Envelope.Segments, c.Envelope.Default?.Limits, c.Most) is var coarse
            && coarse.Segments.Count <= c.Most
            && coarse.LeftOut == 0
            && coarse.Segments.Count + coarse.Joined == c.Envelope.Segments.Count
            && Schedule(c.Envelope, coarse.Segments).IsWithin(LimitSchedule.From(c.Envelope)));

    [Fact]
    public void What_fits_is_left_as_it_is() =>
        Generate.Envelope("a").Holds(e => ReferenceEquals(SegmentCoarsening.Limits(e.Segments, e.Default?.Limits, Math.Max(1, e.Segments.Count)).Segments, e.Segments)
            && ReferenceEquals(SegmentCoarsening.Targets(e.Targets, Math.Max(1, e.Targets.Count)).Segments, e.Targets));

    [Fact]
    public void Coarser_segments_are_ascending_and_do_not_overlap() =>
        Cases.Holds(c => SegmentCoarsening.Limits(c.Envelope.Segments, c.Envelope.Default?.Limits, c.Most).Segments is var s
            && s.Zip(s.Skip(1)).All(n => n.First.Until <= n.Second.From));

    [Fact]
    public void Coarser_targets_ask_no_more_power_at_any_instant_and_never_the_other_way() =>
        Cases.Holds(c => SegmentCoarsening.Targets(c.Envelope.Targets, c.Most) is var coarse
            && coarse.Segments.Count <= c.Most
            && coarse.Segments.Count + coarse.Joined + coarse.LeftOut == c.Envelope.Targets.Count
            && Generate.Probes.All(t => AsksNoMore(At(coarse.Segments, t), At(c.Envelope.Targets, t))));

    [Fact]
    public void A_tight_segment_does_not_swallow_its_neighbours()
    {
        var segments = Enumerable.Range(0, 40).Select(i => Import(i, i + 1, i == 30 ? 7 : 1000 + i)).ToArray();

        var coarse = SegmentCoarsening.Limits(segments, most: 30);

        Assert.Equal(Import(30, 31, 7), Assert.Single(coarse.Segments, s => s.Limits.ImportLimitW == 7));
        Assert.Equal(segments[..18], coarse.Segments.Take(18));
    }

    [Fact]
    public void The_least_change_is_made_first()
    {
        var coarse = SegmentCoarsening.Limits([Import(0, 1, 3000), Import(1, 9, 2000), Import(9, null, 1000)], most: 2);

        Assert.Equal([Import(0, 9, 2000), Import(9, null, 1000)], coarse.Segments);
        Assert.Equal(1, coarse.Joined);
    }

    [Fact]
    public void Of_equal_changes_the_one_furthest_ahead_is_made_first()
    {
        var coarse = SegmentCoarsening.Limits([Import(0, 1, 3000), Import(1, 2, 2000), Import(2, 3, 3000), Import(3, 4, 2000)], most: 3);

        Assert.Equal([Import(0, 1, 3000), Import(1, 2, 2000), Import(2, 4, 2000)], coarse.Segments);
    }

    [Fact]
    public void Over_a_gap_the_limits_that_hold_there_are_kept_too()
    {
        var coarse = SegmentCoarsening.Limits([Import(0, 1, 3000), Import(2, 3, 3000)], new Limits { ImportLimitW = 500, ExportLimitW = 0 }, most: 1);

        var only = Assert.Single(coarse.Segments);
        Assert.Equal(new Limits { ImportLimitW = 500, ExportLimitW = 0 }, only.Limits);
        Assert.Equal((Sample.Hour(0), Sample.Hour(3)), (only.From, only.Until));
    }

    [Fact]
    public void Joined_targets_ask_what_is_nearer_to_0_W_and_opposite_ones_0_W()
    {
        Assert.Equal([Target(0, 2, -1000)], SegmentCoarsening.Targets([Target(0, 1, -5000), Target(1, 2, -1000)], 1).Segments);
        Assert.Equal([Target(0, 2, 0)], SegmentCoarsening.Targets([Target(0, 1, 5000), Target(1, 2, -1000)], 1).Segments);
    }

    [Fact]
    public void A_target_that_holds_now_is_stated_as_it_is()
    {
        TargetSegment[] targets = [Target(0, 1, 100), Target(1, 9, 0), Target(9, 10, 500), Target(10, 12, 1000)];

        Assert.Equal([Target(0, 1, 100), Target(1, 10, 0), Target(10, 12, 1000)], SegmentCoarsening.Targets(targets, 3, Sample.Hour(0)).Segments.Select(t => t));
    }

    [Fact]
    public void Targets_that_do_not_touch_are_left_out_from_the_far_end_and_said_so()
    {
        var coarse = SegmentCoarsening.Targets([Target(0, 3, 5000), Target(4, 5, 5000), Target(6, 8, 5000)], 2);

        Assert.Equal([Target(0, 3, 5000), Target(4, 5, 5000)], coarse.Segments);
        Assert.Equal((0, 1), (coarse.Joined, coarse.LeftOut));
        Assert.Equal("3 segments of targets are more than an envelope takes; 0 were joined with a neighbour on the safe side, 1 are left out", coarse.Describe("targets"));
        Assert.Null(SegmentCoarsening.Targets([Target(0, 3, 5000)]).Describe("targets"));
    }

    [Fact]
    public void Joined_prices_cost_the_dearer_import_and_earn_the_lower_export()
    {
        var coarse = SegmentCoarsening.Prices([Price(0, 1, 0.30m, 0.10m), Price(1, 2, 0.20m, 0.05m)], 1);

        Assert.Equal([Price(0, 2, 0.30m, 0.05m)], coarse.Segments);
        Assert.Equal(1, SegmentCoarsening.Prices([Price(0, 1, 0.30m, null), Price(1, 3, null, 0.10m)], 1).LeftOut);
    }

    [Fact]
    public void Thousands_of_segments_are_joined_into_as_many_as_an_envelope_takes()
    {
        var segments = Enumerable.Range(0, 5_000).Select(i => Import(i, i + 1, 1000 + (i * 7919 % 5000))).ToArray();

        var coarse = SegmentCoarsening.Limits(segments);

        Assert.Equal(SegmentCoarsening.Most, coarse.Segments.Count);
        Assert.True(LimitSchedule.From(coarse.Segments, null).IsWithin(LimitSchedule.From(segments, null)));
    }

    private static LimitSchedule Schedule(Envelope envelope, IReadOnlyList<Segment> segments) => LimitSchedule.From(envelope with { Segments = segments });

    private static TargetSegment? At(IReadOnlyList<TargetSegment> targets, Instant at) => targets.FirstOrDefault(t => t.From <= at && !(t.Until <= at));

    private static bool AsksNoMore(TargetSegment? coarse, TargetSegment? was) => coarse is null
        || (was is not null && (coarse.TargetW is null ? was.TargetW is null : coarse.TargetW == 0
            || (Math.Sign(coarse.TargetW.Value) == Math.Sign(was.TargetW ?? 0) && Math.Abs(coarse.TargetW.Value) <= Math.Abs(was.TargetW ?? 0))));

    private static Segment Import(int from, int? until, long watts) => Sample.Segment(from, until, new Limits { ImportLimitW = watts });

    private static TargetSegment Target(int from, int until, long watts) => new() { From = Sample.Hour(from), Until = Sample.Hour(until), TargetW = watts };

    private static PriceSegment Price(int from, int until, decimal? import, decimal? export) =>
        new() { From = Sample.Hour(from), Until = Sample.Hour(until), ImportPrice = import, ExportPrice = export };
}
