using BenchmarkDotNet.Attributes;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Benchmarks.EnvelopeMerge;

/// <summary>A site with many streams, each with 24 segments whose boundaries fall on no common grid: the worst case of the sweep.</summary>
[MemoryDiagnoser]
public class MergeBenchmark
{
    public const int SegmentsPerStream = 24;

    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 0, 0);
    private Envelope[] _live = [];

    [Params(10, 100, 1000)]
    public int Streams { get; set; }

    [GlobalSetup]
    public void Setup() => _live = [.. Enumerable.Range(0, Streams).Select(CreateEnvelope)];

    [Benchmark]
    public EffectiveTimeline Merge() => EffectiveEnvelope.Merge("site-1", _live, Start, Start + Duration.FromHours(48));

    private static Envelope CreateEnvelope(int number)
    {
        var draw = new Random(number); // seeded: the same streams in every run
        var cuts = Enumerable.Range(0, SegmentsPerStream + 1).Select(_ => draw.Next(48 * 3600 * 10)).Distinct().Order().Select(t => Start + Duration.FromMilliseconds(100L * t)).ToArray();
        return new Envelope
        {
            EnvelopeId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(number)),
            Revision = 1,
            SiteId = "site-1",
            Target = new EnvelopeTarget(TargetKind.Site, "site-1"),
            Stream = new StreamId("bench", $"s{number}"),
            Tier = (Tier)(number % 5),
            Obligation = Obligation.Mandatory,
            Segments = [.. cuts.Zip(cuts.Skip(1)).Select(c => new Segment
            {
                From = c.First,
                Until = c.Second,
                Limits = new Limits { ImportLimitW = draw.Next(100_000), ExportLimitW = draw.Next(100_000) },
            })],
            Provenance = new Provenance { Protocol = "bench", Authority = "bench" },
        };
    }
}
