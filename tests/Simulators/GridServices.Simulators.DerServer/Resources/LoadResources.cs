using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using static GridServices.Simulators.DerServer.Resources.SepXml;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>What a client reads of demand response.</summary>
internal static class LoadResources
{
    public static XElement Program(SimDevice d, SimLoadProgram p, Instant now) =>
        El("DemandResponseProgram", At("href", Href(d, p)),
            El("mRID", p.MRid),
            Link("EndDeviceControlListLink", $"{Href(d, p)}/edc", Listed(p, now).Count()),
            El("primacy", p.Primacy));

    public static XElement Control(SimDevice d, SimLoadProgram p, SimLoadControl c, Instant now)
    {
        var wish = c.Wish;
        return El("EndDeviceControl", At("href", $"{Href(d, p)}/edc/{c.Number}"),
            wish.ResponseRequired is null ? null : At("replyTo", $"/edev/{d.Number}/rsps/load/rsp"), At("responseRequired", wish.ResponseRequired),
            El("mRID", c.MRid),
            El("version", 0),
            El("creationTime", c.Created.ToUnixTimeSeconds()),
            El("EventStatus", El("currentStatus", c.StatusAt(now)), El("dateTime", (c.CancelledAt ?? c.Created).ToUnixTimeSeconds()), El("potentiallySuperseded", c.SupersededAt is not null)),
            El("interval", El("duration", (long)c.Length.TotalSeconds), El("start", c.Start.ToUnixTimeSeconds())),
            Opt("randomizeStart", wish.RandomizeStart),
            wish.Appliance is { } appliance ? El("ApplianceLoadReduction", El("type", appliance)) : null,
            El("deviceCategory", wish.DeviceCategory),
            El("drProgramMandatory", wish.Mandatory),
            wish.DutyCycle is { } share ? El("DutyCycle", El("normalValue", share)) : null,
            El("loadShiftForward", wish.Raise),
            wish.LoadOffset is { } offset ? El("Offset", El("loadAdjustmentPercentageOffset", offset)) : null,
            Opt("overrideDuration", wish.OverrideDuration),
            wish.CoolingSetpoint is { } degrees ? El("SetPoint", El("coolingSetpoint", degrees)) : null,
            wish.Reduction is { } reduction ? El("TargetReduction", El("type", wish.Unit), El("value", reduction)) : null);
    }

    public static XElement Sheddable(SimSheddable s)
    {
        var xml = new XElement(s.Xml);
        xml.SetAttributeValue("href", Href(s));
        return xml;
    }

    /// <summary>All that is not over, what was cancelled for five minutes more.</summary>
    public static IEnumerable<SimLoadControl> Listed(SimLoadProgram p, Instant now) =>
        p.Controls.Where(c => c.End > now && (c.CancelledAt is not { } at || at + Duration.FromMinutes(5) > now)).OrderBy(c => c.Start).ThenByDescending(c => c.Created);

    public static string Href(SimSheddable s) => $"/edev/{s.Device}/lsl/{s.Number}";

    private static string Href(SimDevice d, SimLoadProgram p) => $"/edev/{d.Number}/drp/{p.Number}";
}
