using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.OpenAdr.Envelopes;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Envelopes;

/// <summary>The fold says of each span what the sweep lists, at a price that does not grow with how many hold at once.</summary>
public sealed class SegmentFoldTests
{
    private static readonly Instant Zero = Instant.FromUtc(2027, 1, 15, 0, 0);

    private static readonly Gen<Piece[]> Pieces = Gen.Choose(0, 40)
        .SelectMany(from => Gen.Choose(0, 20).Select(length => new Piece([from * 100], Zero + Duration.FromMinutes(from), length == 0 ? null : Zero + Duration.FromMinutes(from + length)))).ArrayOf(30);

    [Fact]
    public void Each_span_holds_exactly_what_the_sweep_lists() => Prop.ForAll(Pieces.ToArbitrary(), pieces =>
    {
        var numbered = pieces.Select((p, i) => p with { Names = [i] }).ToList();
        var folded = SegmentFold.Run(numbered, p => (p.From, p.Until), Together).Select(s => (s.From, s.Until, string.Join(',', s.Together.Names.Order())));
        var swept = SegmentSweep.Run(numbered, p => (p.From, p.Until)).Select(s => (s.From, s.Until, string.Join(',', s.Active.Select(p => p.Names[0]).Order())));
        Assert.Equal(swept, folded);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Thousands_that_all_hold_at_once_cost_no_more_than_a_few_dozen_joins_each()
    {
        const int Count = 4096;
        var pieces = Enumerable.Range(0, Count).Select(i => new Piece([], Zero + Duration.FromSeconds(i), Zero + Duration.FromSeconds(100_000 - i))).ToList();
        var joins = 0;
        var spans = SegmentFold.Run(pieces, p => (p.From, p.Until), (a, _) =>
        {
            joins++;
            return a;
        }).Count();
        Assert.Equal((2 * Count) - 1, spans);
        Assert.InRange(joins, Count, Count * 60);
    }

    private static Piece Together(Piece one, Piece other) => one with { Names = [.. one.Names, .. other.Names] };

    private sealed record Piece(IReadOnlyList<int> Names, Instant From, Instant? Until);
}
