using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A flow that a client asked for, and what it is granted.</summary>
/// <param name="device">Number of the device.</param>
/// <param name="number">In its address: <c>/edev/{device}/frq/{number}</c>.</param>
/// <param name="mRid">As the client names it.</param>
/// <param name="xml">As last sent.</param>
public sealed class SimReservation(int device, int number, string mRid, XElement xml)
{
    public int Device => device;
    public int Number => number;
    public string MRid => mRid;
    public XElement Xml { get; set; } = xml;

    /// <summary>Wh; positive = charging.</summary>
    public required decimal EnergyWh { get; init; }

    /// <summary>W.</summary>
    public required decimal PowerW { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>True once the client cancelled it (requestStatus 1).</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Change it through the utility.</summary>
    public List<SimGrant> Grants { get; } = [];
}

/// <summary>A FlowReservationResponse.</summary>
/// <param name="Number">In its address: <c>/edev/{device}/frp/{Number}</c>.</param>
/// <param name="MRid">Of the event.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Start">Begin.</param>
/// <param name="End">Exclusive.</param>
/// <param name="EnergyWh">Signed as the request's.</param>
/// <param name="PowerW">Not negative.</param>
public sealed record SimGrant(int Number, string MRid, Instant Created, Instant Start, Instant End, long EnergyWh, long PowerW)
{
    public Instant? CancelledAt { get; init; }
    public Instant? SupersededAt { get; init; }

    /// <summary>currentStatus.</summary>
    public int StatusAt(Instant now) => CancelledAt is not null ? 2 : SupersededAt is not null ? 4 : Start <= now ? 1 : 0;
}
