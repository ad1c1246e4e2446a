using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Signals;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>The limits of a program after the end of an event: for a site's share of the random time as before, then rising step by step.</summary>
/// <param name="policy">The program's recovery.</param>
/// <param name="otherwise">The program's default, which holds where no event does.</param>
/// <param name="fullPowerW">Where limits of consumption rise to that the default does not state, W; null: nowhere.</param>
/// <param name="siteSlot">The site's slot of <see cref="RecoveryShares"/>.</param>
internal sealed class RecoveryRamp(RecoveryPolicy policy, Limits? otherwise, long? fullPowerW, int siteSlot)
{
    private readonly Limits normal = otherwise ?? Limits.None;

    /// <summary>The schedule with a ramp after each end; never looser than <paramref name="limits"/> at any instant.</summary>
    /// <param name="limits">Ascending, not overlapping; it still holds the time before the ends.</param>
    /// <param name="events">The events that <paramref name="limits"/> are of.</param>
    public IReadOnlyList<Segment> Over(IReadOnlyList<Segment> limits, IEnumerable<HeldEvent> events)
    {
        var ramps = events.SelectMany(e => e.End() is { } end ? After(limits, e, end) : []).ToList();
        if (ramps.Count == 0)
        {
            return limits;
        }

        var pieces = limits.Select(s => (Segment: s, IsRamp: false)).Concat(ramps.Select(s => (Segment: s, IsRamp: true)));
        return [.. SegmentSweep.Run(pieces, p => (p.Segment.From, p.Segment.Until)).Select(Both)];
    }

    private Segment Both(SweptSpan<(Segment Segment, bool IsRamp)> span)
    {
        var stated = span.Active.FirstOrDefault(p => !p.IsRamp).Segment;
        var ramps = span.Active.Where(p => p.IsRamp).Select(p => p.Segment).ToList();
        var without = stated?.Limits ?? normal;
        var all = ramps.Aggregate(without, (limits, ramp) => limits.Intersect(ramp.Limits));
        var by = stated is not null && (all == without || ramps.Count == 0) ? stated : ramps[0];
        return by with { From = span.From, Until = span.Until, Limits = all };
    }

    private IEnumerable<Segment> After(IReadOnlyList<Segment> limits, HeldEvent held, Instant end)
    {
        var before = limits.FirstOrDefault(s => s.From < end && !(s.Until < end));
        var after = limits.FirstOrDefault(s => s.From <= end && !(s.Until <= end))?.Limits ?? normal;
        if (before is null || after.Intersect(before.Limits) == after)
        {
            yield break;
        }

        var rises = end + Duration.FromSeconds(policy.RandomSeconds * (long)RecoveryShares.Between(siteSlot, held.Id) / RecoveryShares.Last);
        var seconds = policy.SecondsAfter(held.Event);
        if (rises > end)
        {
            yield return before with { From = end, Until = rises };
        }

        var steps = policy.Shape == RecoveryShape.Hold ? 1 : policy.Steps;
        for (var i = 0; i < steps; i++)
        {
            // A step says what the line says where the step begins: below the line throughout.
            var (from, until) = (rises + At(i), rises + At(i + 1));
            if (from < until)
            {
                yield return before with { From = from, Until = until, Limits = Risen(before.Limits, i, steps) };
            }
        }

        // In whole seconds, as the contract's times are.
        Duration At(int step) => Duration.FromSeconds(seconds * step / steps);
    }

    private Limits Risen(Limits from, int step, int steps)
    {
        (decimal Part, decimal Of) rise = policy.Shape == RecoveryShape.SlowStart ? (step * step, steps * steps) : (step, steps);
        return new Limits
        {
            ImportLimitW = Risen(from.ImportLimitW, normal.ImportLimitW ?? fullPowerW, rise),
            LoadLimitW = Risen(from.LoadLimitW, normal.LoadLimitW ?? fullPowerW, rise),
            ChargeLimitW = Risen(from.ChargeLimitW, normal.ChargeLimitW ?? fullPowerW, rise),
            ExportLimitW = Risen(from.ExportLimitW, normal.ExportLimitW, rise),
            DischargeLimitW = Risen(from.DischargeLimitW, normal.DischargeLimitW, rise),
            GenerationLimitW = Risen(from.GenerationLimitW, normal.GenerationLimitW, rise),

            // Nothing says where amperes would rise to. Being connected is no matter of more or less: it comes back after the random share.
            PerPhase = from.PerPhase,
        };
    }

    private static long? Risen(long? from, long? to, (decimal Part, decimal Of) rise) => (from, to) switch
    {
        ({ } low, { } high) when high > low => Watts.Whole(low + ((high - low) * rise.Part / rise.Of)),
        _ => from,
    };
}
