using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// The algebra: from the live envelopes of a site to what holds when, and by whom. Pure; no clock, no I/O.
/// <code>
///   live envelopes ─▶ one per stream ─▶ by target ─┬─ mandatory ─▶ sweep: least per quantity, AND ─▶ segments with boundBy, next
///                                                  ├─ their targets ─▶ strongest tier ─▶ clamp ────▶ setpoints with shortfallW
///                                                  └─ advisory ────────────────────────────────────▶ listed beside
/// </code>
/// </summary>
public static class EffectiveEnvelope
{
    /// <summary>Merges over [<paramref name="from"/>, <paramref name="until"/>); null = without end.</summary>
    /// <param name="siteId">The site all envelopes belong to.</param>
    /// <param name="live">
    /// Envelopes in any order. Of several revisions of one stream for one target the highest counts, so repeated and late delivery changes nothing.
    /// </param>
    /// <param name="from">Begin of the window.</param>
    /// <param name="until">End of the window, later than <paramref name="from"/>.</param>
    /// <exception cref="ArgumentException">The window is empty, or an envelope belongs to another site.</exception>
    public static EffectiveTimeline Merge(string siteId, IEnumerable<Envelope> live, Instant from, Instant? until = null)
    {
        if (until <= from)
        {
            throw new ArgumentException($"The window [{from}, {until}) is empty; until must be later than from.", nameof(until));
        }

        var targets = NewestPerStream(siteId, live)
            .GroupBy(e => e.Target)
            .OrderBy(g => g.Key.Kind)
            .ThenBy(g => g.Key.Id, StringComparer.Ordinal)
            .Select(g => MergeTarget(g.Key, g, from, until));
        return new EffectiveTimeline { SiteId = siteId, From = from, Until = until, Targets = [.. targets] };
    }

    /// <summary>The limits in force at one boundary at one instant; empty where nothing is stated.</summary>
    public static EffectiveLimits At(string siteId, IEnumerable<Envelope> live, EnvelopeTarget target, Instant at) =>
        Merge(siteId, live.Where(e => e.Target == target), at, at + Duration.Epsilon).Targets is [var only] ? only.Segments[0].Limits : EffectiveLimits.None;

    /// <summary>
    /// What a stream is taken to say when nothing was heard of it after <paramref name="lastHeard"/> (architecture law 6): its own schedule,
    /// and with <see cref="OnStale.Failsafe"/> from <paramref name="lastHeard"/> + staleAfter on the fail-safe limits in its place, without set-points.
    /// </summary>
    /// <remarks>How long fail-safe is kept and what ends it is the controller's state machine; merge the results as if they were live.</remarks>
    public static Envelope WhenSilent(Envelope envelope, Instant lastHeard)
    {
        if (envelope.Failsafe is not { OnStale: OnStale.Failsafe } failsafe)
        {
            return envelope;
        }

        var stale = lastHeard + failsafe.StaleAfter;
        var kept = envelope.Segments.Where(s => s.From < stale).Select(s => s.Until is { } until && until <= stale ? s : s with { Until = stale }).ToList();
        kept.Add(new Segment { From = stale, Limits = failsafe.Limits ?? Limits.None });
        var targets = envelope.Targets.Where(t => t.From < stale).Select(t => t.Until is { } until && until <= stale ? t : t with { Until = stale });
        return envelope with { Segments = kept, Targets = [.. targets] };
    }

    private static TargetTimeline MergeTarget(EnvelopeTarget target, IEnumerable<Envelope> envelopes, Instant from, Instant? until)
    {
        // Rank: strongest tier first, then service and key, so that ties come out the same everywhere.
        var ranked = envelopes
            .OrderBy(e => e.Tier)
            .ThenBy(e => e.Stream.Service, StringComparer.Ordinal)
            .ThenBy(e => e.Stream.Key, StringComparer.Ordinal)
            .ToLookup(e => e.Obligation);
        Envelope[] mandatory = [.. ranked[Obligation.Mandatory]];
        Binding[] streams = [.. mandatory.Select(ToBinding)];
        var segments = LimitSweep.Run(mandatory, streams, from, until);
        return new TargetTimeline
        {
            Target = target,
            Segments = segments,
            Setpoints = SetpointSweep.Run(target.Kind, mandatory, streams, segments, from, until),
            Functions = FunctionSweep.Functions(mandatory, streams, from, until),
            Ramps = FunctionSweep.Ramps(mandatory, streams, from, until),
            Advisory = [.. ranked[Obligation.Advisory].Select(e => Advice.ToTimeline(e, ToBinding(e), from, until))],
        };
    }

    private static Dictionary<StreamKey, Envelope>.ValueCollection NewestPerStream(string siteId, IEnumerable<Envelope> live)
    {
        var newest = new Dictionary<StreamKey, Envelope>();
        foreach (var envelope in live)
        {
            if (!string.Equals(envelope.SiteId, siteId, StringComparison.Ordinal))
            {
                throw new ArgumentException($"Envelope {envelope.EnvelopeId} belongs to site {envelope.SiteId}, not {siteId}.", nameof(live));
            }

            var key = StreamKey.From(envelope);
            if (!newest.TryGetValue(key, out var held) || envelope.Revision > held.Revision)
            {
                newest[key] = envelope;
            }
        }

        return newest.Values;
    }

    private static Binding ToBinding(Envelope envelope) => new(envelope.Stream.Service, envelope.Stream.Key, envelope.EnvelopeId, envelope.Tier);
}
