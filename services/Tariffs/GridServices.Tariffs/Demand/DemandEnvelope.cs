using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>How a site wants its demand charges turned into limits.</summary>
public sealed record DemandEnvelopePolicy
{
    public required string SiteId { get; init; }

    public StreamId Stream { get; init; } = new("tariff", "peak-cap");

    /// <summary>Advisory (with the price of a breach) unless the site has asked for a hard cap.</summary>
    public Obligation Obligation { get; init; } = Obligation.Advisory;

    /// <summary>A meter silent for longer is not trusted.</summary>
    public Duration StaleAfter { get; init; } = Duration.FromMinutes(2);

    /// <summary>Import allowed while the meter is silent; absent = no statement then.</summary>
    public decimal? FailsafeKw { get; init; }

    /// <summary>The connection's rating: a limit at or above it says nothing and is left out.</summary>
    public decimal? PhysicalKw { get; init; }
}

/// <summary>The limit that keeps every demand charge of a site at what is paid for anyway.</summary>
public static class DemandEnvelope
{
    /// <summary>
    /// One limit from <paramref name="now"/> to the end of the window that binds: the smallest headroom of all charges. It is issued again with every
    /// sample, so it never outlives its window. A stale meter gives the fail-safe limit. Null = nothing to state.
    /// </summary>
    public static Envelope? Of(IReadOnlyList<DemandState> states, CompiledTariff tariff, DemandEnvelopePolicy policy, Guid id, long revision, Instant now)
    {
        var live = states.Where(s => s.Period is not null).ToArray();
        if (live.Length == 0)
        {
            return null;
        }

        return Array.Exists(live, s => s.IsStale(now, policy.StaleAfter))
            ? Stale(live, tariff, policy, id, revision, now)
            : Bound(live.MinBy(s => s.Headroom.AllowableKw)!, tariff, policy, id, revision, now);
    }

    private static Envelope? Bound(DemandState binding, CompiledTariff tariff, DemandEnvelopePolicy policy, Guid id, long revision, Instant now) =>
        binding.Headroom.AllowableKw >= policy.PhysicalKw || binding.WindowEnd <= now
            ? null
            : Envelope(Limit(now, binding.WindowEnd, binding.Headroom.AllowableKw, binding.Charge), binding, tariff, policy, id, revision);

    private static Envelope? Stale(DemandState[] states, CompiledTariff tariff, DemandEnvelopePolicy policy, Guid id, long revision, Instant now) => policy.FailsafeKw is { } kw
        ? Envelope(Limit(now, until: null, kw, $"{states[0].Charge}: meter silent since {states.Min(s => s.AsOf)}"), states.MaxBy(s => s.MarginalPrice)!, tariff, policy, id, revision)
        : null;

    /// <summary>Watts toward zero (architecture law 1): a fraction of a watt is never allowed on top.</summary>
    private static Segment Limit(Instant from, Instant? until, decimal kw, string cause) => new()
    {
        From = from,
        Until = until,
        Limits = new Limits { ImportLimitW = (long)decimal.Truncate(kw * 1000) },
        Cause = new Cause { EventId = cause },
    };

    private static Envelope Envelope(Segment segment, DemandState binding, CompiledTariff tariff, DemandEnvelopePolicy policy, Guid id, long revision) => new()
    {
        EnvelopeId = id,
        Revision = revision,
        SiteId = policy.SiteId,
        Target = new EnvelopeTarget(TargetKind.Site, policy.SiteId),
        Stream = policy.Stream,
        Tier = Tier.Economic,
        Obligation = policy.Obligation,
        BreachPrice = policy.Obligation == Obligation.Advisory ? new BreachPrice(binding.MarginalPrice, tariff.Source.Currency, BreachUnit.Kw) : null,
        Segments = [segment],
        Failsafe = policy.FailsafeKw is { } kw
            ? new Failsafe { StaleAfter = policy.StaleAfter, OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = (long)decimal.Truncate(kw * 1000) } }
            : null,
        Provenance = new Provenance { Protocol = "tariff", Authority = $"{tariff.Source.Id} {tariff.Source.Version} sha256:{tariff.Hash}" },
    };
}
