using System.Globalization;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// Makes a schedule fit into the number of segments that the contract takes, never by allowing or asking more.
/// <code>
///   limits   60 ├──┤ 40 ├──┤ gap ├──┤ 50    two joined hold the tighter of both, over a gap also the limits that hold there
///   targets  +5 ├──┤ +3 ├──┤ -2             two joined ask the power nearer to 0 W; of opposite signs 0 W
///   prices                                   two joined cost the dearer import and earn the lower export
/// </code>
/// </summary>
/// <remarks>
/// Joined first is what changes least (by how much, times how long); of equals what is furthest ahead, so that the near future stays exact.
/// Limits can always be joined. Targets and prices are joined only where they touch; where that is not enough those furthest ahead are left out,
/// and counted.
/// </remarks>
public static class SegmentCoarsening
{
    /// <summary>The most segments, and the most targets, that an envelope or a price series may have.</summary>
    public const int Most = EnvelopeReader.MaxSegments;

    // What a limit weighs that was not stated before, or a switch that opens: more than any other change.
    private const double NewLimitW = 1e9;
    private const double VoltsPerPhase = 230;

    /// <param name="segments">Ascending, not overlapping.</param>
    /// <param name="between">Limits that hold in gaps; null = nothing is stated there.</param>
    /// <param name="most">From 1.</param>
    public static CoarseSchedule<Segment> Limits(IReadOnlyList<Segment> segments, Limits? between = null, int most = Most)
    {
        var gaps = (between ?? Contracts.Limits.None).Canonical();
        return Fit(segments, most, (a, b) => TryMerge(a, b, gaps));
    }

    /// <param name="targets">Ascending, not overlapping.</param>
    /// <param name="most">From 1.</param>
    /// <param name="now">A target that begins until then is stated as it is; null = any may be joined.</param>
    public static CoarseSchedule<TargetSegment> Targets(IReadOnlyList<TargetSegment> targets, int most = Most, Instant? now = null) => Fit(targets, most, (a, b) =>
    {
        if (a.From <= now || a.Until != b.From || a.TargetW is not { } one || b.TargetW is not { } other)
        {
            return null;
        }

        var watts = one < 0 != other < 0 ? 0 : Math.Abs(one) <= Math.Abs(other) ? one : other;
        var cost = (Seconds(a) * Math.Abs(one - watts)) + (Seconds(b) * Math.Abs(other - watts));
        return (a with { Until = b.Until, TargetW = watts, Cause = watts == other && watts != one ? b.Cause : a.Cause }, cost);
    });

    /// <param name="prices">Ascending, not overlapping.</param>
    /// <param name="most">From 1.</param>
    public static CoarseSchedule<PriceSegment> Prices(IReadOnlyList<PriceSegment> prices, int most = Most) => Fit(prices, most, static (a, b) =>
    {
        if (a.Until != b.From || a.ImportPrice is null != b.ImportPrice is null || a.ExportPrice is null != b.ExportPrice is null)
        {
            return null;
        }

        var (import, export) = (a.ImportPrice > b.ImportPrice ? a.ImportPrice : b.ImportPrice, a.ExportPrice < b.ExportPrice ? a.ExportPrice : b.ExportPrice);
        var joined = a with { Until = b.Until, ImportPrice = import, ExportPrice = export };
        return (joined, (Seconds(a) * Dearer(a)) + (Seconds(b) * Dearer(b)));

        double Dearer(PriceSegment was) => (double)((import - was.ImportPrice ?? 0) + (was.ExportPrice - export ?? 0));
    });

    private static CoarseSchedule<T> Fit<T>(IReadOnlyList<T> segments, int most, Func<T, T, (T, double)?> join)
        where T : ISegment<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (segments.Count <= most)
        {
            return new CoarseSchedule<T>(segments, 0, 0);
        }

        var joined = CheapestJoins.Run(segments, most, join);
        var kept = joined.Count <= most ? joined : joined[..most];
        return new CoarseSchedule<T>(kept, segments.Count - joined.Count, joined.Count - kept.Count);
    }

    private static (Segment, double)? TryMerge(Segment a, Segment b, Limits gaps)
    {
        var limits = a.Limits.Intersect(b.Limits);
        var gap = a.Until < b.From ? (b.From - a.Until!.Value).TotalSeconds : 0;
        limits = gap > 0 ? limits.Intersect(gaps) : limits;
        var joined = a with
        {
            Until = b.Until,
            Limits = limits,
            Cause = a.Limits.Canonical() != limits && b.Limits.Canonical() == limits ? b.Cause : a.Cause,
            Bridged = a.Bridged ?? b.Bridged,
        };
        var resets = a.Functions == b.Functions || (a.Functions?.Equals(b.Functions) ?? false) ? 0 : NewLimitW * (Seconds(b) + gap);
        return (joined, (Seconds(a) * Tighter(a.Limits, limits)) + (Seconds(b) * Tighter(b.Limits, limits)) + (gap > 0 ? gap * Tighter(gaps, limits) : 0) + resets);
    }

    private static double Tighter(Limits was, Limits limits) =>
        Less(was.ImportLimitW, limits.ImportLimitW) + Less(was.ExportLimitW, limits.ExportLimitW) + Less(was.ChargeLimitW, limits.ChargeLimitW)
        + Less(was.DischargeLimitW, limits.DischargeLimitW) + Less(was.GenerationLimitW, limits.GenerationLimitW) + Less(was.LoadLimitW, limits.LoadLimitW)
        + Less(was.PerPhase?.L1, limits.PerPhase?.L1) + Less(was.PerPhase?.L2, limits.PerPhase?.L2) + Less(was.PerPhase?.L3, limits.PerPhase?.L3)
        + (was.Connect == limits.Connect ? 0 : NewLimitW) + (was.Energize == limits.Energize ? 0 : NewLimitW);

    private static double Less(PhaseLimit? was, PhaseLimit? limit) =>
        VoltsPerPhase * (Less(was?.ImportLimitA, limit?.ImportLimitA) + Less(was?.ExportLimitA, limit?.ExportLimitA));

    private static double Less(decimal? was, decimal? limit) => limit is null ? 0 : was is null ? NewLimitW : (double)(was.Value - limit.Value);

    private static double Seconds<T>(T segment)
        where T : ISegment<T> => ((segment.Until ?? Instant.MaxValue) - segment.From).TotalSeconds;
}

/// <summary>A schedule that fits.</summary>
/// <param name="Segments">What is left of it.</param>
/// <param name="Joined">So many segments fewer by joining neighbours.</param>
/// <param name="LeftOut">So many could not be joined and are not stated.</param>
public sealed record CoarseSchedule<T>(IReadOnlyList<T> Segments, int Joined, int LeftOut)
{
    /// <summary>For people; null when every segment is stated as it was.</summary>
    /// <param name="what">e.g. <c>limits</c>.</param>
    public string? Describe(string what) => Joined + LeftOut == 0 ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"{Segments.Count + Joined + LeftOut} segments of {what} are more than an envelope takes; {Joined} were joined with a neighbour on the safe side{(LeftOut == 0 ? string.Empty : $", {LeftOut} are left out")}");
}
