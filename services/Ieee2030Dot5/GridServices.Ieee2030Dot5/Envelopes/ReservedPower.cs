using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>What reservations state at the site.</summary>
/// <param name="Target">The storage.</param>
/// <param name="Key">Of the stream.</param>
/// <param name="Statement">From now on.</param>
public sealed record ReservedStream(EnvelopeTarget Target, string Key, StreamStatement Statement);

/// <summary>
/// Reservations as limits of charging and discharging: within the windows asked for flows what was granted, and nothing before it was or after it is used up.
/// </summary>
internal static class ReservedPower
{
    internal const string ProgramKey = "flow-reservation";

    /// <param name="config">The device's.</param>
    /// <param name="reservations">As they stand.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="offset">Server time minus that of the machine, by which a reservation is asked for.</param>
    /// <returns>Null: nothing is stated from now on.</returns>
    public static ReservedStream? CreateStream(DerScheduleConfig config, IReadOnlyList<Reservation> reservations, Instant now, Duration offset)
    {
        var flows = reservations.Where(r => r.IsActive()).Select(r => new Flow(r, offset)).ToList();
        var bounds = flows.SelectMany(f => f.Bounds).Distinct().Order().ToList();
        var segments = bounds.Zip(bounds.Skip(1)).Where(b => b.Second > now).Select(b => CreateSegment(flows, b.First, b.Second)).OfType<Segment>();

        // So few stand at once, with so few grants, that nothing need be made coarser.
        var joined = SegmentCoarsening.Limits(SegmentJoin.Run([.. segments]));
        var statement = new StreamStatement
        {
            Tier = config.Tier,
            Obligation = config.Obligation,
            Segments = joined.Segments.ToValueList(),
            Targets = [],
            Failsafe = config.Failsafe ?? new Failsafe { StaleAfter = config.StaleAfter, OnStale = OnStale.HoldSchedule },
            Provenance = new Provenance { Protocol = DerEnvelopes.Protocol, Authority = config.Lfdi, Program = ProgramKey },
        }.Ahead(now);
        return statement.Segments.Count == 0 ? null
            : new ReservedStream(LimitMapping.GetTarget(config, ControlMode.StorageTargetW), StreamKeys.For(config, ProgramKey), statement);
    }

    private static Segment? CreateSegment(List<Flow> flows, Instant from, Instant until)
    {
        var active = flows.Where(f => f.IsAsked(from) || f.GrantedAt(from) is not null).ToList();
        return active.Count == 0 ? null : new Segment
        {
            From = from,
            Until = until,
            Limits = new Limits { ChargeLimitW = Sum(active, from, charges: true), DischargeLimitW = Sum(active, from, charges: false) },
            Cause = CreateCause(active, from),
        };
    }

    // Flows that were granted apart add up.
    private static long? Sum(List<Flow> active, Instant at, bool charges) =>
        active.Any(f => f.Charges == charges) ? active.Where(f => f.Charges == charges).Sum(f => f.GrantedAt(at)?.PowerW ?? 0) : null;

    private static Cause CreateCause(List<Flow> active, Instant at) => active.Select(f => f.GrantedAt(at)).FirstOrDefault(g => g is not null) is { } grant
        ? new Cause { EventId = grant.MRid, Modification = grant.Version is >= 0 ? grant.Version : null, ReceivedAt = grant.ReceivedAt }
        : new Cause { EventId = active[0].MRid };

    /// <summary>A reservation in server time.</summary>
    private sealed class Flow(Reservation reservation, Duration offset)
    {
        private readonly Instant from = reservation.From + offset;
        private readonly Instant until = reservation.Until + offset;
        private readonly List<(Instant From, Instant Until, Grant Grant)> grants =
            [.. reservation.Grants.Where(g => !g.IsRefused).Select(g => (From: g.From(), Until: GrantLife.UsedUp(reservation, g), g)).Where(g => g.From < g.Until)];

        public string MRid => reservation.MRid;

        // IEEE 2030.5 FlowReservationRequest.energyRequested: positive charges, negative discharges.
        public bool Charges => reservation.EnergyWh > 0;

        public IEnumerable<Instant> Bounds => grants.SelectMany(g => new[] { g.From, g.Until }).Concat([from, until]);

        public bool IsAsked(Instant at) => from <= at && at < until;

        public Grant? GrantedAt(Instant at) => grants.Where(g => g.From <= at && at < g.Until).Select(g => g.Grant).FirstOrDefault();
    }
}
