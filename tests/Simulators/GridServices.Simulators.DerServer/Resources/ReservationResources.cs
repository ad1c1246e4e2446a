using System.Globalization;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using static GridServices.Simulators.DerServer.Resources.SepXml;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>What a client reads of flow reservations.</summary>
internal static class ReservationResources
{
    public static XElement Request(SimReservation r)
    {
        var xml = new XElement(r.Xml);
        xml.SetAttributeValue("href", Href(r));
        return xml;
    }

    public static XElement Response(SimReservation r, SimGrant g, Instant now) =>
        El("FlowReservationResponse", At("href", $"/edev/{r.Device}/frp/{g.Number}"), At("replyTo", $"/edev/{r.Device}/rsps/reservation/rsp"), At("responseRequired", "03"),
            El("mRID", g.MRid),
            El("version", 0),
            El("creationTime", g.Created.ToUnixTimeSeconds()),
            El("EventStatus", El("currentStatus", g.StatusAt(now)), El("dateTime", (g.CancelledAt ?? g.SupersededAt ?? g.Created).ToUnixTimeSeconds()), El("potentiallySuperseded", false)),
            El("interval", El("duration", (long)(g.End - g.Start).TotalSeconds), El("start", g.Start.ToUnixTimeSeconds())),
            El("energyAvailable", El("multiplier", 0), El("value", g.EnergyWh)),
            El("powerAvailable", El("multiplier", 0), El("value", g.PowerW)),
            El("subject", r.MRid));

    public static string Href(SimReservation r) => string.Create(CultureInfo.InvariantCulture, $"/edev/{r.Device}/frq/{r.Number}");
}
