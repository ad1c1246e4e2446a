using System.Globalization;
using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>Flow reservations: asked for by clients, granted by the tester.</summary>
public sealed partial class SimulatedUtility
{
    private readonly List<SimReservation> reservations = [];

    /// <summary>All that were ever asked for.</summary>
    public IReadOnlyList<SimReservation> Reservations => Locked(() => reservations.ToList());

    /// <summary>Answers a request. What was granted of it before and overlaps is superseded.</summary>
    public SimGrant Grant(SimReservation reservation, Instant start, Duration length, long powerW, long energyWh) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(reservation);
        var begin = Instant.FromUnixTimeSeconds(start.ToUnixTimeSeconds());
        var grant = new SimGrant(++counter, NextMRid('5'), Now, begin, begin + length, energyWh, powerW);
        for (var i = 0; i < reservation.Grants.Count; i++)
        {
            var before = reservation.Grants[i];
            var overlaps = before.Start < grant.End && grant.Start < before.End;
            reservation.Grants[i] = overlaps && before.CancelledAt is null ? before with { SupersededAt = before.SupersededAt ?? Now } : before;
        }

        issued.Add(grant.MRid);
        reservation.Grants.Add(grant);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"Device {reservation.Device}: granted {powerW} W, {energyWh} Wh from {begin:HH:mm:ss} for {length.TotalSeconds} s"));
        return grant;
    });

    /// <summary>Cancels what was granted.</summary>
    public void CancelGrants(SimReservation reservation) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(reservation);
        CancelAll(reservation);
        return 0;
    });

    private SimReply Reserve(SimRequest request, SimDevice d)
    {
        var posted = Posted.Read(request, xml, "FlowReservationRequest");
        var mrid = posted.MRid();
        if (reservations.Exists(r => r.Device == d.Number && string.Equals(r.MRid, mrid, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ProblemException(409, $"reservation {mrid} was asked for before", reasonCode: 0);
        }

        if (ReadStatus(posted) != 0)
        {
            throw new ProblemException(400, "a new request has requestStatus 0");
        }

        var made = ReadReservation(posted, d, mrid);
        reservations.Add(made);
        log.Write($"Device {d.Number}: asks for {made.EnergyWh} Wh at {made.PowerW} W from {made.From:HH:mm:ss} to {made.Until:HH:mm:ss}");
        return Created(ReservationResources.Href(made));
    }

    private SimReply ChangeReservation(SimRequest request, SimDevice d, int number)
    {
        var held = reservations.Find(r => r.Device == d.Number && r.Number == number) ?? throw Missing();
        var posted = Posted.Read(request, xml, "FlowReservationRequest");
        if (!string.Equals(posted.MRid(), held.MRid, StringComparison.OrdinalIgnoreCase) || ReadStatus(posted) != 1)
        {
            throw new ProblemException(400, "a request can be cancelled (requestStatus 1), and not be changed otherwise");
        }

        held.Xml = posted.Root;
        held.IsCancelled = true;
        CancelAll(held);
        log.Write($"Device {d.Number}: withdraws reservation {held.MRid[^12..]}");
        return new SimReply(204);
    }

    private SimReservation ReadReservation(Posted posted, SimDevice d, string mrid)
    {
        posted.Number("creationTime");
        var interval = Child(posted, "intervalRequested");
        var (energy, power) = (Posted.Amount(Child(posted, "energyRequested"))!.Value, Posted.Amount(Child(posted, "powerRequested"))!.Value);
        var from = Instant.FromUnixTimeSeconds(Posted.Number(interval, "start"));
        var length = Posted.Number(interval, "duration");
        return energy != 0 && power > 0 && length > 0
            ? new SimReservation(d.Number, ++counter, mrid, posted.Root) { EnergyWh = energy, PowerW = power, From = from, Until = from + Duration.FromSeconds(length) }
            : throw new ProblemException(400, "energyRequested is not 0, powerRequested and the interval are more than 0");
    }

    private static long ReadStatus(Posted posted) => Posted.Number(Child(posted, "RequestStatus"), "requestStatus");

    private static System.Xml.Linq.XElement Child(Posted posted, string name) =>
        posted.Root.Elements().FirstOrDefault(e => e.Name.LocalName == name) ?? throw new ProblemException(400, $"{posted.Name} lacks {name}");

    private void CancelAll(SimReservation reservation)
    {
        for (var i = 0; i < reservation.Grants.Count; i++)
        {
            reservation.Grants[i] = reservation.Grants[i] with { CancelledAt = reservation.Grants[i].CancelledAt ?? Now };
        }
    }

    private IEnumerable<SimReservation> GetReservations(SimDevice d) => reservations.Where(r => r.Device == d.Number);
}
