using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

public sealed class MergeMemoryTests
{
    private const int Streams = 200;
    private const int SegmentsPerStream = 24;

    /// <summary>About 400: the order of the changes, and the result. Two queries over the segments took 200 more.</summary>
    private const long MostBytesPerSegment = 500;

    [Fact]
    public void A_segment_that_sets_no_function_and_no_ramp_costs_the_merge_nothing_for_them()
    {
        Envelope[] live = [.. Enumerable.Range(0, Streams).Select(CreateStream)];
        var segments = live.Sum(e => e.Segments.Count);
        Merge(live);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var merged = Merge(live);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.NotEmpty(merged.Targets.Single().Segments);
        Assert.True(bytes < MostBytesPerSegment * segments, $"{bytes / segments} bytes per segment");
    }

    private static EffectiveTimeline Merge(Envelope[] live) => EffectiveEnvelope.Merge("site-1", live, Sample.Start, Sample.Start + Duration.FromHours(48));

    /// <summary>Boundaries on no common grid.</summary>
    private static Envelope CreateStream(int number)
    {
        var draw = new Random(number); // seeded: the same streams in every run
        var cuts = Enumerable.Range(0, SegmentsPerStream + 1).Select(_ => draw.Next(48 * 36_000)).Distinct().Order().Select(t => Sample.Start + Duration.FromMilliseconds(100L * t)).ToArray();
        Segment[] segments =
        [
            .. cuts.Zip(cuts.Skip(1)).Select(c => new Segment
            {
                From = c.First,
                Until = c.Second,
                Limits = new Limits { ImportLimitW = draw.Next(100_000), ExportLimitW = draw.Next(100_000) },
            }),
        ];
        return Sample.Envelope($"s{number}", (Tier)(number % 5), segments);
    }
}
