using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>
/// The envelopes of a contract: its room at the connection as limits of the site, and what its pool is asked to do as targets of the pool.
/// Id and revision are still to be given.
/// </summary>
internal static class EnvelopeComposer
{
    private static readonly Duration StaleAfter = Duration.FromMinutes(2);

    /// <param name="spec">The contract's pool.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="site">Every contract of the site with what it responds with now, W, + = raise.</param>
    /// <param name="now">What the pool is asked to do now; null = nothing beyond its baseline.</param>
    /// <param name="at">When.</param>
    /// <param name="moves">Moves of the baseline that are decided.</param>
    /// <returns>The envelopes, and what of them could not be stated exactly, for people.</returns>
    public static (IReadOnlyList<Envelope> Envelopes, string? Coarsened) Compose(
        PoolSpec spec, PoolContract contract, IReadOnlyList<(PoolContract Contract, double ResponseW)> site, PoolTarget? now, Instant at, IReadOnlyList<BaselinePeriod> moves)
    {
        var boundary = PoolTargets.GetBoundary(spec, contract);
        var room = Reservations.Compute(contract, site, at);
        var targets = SegmentCoarsening.Targets(
            contract.Settings.Delivery == DeliveryKind.Droop ? PoolTargets.Droops(spec, contract, at) : PoolTargets.Setpoints(spec, contract, now, at, moves), now: at);
        var coarsened = room.Describe("limits") ?? targets.Describe("targets");
        var envelopes = new List<Envelope>();
        var connection = new EnvelopeTarget(TargetKind.Site, spec.SiteId);
        if (boundary == connection)
        {
            envelopes.Add(Envelope(spec, contract, boundary, room.Segments, targets.Segments));
            return (envelopes, coarsened);
        }

        if (room.Segments.Count > 0)
        {
            envelopes.Add(Envelope(spec, contract, connection, room.Segments, []));
        }

        envelopes.Add(Envelope(spec, contract, boundary, [], targets.Segments));
        return (envelopes, coarsened);
    }

    private static Envelope Envelope(PoolSpec spec, PoolContract contract, EnvelopeTarget target, IReadOnlyList<Segment> segments, IReadOnlyList<TargetSegment> targets) => new()
    {
        EnvelopeId = Guid.Empty,
        Revision = 1,
        SiteId = spec.SiteId,
        Target = target,
        Stream = new StreamId(OtherLimits.OurService, contract.Key),
        Tier = contract.Settings.Tier,
        Obligation = Obligation.Mandatory,
        Segments = segments,
        Targets = targets,

        // The room stays reserved while the line is down; targets lapse by themselves.
        Failsafe = new Failsafe { StaleAfter = StaleAfter, OnStale = OnStale.HoldSchedule },
        Provenance = new Provenance { Protocol = "frequency response", Authority = contract.Service.Id, Program = contract.Service.Name },
    };
}
