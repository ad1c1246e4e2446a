using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>The components of one tariff in one: per direction of flow they add up (CSIP-AUS PRC-02).</summary>
internal static class PriceSums
{
    private const decimal Most = 1_000_000_000_000;

    public static IReadOnlyList<PriceSegment> Compute(IEnumerable<HeldPrice> prices, PriceBases bases, Dictionary<string, IReadOnlyList<Span>> own)
    {
        var pieces = prices.SelectMany(p => own.GetValueOrDefault(p.MRid, []).Select(s => new Piece(s, p, bases.GetBasis(p).Lane, bases.FindCharge(p)))).Where(p => p.Lane != PriceLane.Apart);
        var segments = SegmentSweep.Run(pieces, p => (p.Span.From, p.Span.Until)).Select(s => CreateSegment(s.From, s.Until, s.Active)).OfType<PriceSegment>();
        return SegmentJoin.Run(segments);
    }

    private static PriceSegment? CreateSegment(Instant from, Instant? until, IReadOnlyList<Piece> active)
    {
        // A charge for what is fed in lowers what feeding in earns: the contract's export price is what the site is paid.
        var (import, export) = (Sum(active, PriceLane.Import), -Sum(active, PriceLane.Export));
        return import is null && export is null ? null : new PriceSegment { From = from, Until = until, ImportPrice = import, ExportPrice = export, Cause = CreateCause(active) };
    }

    // What is not known is not 0: with one unknown the sum is unknown.
    private static decimal? Sum(IReadOnlyList<Piece> active, PriceLane lane)
    {
        var own = active.Where(p => p.Lane == lane).ToList();
        if (own.Count == 0 || own.Exists(p => p.Charge is null) || active.Any(p => p.Lane == PriceLane.Unknown))
        {
            return null;
        }

        var sum = own.Sum(p => p.Charge!.Value);
        return Math.Abs(sum) <= Most ? sum : null;
    }

    // The one that came last is what made the price what it is.
    private static Cause CreateCause(IReadOnlyList<Piece> active)
    {
        var held = active.Select(p => p.Held).OrderBy(h => h.Start).ThenBy(h => h.Content.CreationTime).ThenBy(h => h.MRid, StringComparer.OrdinalIgnoreCase).Last();
        var moved = held.Start.ToUnixTimeSeconds() - held.Content.StartS;
        return new Cause
        {
            EventId = held.MRid,
            Modification = held.Content.Version,
            Priority = held.Primacy,
            RandomizedByS = moved == 0 ? null : moved,
            ReceivedAt = held.ReceivedAt,
        };
    }

    private sealed record Piece(Span Span, HeldPrice Held, PriceLane Lane, decimal? Charge);
}
