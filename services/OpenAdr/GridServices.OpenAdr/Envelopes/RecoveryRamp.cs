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

        List<Said> pieces = [.. limits.Select(s => new Said(s, null, 0, Limits.None, s)), .. ramps.OrderBy(r => r.From).Select((r, i) => new Said(null, r, i, r.Limits, r))];
        return [.. SegmentFold.Run(pieces, p => (p.Piece.From, p.Piece.Until), (a, b) => a.And(b)).Select(s => Both(s.From, s.Until, s.Together))];
    }

    private Segment Both(Instant from, Instant? until, Said said)
    {
        var without = said.Stated?.Limits ?? normal;
        var all = said.Ramp is null ? without : without.Intersect(said.Ramps);
        var by = said.Stated is { } stated && (all == without || said.Ramp is null) ? stated : said.Ramp!;
        return by with { From = from, Until = until, Limits = all };
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
        ({ } low, { } high) when high > low => Watts.Truncate(low + ((high - low) * rise.Part / rise.Of)),
        _ => from,
    };

    /// <summary>What holds at once: one segment that is stated at most, and ramps.</summary>
    /// <param name="Stated">Null: none.</param>
    /// <param name="Ramp">The ramp that began first; null: none.</param>
    /// <param name="Order">Of that ramp.</param>
    /// <param name="Ramps">The limits of all ramps together.</param>
    /// <param name="Piece">Of one alone: its times.</param>
    private sealed record Said(Segment? Stated, Segment? Ramp, int Order, Limits Ramps, Segment Piece)
    {
        public Said And(Said other)
        {
            var first = Ramp is null ? other : other.Ramp is null || Order < other.Order ? this : other;
            return new Said(Stated ?? other.Stated, first.Ramp, first.Order, Ramps.Intersect(other.Ramps), Piece);
        }
    }
}
